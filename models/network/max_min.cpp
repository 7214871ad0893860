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

/// Flows that leave a link before its shares are summed anew.
constexpr std::uint16_t sum_again = 1024;
/// Once a change of a link has reached far, so many of its next ones are taken to do so.
constexpr std::uint8_t wide_changes = 8;
/// Drawing in a flow costs as much as so many uses and links when all are filled.
constexpr std::size_t uses_for_one = 16;

constexpr auto later = [](const auto& a, const auto& b) {
  if (a.level != b.level) return a.level > b.level;
  return std::tie(a.kind, a.link) > std::tie(b.kind, b.link);
};

bool near(double a, double b) { return std::abs(a - b) <= 2 * rounding * a; }

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
  fillings_.emplace_back();
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
  if (l.members.empty()) {
    l.level = unsaturated;
    return;
  }
  if (more && l.level == unsaturated && !l.changed) return;
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

void MaxMin::require_route(std::span<const LinkUse> route) const {
  for (const LinkUse& use : route) {
    require(use.link);
    if (!(use.share > 0 && std::isfinite(use.share)))
      throw ModelError("a flow's share of a link is positive");
  }
}

MaxMin::Flow MaxMin::add_flow(std::span<const LinkUse> route) {
  if (route.empty()) throw ModelError("a flow uses at least one link");
  require_route(route);
  Flow flow = 0;
  if (free_flows_.empty()) {
    flow = static_cast<Flow>(flows_.size());
    flows_.emplace_back();
    stamps_.push_back(0);
  } else {
    flow = free_flows_.back();
    free_flows_.pop_back();
  }
  FlowState& state = flows_[flow];
  state.rate = 0;
  state.bottleneck = none;
  stamps_[flow] = 0;
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
    link.shares -= use.share;
    if (++link.left == sum_again) { // differences round
      link.left = 0;
      link.shares = 0;
      for (const Member& member : link.members) link.shares += member.share;
    }
    // Nobody waits for room on a link that is not saturated.
    if (!link.members.empty() && link.level != unsaturated) touch(use.link, state.rate);
  }
  free_uses_[static_cast<std::size_t>(std::bit_width(state.count - 1))].push_back(state.first);
  free_flows_.push_back(flow);
}

double MaxMin::load(Link link) const {
  double sum = 0;
  for (const Member& member : links_[link].members) sum += member.share * flows_[member.flow].rate;
  return sum;
}

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

void MaxMin::set_level(Link link, double level) {
  if (links_[link].level == level) return;
  links_[link].level = level;
  changed_levels_.push_back(link);
}

void MaxMin::set_bottleneck(Flow flow, Link link) {
  if (flows_[flow].bottleneck == link) return;
  flows_[flow].bottleneck = link;
  changed_bottlenecks_.push_back(flow);
}

void MaxMin::solve() {
  changed_levels_.clear();
  changed_bottlenecks_.clear();
  for (const Link link : changed_)
    if (links_[link].changed) settle_alone(link);
  std::erase_if(changed_, [&](Link link) { return !links_[link].changed; });
  if (changed_.empty()) return;
  bool wide = false;
  for (const Link link : changed_)
    if (links_[link].wide > 0) {
      --links_[link].wide;
      wide = true;
    }
  if (wide || !fill_changed()) {
    // Many changes reach far together, and say nothing of one of them.
    if (!wide && changed_.size() < links_.size() / uses_for_one)
      for (const Link link : changed_) links_[link].wide = wide_changes;
    fill_all();
  }
  for (const Link link : changed_) links_[link].changed = false;
  changed_.clear();
}

/// A link without flows, or one whose only flow has no company on any link, needs no filling.
void MaxMin::settle_alone(Link link) {
  LinkState& l = links_[link];
  if (l.members.empty()) {
    l.changed = false;
    return;
  }
  if (l.members.size() > 1) return;
  const Flow number = l.members.front().flow;
  FlowState& flow = flows_[number];
  const std::span<const Use> uses = uses_of(flow);
  Link bottleneck = none;
  double rate = unsaturated;
  for (const Use& use : uses) {
    const LinkState& other = links_[use.link];
    if (other.members.size() > 1) return;
    const double alone = use.share == 1 ? other.capacity : other.capacity / use.share;
    if (alone >= rate) continue;
    rate = alone;
    bottleneck = use.link;
  }
  for (const Use& use : uses) {
    set_level(use.link, use.link == bottleneck ? rate : unsaturated);
    links_[use.link].changed = false;
  }
  flow.rate = rate;
  set_bottleneck(number, bottleneck);
}

/// The step on top comes later than thought.
void MaxMin::put_off(double level) {
  Step step = steps_.front();
  step.level = level;
  std::size_t at = 0;
  for (std::size_t child = 1; child < steps_.size(); child = 2 * at + 1) {
    if (child + 1 < steps_.size() && later(steps_[child], steps_[child + 1])) ++child;
    if (!later(step, steps_[child])) break;
    steps_[at] = steps_[child];
    at = child;
  }
  steps_[at] = step;
}

/// Fills what the changes reach; false when that is too much.
bool MaxMin::fill_changed() {
  const std::size_t far = (uses_.size() + links_.size()) / uses_for_one;
  waiting_.clear();
  steps_.clear();
  ++solve_;
  for (const Link link : changed_) push(links_[link].changed_from, Step::draw_in, link);
  double water = 0;
  while (!steps_.empty()) {
    if (waiting_.size() > far) return false;
    const Step step = steps_.front();
    const Filling& link = fillings_[step.link];
    water = std::max(water, step.level);
    if (step.kind == Step::saturate && link.free > 0)
      // Flows fixed since may have left it more.
      if (const double level = link.room / link.free_shares; level > water * (1 + rounding)) {
        put_off(level);
        continue;
      }
    pop();
    if (step.kind == Step::draw_in) {
      if (link.drawn_in != solve_) draw_in(step.link, water);
    } else if (step.kind == Step::reach) {
      reach(step.link, water);
    } else if (link.free > 0) {
      saturate(step.link, water);
    }
  }
  return true;
}

/// Fills all links from nothing.
void MaxMin::fill_all() {
  steps_.clear();
  ++solve_;
  for (Link link = 0; link < links_.size(); ++link) {
    const LinkState& l = links_[link];
    Filling& filling = fillings_[link];
    filling.room = l.capacity;
    filling.free_shares = l.shares;
    filling.free = static_cast<std::uint32_t>(l.members.size());
    if (filling.free > 0)
      steps_.push_back({filling.room / filling.free_shares, Step::saturate, link});
  }
  std::make_heap(steps_.begin(), steps_.end(), later);
  double water = 0;
  while (!steps_.empty()) {
    const Step step = steps_.front();
    const Filling& filling = fillings_[step.link];
    water = std::max(water, step.level);
    if (filling.free > 0)
      if (const double level = filling.room / filling.free_shares; level > water * (1 + rounding)) {
        put_off(level);
        continue;
      }
    pop();
    if (filling.free == 0) continue;
    const LinkState& link = links_[step.link];
    const double rate = near(water, link.level) ? link.level : water;
    for (std::size_t i = 0; filling.free > 0; ++i) {
      const Flow number = link.members[i].flow;
      if (seen(number)) continue;
      stamps_[number] = 2 * solve_ + 1;
      FlowState& flow = flows_[number];
      flow.rate = rate;
      set_bottleneck(number, step.link);
      for (const Use& use : uses_of(flow)) take(use, rate);
    }
    set_level(step.link, rate);
  }
}

/// A flow of this rate is fixed on a link that is being filled.
void MaxMin::take(const Use& use, double rate) {
  Filling& filling = fillings_[use.link];
  filling.room -= use.share * rate;
  filling.free_shares -= use.share;
  if (--filling.free == 0)
    set_level(use.link, filling.room <= rounding * links_[use.link].capacity ? rate : unsaturated);
}

/// The link takes part from here on: flows above the water are free.
void MaxMin::draw_in(Link link, double water) {
  Filling& l = fillings_[link];
  l.drawn_in = solve_;
  l.room = links_[link].capacity;
  l.free_shares = 0;
  l.free = 0;
  l.next_waiting = static_cast<std::uint32_t>(waiting_.size());
  for (const Member& member : links_[link].members) {
    const FlowState& flow = flows_[member.flow];
    const bool known = seen(member.flow);
    if (known ? fixed(member.flow)
              : flow.bottleneck != none && flow.rate < water * (1 - 2 * rounding)) {
      l.room -= member.share * flow.rate;
      continue;
    }
    l.free_shares += member.share;
    ++l.free;
    if (known) continue;
    stamps_[member.flow] = 2 * solve_;
    waiting_.push_back({flow.rate, member.flow});
  }
  l.end_waiting = static_cast<std::uint32_t>(waiting_.size());
  if (l.free == 0) {
    if (l.room > rounding * links_[link].capacity) set_level(link, unsaturated);
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

/// A link that nothing has changed and that is its bottleneck; none: there is none.
MaxMin::Link MaxMin::holder(const FlowState& flow) const {
  if (flow.bottleneck != none && !drawn_in(flow.bottleneck)) return flow.bottleneck;
  for (const Use& use : uses_of(flow))
    if (!drawn_in(use.link) && links_[use.link].level <= flow.rate * (1 + 2 * rounding))
      return use.link;
  return none;
}

/// The water has reached the rate that flows of the link had: those that come before any other
/// step.
void MaxMin::reach(Link link, double water) {
  Filling& l = fillings_[link];
  for (;;) {
    const Flow number = waiting_[l.next_waiting++].flow;
    const FlowState& flow = flows_[number];
    if (!fixed(number)) {
      if (const Link held_by = holder(flow); held_by != none) {
        set_bottleneck(number, held_by);
        fix(number, flow.rate);
      } else { // It rises: its other links may become its bottleneck, or too full for their flows.
        for (const Use& use : uses_of(flow))
          if (!drawn_in(use.link)) draw_in(use.link, water);
      }
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
  const LinkState& l = links_[link];
  if (near(water, l.level)) water = l.level;
  for (std::size_t i = 0; fillings_[link].free > 0; ++i) {
    const Flow number = l.members[i].flow;
    if (!seen(number) || fixed(number)) continue;
    const FlowState& flow = flows_[number];
    const bool falls = water < flow.rate * (1 - 2 * rounding);
    set_bottleneck(number, link);
    fix(number, water);
    if (!falls) continue;
    for (const Use& use : uses_of(flow))
      if (!drawn_in(use.link) && links_[use.link].level != unsaturated) draw_in(use.link, water);
  }
  set_level(link, water);
}

void MaxMin::fix(Flow number, double rate) {
  flows_[number].rate = rate;
  stamps_[number] = 2 * solve_ + 1;
  for (const Use& use : uses_of(flows_[number]))
    if (drawn_in(use.link)) take(use, rate);
}

} // namespace windtunnel::network
