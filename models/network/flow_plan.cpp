#include "models/network/flow_plan.hpp"

#include <algorithm>
#include <ctime>
#include <string>

#include "libsim/base/error.hpp"
#include "models/network/fluid.hpp"

namespace windtunnel::network {
namespace {

double cpu_seconds() { return static_cast<double>(std::clock()) / CLOCKS_PER_SEC; }

/// Who waits for whom, as one array: those who wait for flow f are next[flows[f].first] up to
/// next[flows[f + 1].first].
struct Waiters {
  struct Flow {
    std::uint32_t first = 0;
    std::uint32_t missing = 0; ///< flows that it still waits for
  };
  std::vector<Flow> flows;
  std::vector<std::uint32_t> next;

  explicit Waiters(const FlowPlan& plan) : flows(plan.flows() + 1) {
    for (std::uint32_t f = 0; f < plan.flows(); ++f)
      for (const std::uint32_t before : plan.flow(f).after) {
        if (before >= plan.flows())
          throw ModelError("flow " + std::to_string(f) + " waits for flow " +
                           std::to_string(before) + ", which is not there");
        ++flows[before + 1].first;
        ++flows[f].missing;
      }
    for (std::size_t f = 1; f < flows.size(); ++f) flows[f].first += flows[f - 1].first;
    next.resize(flows.back().first);
    std::vector<std::uint32_t> given(plan.flows(), 0);
    for (std::uint32_t f = 0; f < plan.flows(); ++f)
      for (const std::uint32_t before : plan.flow(f).after)
        next[flows[before].first + given[before]++] = f;
  }
};

} // namespace

std::uint32_t FlowPlan::add_link(Bandwidth capacity) {
  links_.push_back(capacity);
  return static_cast<std::uint32_t>(links_.size() - 1);
}

std::uint32_t FlowPlan::add(std::span<const LinkUse> route, Bytes size, Time start,
                            std::span<const std::uint32_t> after) {
  flows_.back().size = size;
  flows_.back().start = start;
  flows_.back().route = route_of(route);
  after_.insert(after_.end(), after.begin(), after.end());
  flows_.push_back({.first_after = static_cast<std::uint32_t>(after_.size())});
  return static_cast<std::uint32_t>(flows() - 1);
}

std::uint32_t FlowPlan::route_of(std::span<const LinkUse> uses) {
  std::size_t hash = uses.size();
  for (const LinkUse& use : uses)
    hash = hash * 1'000'003 + use.link + std::hash<double>()(use.share); // not for adversaries
  const auto [begin, end] = known_.equal_range(hash);
  for (auto at = begin; at != end; ++at) {
    const Route& route = routes_[at->second];
    const auto same = [](const LinkUse& a, const LinkUse& b) {
      return a.link == b.link && a.share == b.share;
    };
    if (std::equal(uses.begin(), uses.end(), uses_.begin() + route.first,
                   uses_.begin() + route.first + route.count, same))
      return at->second;
  }
  const auto number = static_cast<std::uint32_t>(routes_.size());
  routes_.push_back(
      {static_cast<std::uint32_t>(uses_.size()), static_cast<std::uint32_t>(uses.size())});
  uses_.insert(uses_.end(), uses.begin(), uses.end());
  known_.emplace(hash, number);
  return number;
}

FlowOutcome run(const FlowPlan& plan, Time window) {
  const std::size_t count = plan.flows();
  Waiters waiters(plan);
  Fluid fluid(window);
  for (const Bandwidth capacity : plan.links()) fluid.add_link(capacity);
  std::vector<std::uint32_t> which; // by the number of the active flow
  // Those that are free to begin but not yet due, as a heap by start and number.
  std::vector<std::pair<Time, std::uint32_t>> due;
  std::vector<std::uint32_t> now_ended;
  FlowOutcome outcome;
  outcome.ends.resize(count);
  const double began = cpu_seconds();

  const auto begin = [&](std::uint32_t f) {
    const PlannedFlow flow = plan.flow(f);
    const FlowId id = fluid.start(flow.route, flow.size);
    if (which.size() <= id.number) which.resize(id.number + 1);
    which[id.number] = f;
  };
  const auto release = [&](std::uint32_t f) {
    if (const Time start = plan.flow(f).start; start <= fluid.now()) {
      begin(f);
    } else {
      due.push_back({start, f});
      std::push_heap(due.begin(), due.end(), std::greater<>());
    }
  };
  for (std::uint32_t f = 0; f < count; ++f)
    if (waiters.flows[f].missing == 0) release(f);
  std::size_t ended = 0;
  for (;;) {
    const Time next = std::min(fluid.next(), due.empty() ? Time::max() : due.front().first);
    if (next == Time::max()) break;
    now_ended.clear(); // their numbers are used again as others begin
    for (const FlowId id : fluid.advance(next)) now_ended.push_back(which[id.number]);
    ended += now_ended.size();
    for (const std::uint32_t f : now_ended) {
      outcome.ends[f] = next;
      for (std::uint32_t i = waiters.flows[f].first; i < waiters.flows[f + 1].first; ++i)
        if (const std::uint32_t next_flow = waiters.next[i];
            --waiters.flows[next_flow].missing == 0)
          release(next_flow);
    }
    while (!due.empty() && due.front().first <= next) {
      std::pop_heap(due.begin(), due.end(), std::greater<>());
      begin(due.back().second);
      due.pop_back();
    }
  }
  if (ended < count)
    throw ModelError(std::to_string(count - ended) + " of " + std::to_string(count) +
                     " flows never end: they wait for each other or a link has no capacity");
  outcome.cpu_s = cpu_seconds() - began;
  outcome.updates = fluid.updates();
  outcome.makespan = fluid.now();
  return outcome;
}

} // namespace windtunnel::network
