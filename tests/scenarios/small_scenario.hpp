// A small cluster and a short job, for tests of what a caller brings to run().
#pragma once

#include <string>
#include <vector>

#include "models/catalog/catalog.hpp"
#include "scenarios/runner.hpp"

namespace windtunnel::scenarios {

inline const catalog::Catalog& shelf() { return catalog::Catalog::builtin(); }

/// A pool of eight nodes and a spare, a pool of two cheap ones, nothing to run.
inline Scenario cluster() {
  return {.name = "own",
          .region = "us-east-1",
          .node_pools = {{.name = "gpu", .instance_type = "p5.48xlarge", .count = 8, .spares = 1},
                         {.name = "small", .instance_type = "p4d.24xlarge", .count = 2}},
          .storage = {{.name = "bucket", .kind = "s3", .tier = "standard"}},
          .failures = {.profile = "llama3-h100"},
          .replications = 6,
          .seed = 3};
}

/// The same with a training job of 1,000 steps of 10 s on four nodes.
inline Scenario training() {
  Scenario s = cluster();
  s.workloads = {
      {.name = "pretrain",
       .model = "llama-3.1-8b",
       .framework = "fsdp",
       .node_pool = "gpu",
       .nodes = 4,
       .tokens = 1000.0 * 64 * 8192,
       .sequence_length = 8192,
       .global_batch = 64,
       .plan = {.sharding = training::Sharding::fsdp, .recompute = training::Recompute::selective},
       .checkpoint = {.every = minutes(20), .to = "bucket"},
       .step_time = seconds(10)}};
  return s;
}

/// What the SimulationError of a run says; empty when there was none.
inline std::string failure(const RunOptions& options, Scenario s = cluster()) {
  s.replications = 2;
  try {
    run(s, shelf(), options);
  } catch (const SimulationError& error) {
    return error.what();
  }
  return "";
}

/// The problems for which a run is refused; empty when it is not.
inline std::vector<Issue> problems(const Scenario& s, const RunOptions& options) {
  try {
    run(s, shelf(), options);
  } catch (const InputError& error) {
    return error.issues();
  }
  return {};
}

} // namespace windtunnel::scenarios
