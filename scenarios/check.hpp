// check(): rules across the fields of a Scenario, and the hardware and prices its names stand for.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "libsim/base/error.hpp"
#include "models/catalog/catalog.hpp"
#include "models/training/memory.hpp"
#include "models/training/step_model.hpp"
#include "scenarios/scenario.hpp"

namespace windtunnel::scenarios {

/// Every problem found, with the JSON pointer it would have in a file: unknown instance types,
/// models, storages; GPUs not divisible by the plan; plans that do not fit in memory; prices that
/// are unknown and not given. Empty: the scenario can run.
enum class MemoryRule { must_fit, ignore };
std::vector<Issue> check(const Scenario& scenario, const catalog::Catalog& catalog,
                         MemoryRule memory = MemoryRule::must_fit);
/// Throws InputError("scenario", check(...)) unless it is empty.
void require_valid(const Scenario& scenario, const catalog::Catalog& catalog);

/// GPUs and fabric of `nodes` nodes of an instance type. Throws ModelError when it has no GPU.
training::System system_of(const catalog::InstanceType& type, int nodes,
                           const catalog::Catalog& catalog);
int nodes_of(const TrainingWorkload& workload, const Scenario& scenario);
/// Setup of the step model for a language-model workload (names must be valid).
training::StepSetup step_setup(const TrainingWorkload& workload, const Scenario& scenario,
                               const catalog::Catalog& catalog);
training::DiffusionSetup diffusion_setup(const TrainingWorkload& workload, const Scenario& scenario,
                                         const catalog::Catalog& catalog);
bool is_diffusion(const TrainingWorkload& workload, const catalog::Catalog& catalog);
/// The step, by the user's measurement, else by the model.
training::StepEstimate step_of(const TrainingWorkload& workload, const Scenario& scenario,
                               const catalog::Catalog& catalog);

/// A price the ledger uses, and who says so.
struct ResolvedPrice {
  Money usd{};        ///< per `unit`
  std::string unit{}; ///< "instance-hour", "GB-month", "cluster-hour"
  std::string source{}, date{}, method{}, note{};
  bool estimated = false;
};
/// nullopt: unknown, and the scenario does not give it.
std::optional<ResolvedPrice> price_of(const NodePool& pool, const Scenario& scenario,
                                      const catalog::Catalog& catalog);
std::optional<ResolvedPrice> price_of(const Storage& storage, const Scenario& scenario,
                                      const catalog::Catalog& catalog);
std::optional<ResolvedPrice> control_plane_price(const Scenario& scenario,
                                                 const catalog::Catalog& catalog);

} // namespace windtunnel::scenarios
