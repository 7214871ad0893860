#include "models/network/max_min.hpp"

#include <algorithm>
#include <bit>
#include <cmath>
#include <limits>
#include <string>
#include <tuple>

#include "libsim/base/error.hpp"

namespace windtunnel::network {
namespace {

constexpr double unsaturated = std::numeric_limits<double>::infinity();
/// Levels so near, and room so small for its link, are equal, and nothing: what sums round.
constexpr double rounding = 1e-12;

bool near(double a, double b) { return std::abs(a - b) <= 2 * rounding * b; }

void require_capacity(double capacity) {
  if (!(capacity >= 0 && std::isfinite(capacity)))
    throw ModelError("a link's capacity is finite and not negative");
}

} // namespace

void MaxMin::require(Link link) const {
  if (link >= links_.size())
    throw ModelError("there is no link " + std::to_string(link) + " of " +
                     std::to_string(links_.size()));
}

MaxMin::Link MaxMin::add_link(double capacity) {
  require_capacity(capacity);
  LinkState state;
  state.capacity = capacity;
  state.level = unsaturated;
  links_.push_back(std::move(state));
  return static_cast<Link>(links_.size() - 1);
}

/// What each flow of the link has at least, if no other link has less for it: an equal division.
double MaxMin::least_rate(const LinkState& link) {
  return link.capacity / link.shares * (1 - 1e-9); // the sum of shares is rounded
}

/// The link is to be filled again, from the level `from` on.
void MaxMin::touch(Link link, double from) {
  LinkState& l = links_[link];
  if (!l.changed) {
    l.changed = true;
    l.changed_from = from;
    changed_.push_back(link);
  } else {
    l.changed_from = std::min(l.changed_from, from);
  }
}

void MaxMin::set_capacity(Link link, double capacity) {
  require(link);
  require_capacity(capacity);
  LinkState& l = links_[link];
  const bool more = capacity > l.capacity;
  if (l.capacity == capacity) return;
  l.capacity = capacity;
  if (l.members.empty() || (more && l.level == unsaturated && !l.changed)) return;
  touch(link, std::min(l.level, least_rate(l)));
}

std::uint32_t MaxMin::take_uses(std::uint32_t count) {
  const auto size_class = static_cast<std::size_t>(std::bit_width(count - 1));
  if (free_uses_.size() <= size_class) free_uses_.resize(size_class + 1);
  std::vector<std::uint32_t>& free = free_uses_[size_class];
  if (!free.empty()) {
    const std::uint32_t first = free.back();
    free.pop_back();
    return first;
  }
  const auto first = static_cast<std::uint32_t>(uses_.size());
  uses_.resize(uses_.size() + (std::size_t{1} << size_class));
  return first;
}

MaxMin::Flow MaxMin::add_flow(std::span<const LinkUse> route) {
  if (route.empty()) throw ModelError("a flow uses at least one link");
  for (const LinkUse& use : route) {
    require(use.link);
    if (!(use.share > 0 && std::isfinite(use.share)))
      throw ModelError("a flow's share of a link is positive");
  }
  Flow flow = 0;
  if (free_flows_.empty()) {
    flow = static_cast<Flow>(flows_.size());
    flows_.emplace_back();
  } else {
    flow = free_flows_.back();
    free_flows_.pop_back();
  }
  FlowState& state = flows_[flow];
  state.rate = 0;
  state.seen = 0;
  state.fresh = true;
  state.count = static_cast<std::uint32_t>(route.size());
  state.first = take_uses(state.count);
  // Below the rate it will have nothing changes.
  double from = unsaturated;
  for (std::uint32_t i = 0; i < state.count; ++i) {
    LinkState& link = links_[route[i].link];
    const auto position = static_cast<std::uint32_t>(link.members.size());
    uses_[state.first + i] = {route[i].share, route[i].link, position};
    link.members.push_back({route[i].share, flow, state.first + i});
    link.shares += route[i].share;
    from = std::min(from, least_rate(link));
  }
  for (const LinkUse& use : route) touch(use.link, from);
  return flow;
}

void MaxMin::remove_flow(Flow flow) {
  FlowState& state = flows_[flow];
  for (const Use& use : uses_of(state)) {
    LinkState& link = links_[use.link];
    const Member last = link.members.back();
    link.members[use.position] = last;
    uses_[last.use].position = use.position;
    link.members.pop_back();
    link.shares = link.members.empty() ? 0 : link.shares - use.share;
    // Nobody waits for room on a link that is not saturated.
    if (link.level != unsaturated) touch(use.link, state.rate);
  }
  free_uses_[static_cast<std::size_t>(std::bit_width(state.count - 1))].push_back(state.first);
  free_flows_.push_back(flow);
}

double MaxMin::load(Link link) const {
  double sum = 0;
  for (const Member& member : links_[link].members) sum += member.share * flows_[member.flow].rate;
  return sum;
}

namespace {
constexpr auto later = [](const auto& a, const auto& b) {
  return std::tie(a.level, a.kind, a.link) > std::tie(b.level, b.kind, b.link);
};
} // namespace

void MaxMin::push(double level, Step::Kind kind, Link link) {
  steps_.push_back({level, kind, link});
  std::push_heap(steps_.begin(), steps_.end(), later);
}

MaxMin::Step MaxMin::pop() {
  std::pop_heap(steps_.begin(), steps_.end(), later);
  const Step step = steps_.back();
  steps_.pop_back();
  return step;
}

std::span<const MaxMin::Change> MaxMin::solve() {
  changes_.clear();
  waiting_.clear();
  ++solve_;
  for (const Link link : changed_) {
    links_[link].changed = false;
    push(links_[link].changed_from, Step::draw_in, link);
  }
  changed_.clear();
  double water = 0;
  while (!steps_.empty()) {
    const Step step = pop();
    LinkState& link = links_[step.link];
    water = std::max(water, step.level);
    if (step.kind == Step::draw_in) {
      if (link.drawn_in != solve_) draw_in(step.link, water);
    } else if (step.kind == Step::reach) {
      reach(step.link, water);
    } else if (link.free > 0) {
      // Flows fixed since have left it more.
      const double level = link.room / link.free_shares;
      if (level > water * (1 + rounding))
        push(level, Step::saturate, step.link);
      else
        saturate(step.link, water);
    }
  }
  return changes_;
}

/// The link takes part from here on: flows above the water are free.
void MaxMin::draw_in(Link link, double water) {
  LinkState& l = links_[link];
  l.drawn_in = solve_;
  l.room = l.capacity;
  l.free_shares = 0;
  l.free = 0;
  l.next_waiting = static_cast<std::uint32_t>(waiting_.size());
  for (const Member& member : l.members) {
    FlowState& flow = flows_[member.flow];
    const bool seen = flow.seen == solve_;
    if (seen ? flow.fixed : !flow.fresh && flow.rate < water * (1 - 2 * rounding)) {
      l.room -= member.share * flow.rate;
      continue;
    }
    l.free_shares += member.share;
    ++l.free;
    if (seen) continue;
    flow.seen = solve_;
    flow.fixed = false;
    waiting_.push_back({flow.rate, member.flow});
  }
  l.end_waiting = static_cast<std::uint32_t>(waiting_.size());
  if (l.free == 0) {
    if (l.members.empty() || l.room > rounding * l.capacity) l.level = unsaturated;
    return;
  }
  push(std::max(water, l.room / l.free_shares), Step::saturate, link);
  if (l.next_waiting == l.end_waiting) return;
  std::sort(waiting_.begin() + l.next_waiting, waiting_.begin() + l.end_waiting,
            [](const Waiting& a, const Waiting& b) {
              return std::tie(a.rate, a.flow) < std::tie(b.rate, b.flow);
            });
  push(waiting_[l.next_waiting].rate * (1 + rounding), Step::reach, link);
}

/// Whether a link that nothing has changed is its bottleneck.
bool MaxMin::held_elsewhere(const FlowState& flow) const {
  for (const Use& use : uses_of(flow)) {
    const LinkState& link = links_[use.link];
    if (link.drawn_in != solve_ && link.level <= flow.rate * (1 + 2 * rounding)) return true;
  }
  return false;
}

/// The water has reached the rate that flows of the link had: those that come before any other
/// step.
void MaxMin::reach(Link link, double water) {
  LinkState& l = links_[link];
  for (;;) {
    const Flow number = waiting_[l.next_waiting++].flow;
    FlowState& flow = flows_[number];
    if (!flow.fixed) {
      if (held_elsewhere(flow))
        fix(number, flow.rate);
      else // It rises: its other links may become its bottleneck, or too full for their flows.
        for (const Use& use : uses_of(flow))
          if (links_[use.link].drawn_in != solve_) draw_in(use.link, water);
    }
    if (l.next_waiting == l.end_waiting) return;
    const double level = waiting_[l.next_waiting].rate * (1 + rounding);
    if (!steps_.empty() && steps_.front().level < level) {
      push(level, Step::reach, link);
      return;
    }
    water = std::max(water, level);
  }
}

/// The link is full: what is free on it gets no more.
void MaxMin::saturate(Link link, double water) {
  LinkState& l = links_[link];
  for (std::size_t i = 0; l.free > 0; ++i) {
    const Flow number = l.members[i].flow;
    FlowState& flow = flows_[number];
    if (flow.seen != solve_ || flow.fixed) continue;
    if (near(water, flow.rate)) {
      fix(number, flow.rate);
      continue;
    }
    const bool falls = water < flow.rate;
    changes_.push_back({number, flow.rate});
    fix(number, water);
    if (!falls) continue;
    for (const Use& use : uses_of(flow)) {
      const LinkState& other = links_[use.link];
      if (other.drawn_in != solve_ && other.level != unsaturated) draw_in(use.link, water);
    }
  }
  l.level = water;
}

void MaxMin::fix(Flow number, double rate) {
  FlowState& flow = flows_[number];
  flow.rate = rate;
  flow.fixed = true;
  flow.fresh = false;
  for (const Use& use : uses_of(flow)) {
    LinkState& link = links_[use.link];
    if (link.drawn_in != solve_) continue;
    link.room -= use.share * rate;
    link.free_shares -= use.share;
    if (--link.free == 0) link.level = link.room <= rounding * link.capacity ? rate : unsaturated;
  }
}

} // namespace windtunnel::network
