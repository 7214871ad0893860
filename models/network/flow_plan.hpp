// FlowPlan: flows known beforehand, some of which wait for others; what a collective's schedule is.
// Run by our own solver, or by SimGrid (simgrid.hpp) for a second opinion.
#pragma once

#include <cstdint>
#include <vector>

#include "libsim/base/units.hpp"
#include "models/network/max_min.hpp"

namespace windtunnel::network {

struct PlannedFlow {
  std::vector<LinkUse> route;
  Bytes size{};
  Time start{};                       ///< not before
  std::vector<std::uint32_t> after{}; ///< flows that have ended before it begins
};

struct FlowPlan {
  std::vector<Bandwidth> links;
  std::vector<PlannedFlow> flows;
};

struct FlowOutcome {
  std::vector<Time> ends; ///< of each flow
  Time makespan{};
  double cpu_s = 0;          ///< of the simulation, without reading and building
  std::uint64_t updates = 0; ///< of rates; not told by SimGrid
};

/// Throws ModelError for a flow that waits for one that is not there, for flows that wait for each
/// other, and for those that never end because a link has no capacity.
FlowOutcome run(const FlowPlan& plan, Time window = {});

} // namespace windtunnel::network
