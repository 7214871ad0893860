#include "models/network/fluid.hpp"

#include <algorithm>
#include <cmath>
#include <string>
#include <tuple>

#include "libsim/base/check.hpp"
#include "libsim/base/error.hpp"

namespace windtunnel::network {
namespace {

/// Work of less time than this is what rounding left over.
constexpr double negligible_ns = 1e-3;
constexpr std::size_t arity = 4;

} // namespace

MaxMin::Link Fluid::add_link(Bandwidth capacity) {
  const MaxMin::Link link = rates_.add_link(capacity.bytes_per_second());
  carried_.push_back(0);
  return link;
}

void Fluid::set_capacity(MaxMin::Link link, Bandwidth capacity) {
  rates_.set_capacity(link, capacity.bytes_per_second());
  changed();
}

void Fluid::changed() {
  if (update_at_ != Time::max()) return;
  update_at_ = now_ > Time::max() - window_ ? Time::max() : now_ + window_;
}

FlowId Fluid::start(std::span<const LinkUse> route, Bytes size) {
  if (size < Bytes{}) throw ModelError("a flow's size is not negative");
  const std::uint32_t number = rates_.add_flow(route);
  if (flows_.size() <= number) flows_.resize(number + 1);
  State& flow = flows_[number];
  flow.size = size;
  flow.left = size.as_double();
  flow.since = now_;
  flow.order = started_++;
  ++flow.generation;
  flow.end = size == Bytes{} ? now_ : Time::max();
  flow.at = static_cast<std::uint32_t>(ends_.size());
  ends_.push_back(number);
  sift_up(flow.at);
  ++active_;
  changed();
  return {number, flow.generation};
}

bool Fluid::active(FlowId flow) const {
  return flow.number < flows_.size() && flow.generation % 2 == 1 &&
         flows_[flow.number].generation == flow.generation;
}

const Fluid::State& Fluid::state(FlowId flow) const {
  if (!active(flow)) throw ModelError("the flow has ended");
  return flows_[flow.number];
}

double Fluid::left(FlowId flow) const {
  const State& s = state(flow);
  return std::max(0.0, s.left - (now_ - s.since).seconds() * rates_.rate(flow.number));
}

Bandwidth Fluid::rate(FlowId flow) const {
  state(flow);
  return bytes_per_second(rates_.rate(flow.number));
}

double Fluid::carried(MaxMin::Link link) const {
  double sum = carried_.at(link);
  rates_.for_each_member(link, [&](std::uint32_t flow, double share) {
    sum += share * (flows_[flow].size.as_double() - left({flow, flows_[flow].generation}));
  });
  return sum;
}

/// The flow leaves, having moved so much.
void Fluid::forget(std::uint32_t number, double moved) {
  State& flow = flows_[number];
  rates_.for_each_use(number,
                      [&](MaxMin::Link link, double share) { carried_[link] += share * moved; });
  rates_.remove_flow(number);
  ++flow.generation;
  --active_;
  const std::size_t at = flow.at;
  const std::uint32_t last = ends_.back();
  ends_.pop_back();
  if (last != number) {
    place(at, last);
    sift_up(at);
    sift_down(flows_[last].at);
  }
  changed();
}

Bytes Fluid::cancel(FlowId id) {
  const Bytes moved = state(id).size - bytes_from(std::ceil(left(id)));
  forget(id.number, moved.as_double());
  moved_ += moved;
  return moved;
}

Time Fluid::next() const {
  return ends_.empty() ? update_at_ : std::min(update_at_, flows_[ends_.front()].end);
}

std::span<const FlowId> Fluid::advance(Time time) {
  WT_CHECK(time >= now_ && time <= next(), "a state is put forward, and not past what happens");
  now_ = time;
  ended_.clear();
  while (!ends_.empty() && flows_[ends_.front()].end <= now_) {
    const std::uint32_t number = ends_.front();
    const State& flow = flows_[number];
    ended_.push_back({number, flow.generation});
    moved_ += flow.size;
    forget(number, flow.size.as_double());
  }
  if (ended_.empty() && update_at_ <= now_) update();
  return ended_;
}

void Fluid::update() {
  update_at_ = Time::max();
  ++updates_;
  for (const MaxMin::Change& change : rates_.solve()) {
    State& flow = flows_[change.flow];
    const double rate = rates_.rate(change.flow);
    flow.left -= (now_ - flow.since).seconds() * change.before;
    flow.since = now_;
    const double left_ns = rate > 0 ? std::ceil(flow.left / rate * 1e9 - negligible_ns) : 1e19;
    const bool never = left_ns >= static_cast<double>((Time::max() - now_).ns());
    set_end(change.flow, never ? Time::max()
                               : now_ + nanoseconds(std::max<std::int64_t>(
                                            0, static_cast<std::int64_t>(left_ns))));
  }
}

bool Fluid::before(std::uint32_t a, std::uint32_t b) const {
  const State &left = flows_[a], &right = flows_[b];
  return std::tie(left.end, left.order) < std::tie(right.end, right.order);
}

void Fluid::set_end(std::uint32_t number, Time end) {
  State& flow = flows_[number];
  const bool sooner = end < flow.end;
  flow.end = end;
  sooner ? sift_up(flow.at) : sift_down(flow.at);
}

void Fluid::place(std::size_t at, std::uint32_t flow) {
  ends_[at] = flow;
  flows_[flow].at = static_cast<std::uint32_t>(at);
}

void Fluid::sift_up(std::size_t at) {
  const std::uint32_t flow = ends_[at];
  while (at > 0 && before(flow, ends_[(at - 1) / arity])) {
    place(at, ends_[(at - 1) / arity]);
    at = (at - 1) / arity;
  }
  place(at, flow);
}

void Fluid::sift_down(std::size_t at) {
  const std::uint32_t flow = ends_[at];
  for (;;) {
    const std::size_t first = arity * at + 1;
    if (first >= ends_.size()) break;
    std::size_t child = first;
    for (std::size_t i = first + 1; i < std::min(first + arity, ends_.size()); ++i)
      if (before(ends_[i], ends_[child])) child = i;
    if (!before(ends_[child], flow)) break;
    place(at, ends_[child]);
    at = child;
  }
  place(at, flow);
}

} // namespace windtunnel::network
