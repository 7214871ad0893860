#include "models/network/fluid.hpp"

#include <algorithm>
#include <cmath>

#include "libsim/base/check.hpp"
#include "libsim/base/error.hpp"

namespace windtunnel::network {
namespace {

/// Work of less time than this is what rounding left over.
constexpr double negligible_ns = 1e-3;
/// Of a clock's value, what a hundred additions round: no work.
constexpr double rounding = 0x1p-46;

} // namespace

MaxMin::Link Fluid::add_link(Bandwidth capacity) {
  const MaxMin::Link link = rates_.add_link(capacity.bytes_per_second());
  clocks_.emplace_back();
  if (ends_.size() < 2 * clocks_.size()) {
    const std::vector<Time> before = std::move(ends_);
    const std::size_t width = std::max<std::size_t>(1, before.size());
    ends_.assign(2 * width, Time::max());
    for (std::size_t l = 0; l < before.size() / 2; ++l)
      put_end(static_cast<MaxMin::Link>(l), before[before.size() / 2 + l]);
  }
  return link;
}

void Fluid::set_capacity(MaxMin::Link link, Bandwidth capacity) {
  rates_.set_capacity(link, capacity.bytes_per_second());
  changed();
}

void Fluid::changed() {
  if (update_at_ != Time::max() || !rates_.outdated()) return;
  update_at_ = now_ > Time::max() - window_ ? Time::max() : now_ + window_;
}

FlowId Fluid::start(std::span<const LinkUse> route, Bytes size) {
  if (size < Bytes{}) throw ModelError("a flow's size is not negative");
  const std::uint32_t number = rates_.add_flow(route);
  if (flows_.size() <= number) flows_.resize(number + 1);
  State& flow = flows_[number];
  flow.size = size;
  flow.mark = size.as_double();
  flow.order = started_++;
  flow.link = MaxMin::none;
  ++flow.generation;
  ++active_;
  const FlowId id{number, flow.generation};
  if (size == Bytes{}) empty_.push_back(id);
  changed();
  return id;
}

bool Fluid::active(FlowId flow) const {
  return flow.number < flows_.size() && flow.generation % 2 == 1 &&
         flows_[flow.number].generation == flow.generation;
}

const Fluid::State& Fluid::state(FlowId flow) const {
  if (!active(flow)) throw ModelError("the flow has ended");
  return flows_[flow.number];
}

double Fluid::value(const Clock& clock) const {
  return clock.value + static_cast<double>((now_ - clock.since).ns()) * clock.per_ns;
}

double Fluid::left(FlowId flow) const {
  const State& s = state(flow);
  if (s.link == MaxMin::none) return s.mark;
  return std::clamp(s.mark - value(clocks_[s.link]), 0.0, s.size.as_double());
}

Bandwidth Fluid::rate(FlowId flow) const {
  const State& s = state(flow);
  return s.link == MaxMin::none ? Bandwidth{} : bytes_per_second(rates_.rate(flow.number));
}

double Fluid::carried(MaxMin::Link link) const {
  double sum = clocks_.at(link).carried;
  rates_.for_each_member(link, [&](std::uint32_t flow, double share) {
    sum += share * (flows_[flow].size.as_double() - left({flow, flows_[flow].generation}));
  });
  return sum;
}

/// The flow leaves its clock; the end of that is to be set again.
void Fluid::take_off(std::uint32_t number) {
  const State& flow = flows_[number];
  Clock& clock = clocks_[flow.link];
  const std::size_t at = flow.at;
  const Mark last = clock.marks.back();
  clock.marks.pop_back();
  if (last.flow == number) return;
  place(clock, at, last);
  sift(clock, at);
}

/// The flow leaves, having moved so much. The end of its clock is to be set again.
void Fluid::forget(std::uint32_t number, double moved) {
  State& flow = flows_[number];
  if (flow.link != MaxMin::none) take_off(number);
  rates_.for_each_use(
      number, [&](MaxMin::Link link, double share) { clocks_[link].carried += share * moved; });
  rates_.remove_flow(number);
  ++flow.generation;
  --active_;
  changed();
}

Bytes Fluid::cancel(FlowId id) {
  const Bytes moved = state(id).size - bytes_from(std::ceil(left(id)));
  const MaxMin::Link link = state(id).link;
  forget(id.number, moved.as_double());
  if (link != MaxMin::none) set_end(link);
  moved_ += moved;
  return moved;
}

Time Fluid::next() const {
  if (!empty_.empty()) return now_;
  return ends_.empty() ? update_at_ : std::min(update_at_, ends_[1]);
}

void Fluid::idle_until(Time time) {
  WT_CHECK(time >= now_ && time <= next(), "a state is put forward, and not past what happens");
  now_ = time;
}

std::span<const FlowId> Fluid::advance(Time time) {
  idle_until(time);
  ended_.clear();
  for (const FlowId flow : empty_)
    if (active(flow)) ended_.push_back(flow);
  empty_.clear();
  for (const FlowId flow : ended_) forget(flow.number, 0);
  while (!ends_.empty() && ends_[1] <= now_) end_flows_of(first_to_end());
  if (ended_.size() > 1)
    std::sort(ended_.begin(), ended_.end(),
              [&](FlowId a, FlowId b) { return flows_[a.number].order < flows_[b.number].order; });
  if (ended_.empty() && update_at_ <= now_) update();
  return ended_;
}

/// Those whose marks the clock of the link has reached: at least the first.
void Fluid::end_flows_of(MaxMin::Link link) {
  Clock& clock = clocks_[link];
  const double now = value(clock);
  const double reached = std::max(
      {clock.marks.front().value, now * (1 + rounding), now + negligible_ns * clock.per_ns});
  while (!clock.marks.empty() && clock.marks.front().value <= reached) {
    const std::uint32_t number = clock.marks.front().flow;
    const State& flow = flows_[number];
    ended_.push_back({number, flow.generation});
    moved_ += flow.size;
    forget(number, flow.size.as_double());
  }
  set_end(link);
}

void Fluid::update() {
  update_at_ = Time::max();
  ++updates_;
  rates_.solve();
  for (const MaxMin::Link link : rates_.changed_levels()) {
    Clock& clock = clocks_[link];
    clock.value = value(clock);
    clock.since = now_;
    const double level = rates_.level(link);
    clock.per_ns = std::isfinite(level) ? level * 1e-9 : 0;
    end_changes(link);
  }
  for (const std::uint32_t flow : rates_.changed_bottlenecks()) move(flow);
  for (const MaxMin::Link link : end_changes_) {
    clocks_[link].end_changes = false;
    set_end(link);
  }
  end_changes_.clear();
}

void Fluid::end_changes(MaxMin::Link link) {
  if (clocks_[link].end_changes) return;
  clocks_[link].end_changes = true;
  end_changes_.push_back(link);
}

/// To the clock of what is now its bottleneck.
void Fluid::move(std::uint32_t number) {
  State& flow = flows_[number];
  const MaxMin::Link to = rates_.bottleneck(number), from = flow.link;
  if (to == from) return;
  double left = flow.mark;
  if (from != MaxMin::none) {
    left -= value(clocks_[from]);
    take_off(number);
    end_changes(from);
  }
  flow.link = to;
  Clock& clock = clocks_[to];
  if (clock.marks.empty()) { // nothing to round over idle times
    clock.value = 0;
    clock.since = now_;
  }
  flow.mark = value(clock) + left;
  clock.marks.push_back({flow.mark, number});
  sift(clock, clock.marks.size() - 1);
  end_changes(to);
}

/// When the first of the link's flows ends.
void Fluid::set_end(MaxMin::Link link) {
  Clock& clock = clocks_[link];
  Time end = Time::max();
  if (!clock.marks.empty() && clock.per_ns > 0) {
    const double left = clock.marks.front().value - value(clock);
    const double left_ns = std::ceil(left / clock.per_ns - negligible_ns);
    if (left_ns < static_cast<double>((Time::max() - now_).ns()))
      end = now_ + nanoseconds(std::max<std::int64_t>(0, static_cast<std::int64_t>(left_ns)));
  }
  put_end(link, end);
}

void Fluid::put_end(MaxMin::Link link, Time end) {
  std::size_t at = ends_.size() / 2 + link;
  ends_[at] = end;
  for (; at > 1; at /= 2) {
    const Time first = std::min(ends_[at], ends_[at ^ 1]);
    if (ends_[at / 2] == first) return;
    ends_[at / 2] = first;
  }
}

MaxMin::Link Fluid::first_to_end() const {
  std::size_t at = 1;
  while (at < ends_.size() / 2) at = 2 * at + (ends_[2 * at + 1] < ends_[2 * at]);
  return static_cast<MaxMin::Link>(at - ends_.size() / 2);
}

void Fluid::place(Clock& clock, std::size_t at, Mark mark) {
  clock.marks[at] = mark;
  flows_[mark.flow].at = static_cast<std::uint32_t>(at);
}

void Fluid::sift(Clock& clock, std::size_t at) {
  const Mark mark = clock.marks[at];
  while (at > 0 && mark.value < clock.marks[(at - 1) / 2].value) {
    place(clock, at, clock.marks[(at - 1) / 2]);
    at = (at - 1) / 2;
  }
  for (;;) {
    std::size_t child = 2 * at + 1;
    if (child >= clock.marks.size()) break;
    if (child + 1 < clock.marks.size() && clock.marks[child + 1].value < clock.marks[child].value)
      ++child;
    if (clock.marks[child].value >= mark.value) break;
    place(clock, at, clock.marks[child]);
    at = child;
  }
  place(clock, at, mark);
}

} // namespace windtunnel::network
