// Collective: the time of one collective call over an NVLink domain and the network between
// domains.
//
// Latency and bandwidth by hand-over-hand rings: an operation on `ranks` ranks, `per_domain` of
// them in each domain, moves its ring volume at the slower of the NVLink rate and the rate of the
// NICs that its members of one domain share (NCCL's rings cross a domain once per rail). All-to-all
// sends the part that leaves the domain through each member's own NIC share. Achieved shares of
// line rate and latencies per fabric are data (data/collectives.json), with provenance. The choice
// of algorithm and protocol by message size is not modelled yet.
#pragma once

#include <string>

#include "libsim/base/units.hpp"
#include "models/network/collective_op.hpp"
#include "models/network/fabric.hpp"

namespace windtunnel::network {

/// `size` is nccl-tests' "size": the full buffer (all-gather: the gathered one; all-to-all: what
/// one rank holds). Zero for one rank. Throws ModelError for an unknown fabric kind.
Time collective_time(Op op, Bytes size, int ranks, int per_domain, const Fabric& fabric);

} // namespace windtunnel::network
