// The event set alone, on plain events. items_per_second is events (or timers) per second.
//
// Hold model: N pending events, each schedules its successor an exponential time later when it
// fires, so N stays. Increments come from a table, drawn before the clock runs.
#include <benchmark/benchmark.h>

#include <vector>

#include "libsim/base/random.hpp"
#include "libsim/engine/simulation.hpp"

namespace windtunnel::engine {
namespace {

constexpr std::size_t table_size = 1 << 16; // a power of two: the index wraps by a mask

std::vector<Time> exponential_table() {
  RandomStream random(1, 0, "increments");
  std::vector<Time> table(table_size);
  for (Time& gap : table) gap = microseconds(random.exponential(1e3));
  return table;
}

/// An event that schedules itself again for ever.
class Holder {
public:
  Holder(Simulation& sim, const std::vector<Time>& table, std::size_t& index)
      : sim_(&sim), table_(&table), index_(&index) {}
  void operator()() const { sim_->after((*table_)[(*index_)++ & (table_size - 1)], *this); }

private:
  Simulation* sim_;
  const std::vector<Time>* table_;
  std::size_t* index_;
};

void hold(benchmark::State& state) {
  const std::vector<Time> table = exponential_table();
  std::size_t index = 0;
  Simulation sim;
  const Holder holder(sim, table, index);
  for (std::int64_t i = 0; i < state.range(0); ++i) holder();
  for (auto _ : state) sim.step();
  state.SetItemsProcessed(state.iterations());
  if (sim.events_pending() != static_cast<std::size_t>(state.range(0)))
    state.SkipWithError("the number of pending events changed");
}
BENCHMARK(hold)->Arg(100)->Arg(10'000)->Arg(1'000'000);

/// Timers armed in one go, every other one cancelled before it fires.
void schedule_and_cancel(benchmark::State& state) {
  const std::vector<Time> table = exponential_table();
  const std::int64_t timers = state.range(0);
  std::int64_t fired = 0;
  std::vector<EventHandle> handles(static_cast<std::size_t>(timers));
  for (auto _ : state) {
    Simulation sim;
    std::size_t index = 0;
    for (EventHandle& handle : handles)
      handle = sim.after(table[index++ & (table_size - 1)], [&fired] { ++fired; });
    for (std::size_t i = 0; i < handles.size(); i += 2) sim.cancel(handles[i]);
    sim.run();
  }
  state.SetItemsProcessed(state.iterations() * timers);
  if (fired != static_cast<std::int64_t>(state.iterations()) * (timers / 2))
    state.SkipWithError("a cancelled timer fired, or another did not");
}
BENCHMARK(schedule_and_cancel)->Arg(1'000)->Arg(100'000)->Unit(benchmark::kMicrosecond);

/// A pending timer moved later again and again, as a watchdog: one among N.
void reschedule(benchmark::State& state) {
  const std::vector<Time> table = exponential_table();
  std::size_t index = 0;
  Simulation sim;
  const Holder holder(sim, table, index);
  for (std::int64_t i = 0; i < state.range(0); ++i) holder();
  EventHandle watchdog = sim.after(hours(1), [] {});
  for (auto _ : state) {
    sim.step();
    watchdog = sim.reschedule(watchdog, sim.now() + hours(1));
  }
  state.SetItemsProcessed(state.iterations());
  if (!sim.pending(watchdog)) state.SkipWithError("the watchdog fired");
}
BENCHMARK(reschedule)->Arg(1'000);

} // namespace
} // namespace windtunnel::engine
