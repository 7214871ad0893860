// Checkpoints: how large, how long training stops, how long until they are safe, how long a load.
//
// Size: 14 bytes per parameter (2 bf16 weights, 4 fp32 master weights, 8 Adam moments;
// Megatron-LM's distributed checkpoint; BLOOM wrote 13). Blocking: training waits for the write.
// Asynchronous: training waits for the copy to host memory only and the write goes on behind it; a
// checkpoint counts once it is persisted (facts: PyTorch DCP, ByteCheckpoint arXiv:2407.20143).
#pragma once

#include <optional>

#include "libsim/base/units.hpp"

namespace windtunnel::training {

struct CheckpointCost {
  Bytes size{};
  Time stall{};   ///< training stands still
  Time persist{}; ///< from its begin until it counts; >= stall
  Time load{};    ///< read back at a restart
};

struct CheckpointSetup {
  double parameters = 0;
  bool async = false;
  Bandwidth write{}, read{}; ///< of the storage, all nodes together
  Bandwidth copy_to_host{};  ///< of all GPUs together (asynchronous)
};

/// Size of one checkpoint.
double checkpoint_bytes(double parameters);
CheckpointCost checkpoint_cost(const CheckpointSetup& setup);

/// Interval that minimises the expected run time for exponential failures of mean time `mtbf` and a
/// stall of `stall`: M (1 + W0(-exp(-d/M - 1))), the exact optimum of Daly's renewal model.
Time optimal_interval(Time stall, Time mtbf);

/// Expected run time over useful time: (M/tau) e^{R/M} (e^{(tau+d)/M} - 1), failures during restart
/// included (Daly 2006).
double exact_slowdown(Time interval, Time stall, Time restart, Time mtbf);

} // namespace windtunnel::training
