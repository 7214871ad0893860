// Scenario: what a user writes down, as plain values. Nothing here has behaviour: read_scenario()
// makes it from JSON, check() judges it across fields, run() simulates it.
//
// A value can also be built in C++ (designated initialisers) or Python; check() then plays the
// reader's part for single fields too (ranges, choices). Quantities carry their unit in the type;
// pools, storages and workloads refer to each other by name.
//
//   Scenario s{.name = "finetune", .region = "us-east-1",
//              .node_pools = {{.name = "gpu", .instance_type = "p5.48xlarge", .count = 2}}};
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "libsim/base/units.hpp"
#include "models/training/parallelism_plan.hpp"

namespace windtunnel::scenarios {

/// How a pool's instances are bought. `price` overrides the catalog and is shown as the user's.
struct Purchase {
  std::string kind = "on-demand"; ///< "on-demand", "spot", "capacity-block", "reserved"
  std::optional<Price> price{};   ///< per instance-hour, before `discount`
  Ratio discount{};               ///< off the on-demand price ("reserved" only)
  int block_days = 0;             ///< length of one capacity block ("capacity-block" only)
};

struct NodePool {
  std::string name{};
  std::string instance_type{};
  int count = 0;                    ///< nodes the work uses
  int spares = 0;                   ///< nodes kept ready beside them, billed
  std::vector<std::string> zones{}; ///< empty: EC2 chooses
  Purchase purchase = Purchase();   // g++ 12 at -O3 suspects {} of being uninitialised
  Bytes image = gibibytes(20);      ///< container image, compressed
  std::string image_pull = "full";  ///< "full", "soci", "prefetched"
};

struct Storage {
  std::string name{};
  std::string kind{}; ///< "fsx-lustre", "s3"
  std::string tier{}; ///< FSx: "scratch", "persistent-125", "-250", "-500", "-1000"; S3: "standard"
  Bytes capacity{};   ///< FSx; S3 is billed for what is kept
  std::optional<Money>
      price{}; ///< per GB-month, when the catalog has none or the user knows better
};

struct CheckpointPolicy {
  std::optional<Time> every{};   ///< absent: the optimum for the expected failure rate
  std::string to{};              ///< name of a Storage
  std::string mode = "blocking"; ///< "blocking", "async"
  int keep = 3;                  ///< checkpoints kept on the storage
};

/// The most tokens or images of one run: doubles hold whole numbers up to 2^53, so that more would
/// no longer be counted exactly.
inline constexpr double most_work = 9e15;

/// One training run. Language models count tokens, diffusion models images: exactly one of the two
/// is more than zero.
struct TrainingWorkload {
  std::string name{};
  std::string model{};
  std::string framework = "megatron-core"; ///< one of training::frameworks()
  std::string node_pool{};
  std::optional<int> nodes{};       ///< of the pool; absent: all of it
  double tokens = 0;                ///< to train on, repeats included
  double images = 0;                ///< the same for diffusion models
  int sequence_length = 0;          ///< tokens per sequence
  int global_batch = 0;             ///< sequences or images per step
  int pixels = 0;                   ///< image side; 0: the model's own
  bool precomputed_latents = false; ///< VAE and text encoder ran beforehand
  training::ParallelismPlan plan{};
  CheckpointPolicy checkpoint{};
  std::optional<Time> step_time{}; ///< measured by the user: replaces the step model
};

struct Failures {
  std::string profile = "published-prior"; ///< one of failures::profile_names()
  double rate_multiplier = 1;              ///< on every class of the profile
  bool prior = true;                       ///< draw the uncertain fleet rate once per replication
  std::string law = "exponential";         ///< or "weibull"; one's own: RunOptions::law
  double weibull_shape = 1;                ///< below one: infant mortality
};

struct Goals {
  std::optional<Time> deadline{}; ///< from the start to the last workload's end
  std::optional<Money> budget{};  ///< of the whole bill
};

struct Scenario {
  std::string name{};
  std::string region{};                        ///< AWS region; decides prices
  std::optional<std::int64_t> start{};         ///< unix seconds; absent: reports speak of durations
  std::string control_plane_tier = "standard"; ///< "standard", "extended"
  std::optional<Price> control_plane_price{};  ///< in place of the catalog's
  std::vector<NodePool> node_pools{};
  std::vector<Storage> storage{};
  std::vector<TrainingWorkload> workloads{};
  Failures failures{};
  Goals goals{};
  int replications = 200; ///< independent simulations
  std::uint64_t seed = 1; ///< of all random streams

  /// By name; nullptr when there is none.
  const NodePool* node_pool(const std::string& pool_name) const;
  const Storage* storage_named(const std::string& storage_name) const;
};

} // namespace windtunnel::scenarios
