// World: a scenario on the clock. WorldPlan holds what all replications share (computed once:
// steps, checkpoints, profiles); simulate(i) builds pools, jobs and workloads of the caller's own
// on a Simulation and runs them. The nodes of a pool are given back when its last user has ended,
// those of a pool nobody uses with the last of all.
//
// Uncertain inputs (the fleet's failure rate, the step model's error) are drawn once for each pair
// of replications, so that the share of the spread they cause can be told from chance
// (distribution.hpp).
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "libsim/trace/timeline.hpp"
#include "models/catalog/catalog.hpp"
#include "models/failures/failure_law.hpp"
#include "models/failures/failure_profile.hpp"
#include "models/training/checkpoint.hpp"
#include "models/training/step_model.hpp"
#include "models/training/training_job.hpp"
#include "models/usage/usage.hpp"
#include "scenarios/scenario.hpp"
#include "scenarios/workload.hpp"

namespace windtunnel::scenarios {

struct JobResult {
  training::TrainingJob::Result job;
  double step_factor = 1; ///< drawn: actual step / estimated step
  Time checkpoint_interval{};
};

/// Of a workload of the caller's own.
struct WorkloadResult {
  Time finished{};
  usage::NodeTime nodes;
};

struct WorldResult {
  usage::Usage usage;
  std::vector<JobResult> jobs;           ///< as scenario.workloads
  std::vector<WorkloadResult> workloads; ///< as the caller's own
  std::uint64_t events = 0;              ///< fired by the engine
};

/// A workload as the simulation needs it.
struct JobSetup {
  std::string name;
  std::size_t pool = 0; ///< index into scenario.node_pools
  int nodes = 0, gpus_per_node = 0;
  std::int64_t steps = 0;
  training::StepEstimate step;
  training::CheckpointCost checkpoint;
  double parameters = 0;
  failures::FailureProfile profile; ///< what interrupts it, spot reclaims included
};

/// Consecutive replications that draw the same priors and differ in chance alone.
inline constexpr int replications_per_prior = 2;

class WorldPlan {
public:
  /// The scenario must be valid, and so must what the caller brings (check() in runner.hpp). `law`
  /// overrides the scenario's failure law when set.
  WorldPlan(const Scenario& scenario, const catalog::Catalog& catalog, failures::LawFactory law,
            std::vector<CustomWorkload> workloads = {});

  /// One replication; records what happened to `timeline` when given. The result is the same.
  /// Throws SimulationError when the caller's law or a workload breaks its contract, or a process
  /// waits for ever.
  WorldResult simulate(int replication, trace::Timeline* timeline = nullptr) const;
  const std::vector<JobSetup>& jobs() const { return jobs_; }
  const std::vector<CustomWorkload>& workloads() const { return workloads_; }

private:
  training::TrainingJob::Config configure(const JobSetup& setup, double rate_factor,
                                          double step_factor, std::size_t index) const;
  usage::Usage usage_of(const WorldResult& result,
                        const std::vector<std::unique_ptr<eks::NodePool>>& pools) const;

  const Scenario& scenario_;
  failures::LawFactory law_;
  std::vector<JobSetup> jobs_;
  std::vector<CustomWorkload> workloads_;
};

} // namespace windtunnel::scenarios
