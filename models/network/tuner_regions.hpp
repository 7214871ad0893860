// The regions of the AWS OFI plugin's tuner: which algorithm and protocol it tells NCCL to take.
//
// For each platform, ranks per node and operation the plugin holds polygons over (bytes, ranks);
// the first that contains the call decides, and NCCL's own model where none does. Membership is
// tested in log2-log2 space by the even-odd rule; a point within 1e-10 of an edge is inside; a zero
// stands at 1e-6 (aws-ofi-nccl, src/tuner/nccl_ofi_regions.cpp). Valid for more than two nodes, as
// in the plugin. Data: data/tuner-regions.json.
#pragma once

#include <optional>
#include <string_view>

#include "models/network/collective_op.hpp"

namespace windtunnel::network {

/// What the tuner of `platform` ("p5", "p5en", "p6-b200", "p6-b300") takes; nullopt where it leaves
/// the choice to NCCL.
std::optional<Choice> tuner_choice(std::string_view platform, Op op, double bytes, int ranks,
                                   int nodes);

} // namespace windtunnel::network
