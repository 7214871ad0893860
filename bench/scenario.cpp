// Whole scenarios of scenarios/library: one replication of months of training, with and without a
// timeline, and one call of the step model.
#include <benchmark/benchmark.h>

#include "models/training/step_model.hpp"
#include "scenarios/check.hpp"
#include "scenarios/read_scenario.hpp"
#include "scenarios/world.hpp"

namespace windtunnel::scenarios {
namespace {

constexpr const char* llama_405b = WINDTUNNEL_LIBRARY "/pretrain-llama3.1-405b-p5.json";

void replicate(benchmark::State& state, bool traced) {
  const catalog::Catalog catalog = catalog::Catalog::builtin();
  const Scenario scenario = load_scenario(llama_405b, {});
  require_valid(scenario, catalog);
  const WorldPlan plan(scenario, catalog, {});
  double days = 0;
  std::uint64_t events = 0;
  int replication = 0;
  for (auto _ : state) {
    trace::Timeline timeline;
    const WorldResult result = plan.simulate(replication++, traced ? &timeline : nullptr);
    days += result.usage.duration.days();
    events += result.events;
  }
  state.SetItemsProcessed(state.iterations());
  state.counters["simulated_days/s"] = benchmark::Counter(days, benchmark::Counter::kIsRate);
  state.counters["events/s"] =
      benchmark::Counter(static_cast<double>(events), benchmark::Counter::kIsRate);
}
void replication_405b(benchmark::State& state) { replicate(state, false); }
void replication_405b_traced(benchmark::State& state) { replicate(state, true); }
BENCHMARK(replication_405b)->Unit(benchmark::kMicrosecond);
BENCHMARK(replication_405b_traced)->Unit(benchmark::kMicrosecond);

void estimate_step_405b(benchmark::State& state) {
  const catalog::Catalog catalog = catalog::Catalog::builtin();
  const Scenario scenario = load_scenario(llama_405b, {});
  require_valid(scenario, catalog);
  const training::StepSetup setup = step_setup(scenario.workloads.front(), scenario, catalog);
  for (auto _ : state) benchmark::DoNotOptimize(training::estimate_step(setup));
  state.SetItemsProcessed(state.iterations());
}
BENCHMARK(estimate_step_405b)->Unit(benchmark::kMicrosecond);

} // namespace
} // namespace windtunnel::scenarios
