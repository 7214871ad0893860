// NCCL's own choice of algorithm and protocol: the cost model of src/graph/tuning.cc.
//
//   T = latency[algorithm][protocol] + bytes / bandwidth[algorithm][protocol]
//
// for every combination the topology allows; the least wins. It is a selector, not a prediction:
// its latencies are up to 40 % off (facts by measurement), but the crossings are where kernels do
// switch. Constants: data/nccl-tuning.json. CollNet is left out, as it needs SHARP; so are
// pipelined calls (numPipeOps is 1).
#pragma once

#include <optional>

#include "models/network/collective_op.hpp"
#include "models/network/collective_system.hpp"

namespace windtunnel::network {

/// What a user may keep NCCL from: NCCL_ALGO and NCCL_NVLS_ENABLE=0.
struct Restriction {
  std::optional<Algorithm> only{};
  bool nvls = true;
};

/// `nodes` are link domains. All-to-all and send/recv do not go through the model: p2p, simple (LL
/// below its threshold is part of their curve).
Choice nccl_choice(const CollectiveSystem& system, Op op, double bytes, int ranks, int nodes,
                   const Restriction& restriction = {});

} // namespace windtunnel::network
