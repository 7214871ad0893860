#include "models/network/flow_plan.hpp"

#include <algorithm>
#include <ctime>
#include <numeric>
#include <string>

#include "libsim/base/error.hpp"
#include "models/network/fluid.hpp"

namespace windtunnel::network {
namespace {

double cpu_seconds() { return static_cast<double>(std::clock()) / CLOCKS_PER_SEC; }

/// Who waits for whom, as one array: those who wait for flow f are next[first[f] .. first[f + 1]).
struct Waiters {
  std::vector<std::uint32_t> first, next;
  std::vector<std::uint32_t> missing; ///< flows that each still waits for

  explicit Waiters(const FlowPlan& plan)
      : first(plan.flows.size() + 1, 0), missing(plan.flows.size(), 0) {
    for (std::uint32_t f = 0; f < plan.flows.size(); ++f)
      for (const std::uint32_t before : plan.flows[f].after) {
        if (before >= plan.flows.size())
          throw ModelError("flow " + std::to_string(f) + " waits for flow " +
                           std::to_string(before) + ", which is not there");
        ++first[before + 1];
        ++missing[f];
      }
    std::partial_sum(first.begin(), first.end(), first.begin());
    next.resize(first.back());
    std::vector<std::uint32_t> at(first);
    for (std::uint32_t f = 0; f < plan.flows.size(); ++f)
      for (const std::uint32_t before : plan.flows[f].after) next[at[before]++] = f;
  }
};

} // namespace

FlowOutcome run(const FlowPlan& plan, Time window) {
  const std::size_t count = plan.flows.size();
  Waiters waiters(plan);
  Fluid fluid(window);
  for (const Bandwidth capacity : plan.links) fluid.add_link(capacity);
  std::vector<std::uint32_t> which; // by the number of the active flow
  // Those that are free to begin but not yet due, as a heap by start and number.
  std::vector<std::pair<Time, std::uint32_t>> due;
  std::vector<std::uint32_t> now_ended;
  FlowOutcome outcome;
  outcome.ends.resize(count);
  const double began = cpu_seconds();

  const auto begin = [&](std::uint32_t f) {
    const FlowId id = fluid.start(plan.flows[f].route, plan.flows[f].size);
    if (which.size() <= id.number) which.resize(id.number + 1);
    which[id.number] = f;
  };
  const auto release = [&](std::uint32_t f) {
    if (plan.flows[f].start <= fluid.now()) {
      begin(f);
    } else {
      due.push_back({plan.flows[f].start, f});
      std::push_heap(due.begin(), due.end(), std::greater<>());
    }
  };
  for (std::uint32_t f = 0; f < count; ++f)
    if (waiters.missing[f] == 0) release(f);
  std::size_t ended = 0;
  for (;;) {
    const Time next = std::min(fluid.next(), due.empty() ? Time::max() : due.front().first);
    if (next == Time::max()) break;
    now_ended.clear(); // their numbers are used again as others begin
    for (const FlowId id : fluid.advance(next)) now_ended.push_back(which[id.number]);
    ended += now_ended.size();
    for (const std::uint32_t f : now_ended) {
      outcome.ends[f] = next;
      for (std::uint32_t i = waiters.first[f]; i < waiters.first[f + 1]; ++i)
        if (--waiters.missing[waiters.next[i]] == 0) release(waiters.next[i]);
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
