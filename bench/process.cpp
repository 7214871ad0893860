// Processes: the cost of a switch, of an event between two processes, and of a queueing system.
#include <benchmark/benchmark.h>

#include "libsim/engine/process.hpp"
#include "libsim/engine/resource.hpp"
#include "libsim/engine/store.hpp"

namespace windtunnel::engine {
namespace {

Process ticks(Time period) {
  for (;;) co_await period;
}

/// N processes that wait for time in turn; items are switches.
void timeout_ping_pong(benchmark::State& state) {
  Simulation sim;
  for (std::int64_t i = 0; i < state.range(0); ++i)
    sim.spawn("ticks", ticks(nanoseconds(1000 + i)));
  for (std::int64_t i = 0; i < state.range(0); ++i) sim.step(); // all have begun
  for (auto _ : state) sim.step();
  state.SetItemsProcessed(state.iterations());
}
BENCHMARK(timeout_ping_pong)->Arg(2)->Arg(100)->Arg(10'000);

Process passes_on(Store<int>& in, Store<int>& out) {
  for (;;) {
    const int ball = co_await in.get();
    co_await out.put(ball + 1);
  }
}

/// Two processes hand a ball to each other through stores; items are events.
void store_ping_pong(benchmark::State& state) {
  Simulation sim;
  Store<int> left(sim), right(sim);
  sim.spawn("left", passes_on(left, right));
  sim.spawn("right", passes_on(right, left));
  left.try_put(0);
  for (auto _ : state)
    if (!sim.step()) state.SkipWithError("the ball was lost");
  state.SetItemsProcessed(state.iterations());
}
BENCHMARK(store_ping_pong);

Process customer(Simulation& sim, Resource& server, Time service, Time& waited) {
  const Time arrived = sim.now();
  const Lease lease = co_await server.request();
  waited += sim.now() - arrived;
  co_await service;
}
Process arrivals(Simulation& sim, Resource& server, std::int64_t customers, Time& waited) {
  RandomStream gaps = sim.stream("gaps"), services = sim.stream("services");
  for (std::int64_t i = 0; i < customers; ++i) {
    const Time gap = microseconds(gaps.exponential(1000.0));
    co_await gap;
    const Time service = microseconds(services.exponential(900.0));
    sim.spawn("customer", customer(sim, server, service, waited));
  }
}

/// M/M/1 at 90 % load, a process per customer; items are customers. mean_wait_ms must come near the
/// theoretical 8.1 (0.9 * 0.9 / 0.1 of a millisecond): a check of the run, not of its speed.
void mm1(benchmark::State& state) {
  Time waited;
  std::uint64_t events = 0, replication = 0;
  for (auto _ : state) {
    Simulation sim(1, replication++);
    Resource server(sim, 1);
    sim.spawn("arrivals", arrivals(sim, server, state.range(0), waited));
    sim.run();
    events += sim.events_fired();
  }
  const auto customers = static_cast<double>(state.iterations() * state.range(0));
  state.SetItemsProcessed(state.iterations() * state.range(0));
  state.counters["events/s"] =
      benchmark::Counter(static_cast<double>(events), benchmark::Counter::kIsRate);
  state.counters["mean_wait_ms"] = waited.seconds() * 1e3 / customers;
}
BENCHMARK(mm1)->Arg(100'000)->Unit(benchmark::kMillisecond);

} // namespace
} // namespace windtunnel::engine
