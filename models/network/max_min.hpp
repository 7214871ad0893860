// MaxMin: max-min fair rates of flows over links, brought up to date at the cost of what changed.
//
// A flow uses links, each with a share: at rate r it takes share * r of the link's capacity. Shares
// of one are a plain path; a transfer striped over four rails uses each with a quarter; a ring
// or an all-to-all in its steady state is one flow over all its links. Rates are max-min fair: no
// flow can be given more without taking from one that has no more (Bertsekas and Gallager, Data
// Networks, 6.5.2). That holds exactly if every flow has a bottleneck: a saturated link on which
// no flow is faster. The level of a saturated link is the rate of its fastest flows.
//
// Water-filling finds the rates: all grow together, and a link that is full fixes its flows. Here
// only what a change can reach is filled again. A departure changes nothing below the rate of the
// flow that left; then water rises over the links whose flows changed, a flow of which another link
// is the bottleneck stays what it was when the water reaches its rate, and a flow that rises or
// falls draws in its other links at that level. So dependence runs from links of low level to links
// of higher ones (the bottleneck structure of Ros-Giralt et al., SIGMETRICS 2020), and the cost is
// that of the links drawn in, never more than the connected component.
//
// Contract. A value: copies are independent. Deterministic: equal calls give equal bits. Rates are
// within 1e-9 of those of a solution from nothing (relative; the tests compare). Rates and levels
// are those of the last solve(). Capacities are per second, in any unit. Throws ModelError for
// capacities that are negative or not finite, shares that are not positive, an empty route and a
// link that is not there.
//
//   MaxMin m;
//   const auto nic = m.add_link(50e9);
//   const auto flow = m.add_flow(std::array{LinkUse{nic}});
//   m.solve();
//   m.rate(flow); // 50e9
#pragma once

#include <cstdint>
#include <span>
#include <vector>

namespace windtunnel::network {

struct LinkUse {
  std::uint32_t link = 0;
  double share = 1;
};

class MaxMin {
public:
  using Link = std::uint32_t;
  using Flow = std::uint32_t; ///< numbers of flows that left are used again

  Link add_link(double capacity);
  void set_capacity(Link link, double capacity);
  Flow add_flow(std::span<const LinkUse> route);
  void remove_flow(Flow flow);

  /// A flow whose rate the last solve() changed.
  struct Change {
    Flow flow;
    double before;
  };
  /// New rates after all changes since the last call; the changes live until the next one. A new
  /// flow was at rate zero.
  std::span<const Change> solve();

  double rate(Flow flow) const { return flows_[flow].rate; }
  /// Infinite for a link that is not saturated.
  double level(Link link) const { return links_[link].level; }
  double capacity(Link link) const { return links_[link].capacity; }
  /// Sum of share * rate of its flows. Costs a visit to each.
  double load(Link link) const;
  std::size_t links() const { return links_.size(); }
  std::size_t flows_on(Link link) const { return links_[link].members.size(); }
  /// Calls `visit(flow, share)` for each flow on the link.
  template <class Visit> void for_each_member(Link link, Visit visit) const {
    for (const Member& member : links_[link].members) visit(member.flow, member.share);
  }
  /// Calls `visit(link, share)` for each link of the flow's route.
  template <class Visit> void for_each_use(Flow flow, Visit visit) const {
    for (const Use& use : uses_of(flows_[flow])) visit(use.link, use.share);
  }

private:
  struct Use {
    double share;
    Link link;
    std::uint32_t position; ///< among the link's members
  };
  struct FlowState {
    double rate = 0;
    std::uint32_t first = 0, count = 0; ///< its uses
    std::uint32_t seen = 0;             ///< by which solve
    bool fixed = false;                 ///< by that solve
    bool fresh = true;                  ///< no solve has seen it
  };
  struct Member {
    double share;
    Flow flow;
    std::uint32_t use; ///< index in uses_
  };
  struct LinkState {
    double capacity = 0, level = 0;
    double shares = 0; ///< of all members
    std::vector<Member> members{};
    double changed_from = 0;    ///< the least level a change since the last solve can reach
    bool changed = false;       ///< since the last solve
    std::uint32_t drawn_in = 0; ///< by which solve
    // While drawn in: capacity not taken by fixed flows; those that are not fixed.
    double room = 0, free_shares = 0;
    std::uint32_t free = 0;
    std::uint32_t next_waiting = 0, end_waiting = 0; ///< its part of waiting_
  };
  /// What happens when the water reaches a level.
  struct Step {
    enum Kind : std::uint32_t { draw_in, saturate, reach };
    double level;
    Kind kind;
    Link link;
  };
  struct Waiting {
    double rate; ///< before
    Flow flow;
  };

  std::span<const Use> uses_of(const FlowState& flow) const {
    return {uses_.data() + flow.first, flow.count};
  }
  static double least_rate(const LinkState& link);
  void require(Link link) const;
  void touch(Link link, double from);
  std::uint32_t take_uses(std::uint32_t count);
  void push(double level, Step::Kind kind, Link link);
  Step pop();
  void draw_in(Link link, double water);
  void saturate(Link link, double water);
  void reach(Link link, double water);
  void fix(Flow flow, double rate);
  bool held_elsewhere(const FlowState& flow) const;

  std::vector<LinkState> links_;
  std::vector<FlowState> flows_;
  std::vector<Use> uses_;
  std::vector<Flow> free_flows_;
  std::vector<std::vector<std::uint32_t>> free_uses_; ///< blocks by the logarithm of their size
  std::vector<Link> changed_;
  std::uint32_t solve_ = 0;
  std::vector<Step> steps_; ///< binary heap
  std::vector<Waiting> waiting_;
  std::vector<Change> changes_;
};

} // namespace windtunnel::network
