// Speed of the flow solver; items are flows. Against SimGrid: bench/peers/compare_flows.cpp.
//
//   build/release/bin/bench_flows
#include <benchmark/benchmark.h>

#include "bench/flow_cases.hpp"

namespace {

using namespace windtunnel;
using namespace windtunnel::network;

void run_plan(benchmark::State& state, const FlowPlan& plan, Time window = {}) {
  FlowOutcome outcome;
  for (auto _ : state) outcome = run(plan, window);
  state.SetItemsProcessed(state.iterations() * static_cast<std::int64_t>(plan.flows.size()));
  state.counters["updates"] = static_cast<double>(outcome.updates);
  state.counters["makespan_s"] = outcome.makespan.seconds();
}

void ring_of_64_by_8(benchmark::State& state) { run_plan(state, ring(64, 8, 0.05)); }
BENCHMARK(ring_of_64_by_8)->Unit(benchmark::kMillisecond);

void all_to_all(benchmark::State& state) {
  run_plan(state, star_all_to_all(static_cast<std::uint32_t>(state.range(0)), 0.05));
}
BENCHMARK(all_to_all)->Arg(64)->Arg(128)->Unit(benchmark::kMillisecond);

void all_to_all_batched(benchmark::State& state) {
  run_plan(state, star_all_to_all(static_cast<std::uint32_t>(state.range(0)), 0.05),
           milliseconds(2));
}
BENCHMARK(all_to_all_batched)->Arg(128)->Unit(benchmark::kMillisecond);

void clos_pairs(benchmark::State& state) {
  run_plan(state, clos(2048, static_cast<std::uint32_t>(state.range(0))));
}
BENCHMARK(clos_pairs)->Arg(2'000)->Arg(10'000)->Unit(benchmark::kMillisecond);

} // namespace
