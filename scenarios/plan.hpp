// `windtunnel plan`: what can be said of a scenario without simulating: does each plan fit in
// memory, what is a step made of, what does it cost without failures (a lower bound: no bring-up,
// no checkpoints, no storage).
#pragma once

#include <string>
#include <vector>

#include "models/catalog/catalog.hpp"
#include "scenarios/report/report.hpp"
#include "scenarios/scenario.hpp"

namespace windtunnel::scenarios {

struct JobPlan {
  std::string name, model, instance_type, gpu, plan;
  int nodes = 0, gpus = 0;
  int data = 1;     ///< data-parallel size
  double steps = 0; ///< optimizer steps
  training::StepEstimate step;
  std::optional<training::MemoryVerdict> memory; ///< absent for diffusion models
  Time ideal_duration{};                         ///< steps x step time, nothing else
  Money ideal_compute{};                         ///< its nodes for that long
};

struct PlanReport {
  std::string scenario, region, version;
  std::vector<JobPlan> jobs{};
  std::vector<Assumption> assumptions{};
  std::vector<std::string> warnings{};
};

/// "TP8 PP4 VP5 zero1 mbs1 recompute-selective bf16".
std::string plan_text(const TrainingWorkload& workload);

/// Throws InputError when check(scenario) finds problems other than memory.
PlanReport plan(const Scenario& scenario, const catalog::Catalog& catalog);
std::string render(const PlanReport& report, Format format, const RenderOptions& options = {});

} // namespace windtunnel::scenarios
