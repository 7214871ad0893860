// FlowPlan: flows known beforehand, some of which wait for others; what a collective's schedule is.
// Run by our own solver, or by SimGrid (simgrid.hpp) for a second opinion.
#pragma once

#include <cstdint>
#include <span>
#include <unordered_map>
#include <vector>

#include "libsim/base/units.hpp"
#include "models/network/max_min.hpp"

namespace windtunnel::network {

struct PlannedFlow {
  std::span<const LinkUse> route;
  Bytes size{};
  Time start{};                           ///< not before
  std::span<const std::uint32_t> after{}; ///< flows that have ended before it begins
};

class FlowPlan {
public:
  std::uint32_t add_link(Bandwidth capacity);
  /// Returns its number, counted from 0.
  std::uint32_t add(std::span<const LinkUse> route, Bytes size, Time start = {},
                    std::span<const std::uint32_t> after = {});
  const std::vector<Bandwidth>& links() const { return links_; }
  std::size_t flows() const { return flows_.size() - 1; }
  PlannedFlow flow(std::uint32_t number) const {
    const Flow &f = flows_[number], &next = flows_[number + 1];
    const Route& route = routes_[f.route];
    return {{uses_.data() + route.first, route.count},
            f.size,
            f.start,
            {after_.data() + f.first_after, after_.data() + next.first_after}};
  }

private:
  struct Route {
    std::uint32_t first = 0, count = 0; ///< among uses_
  };
  struct Flow {
    Bytes size{};
    Time start{};
    std::uint32_t route = 0, first_after = 0;
  };
  std::uint32_t route_of(std::span<const LinkUse> uses);

  std::vector<Bandwidth> links_;
  std::vector<Flow> flows_{1}; ///< the last says where what the one before waits for ends
  std::vector<LinkUse> uses_;
  std::vector<Route> routes_; ///< each once: flows of one route are many
  std::unordered_multimap<std::size_t, std::uint32_t> known_; ///< routes by hashes
  std::vector<std::uint32_t> after_;
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
