// Questions a second to a model of collectives: one asked before, and one that was not.
#include <benchmark/benchmark.h>

#include "models/network/collective_model.hpp"

namespace {

using namespace windtunnel;

network::CollectiveModel p5() {
  return network::CollectiveModel(
      network::describe_system("p5.48xlarge", catalog::Catalog::builtin()));
}

void remembered(benchmark::State& state) {
  network::CollectiveModel model = p5();
  for (auto _ : state) benchmark::DoNotOptimize(model.predict(network::Op::all_reduce, 1_GiB, 128));
  state.SetItemsProcessed(state.iterations());
}
BENCHMARK(remembered);

/// `range`: nodes; two are chosen for by NCCL's model, more by the tuner's regions.
void fresh(benchmark::State& state) {
  network::CollectiveModel model = p5();
  const int ranks = 8 * static_cast<int>(state.range(0));
  std::int64_t size = 1024;
  for (auto _ : state) {
    size = size < (std::int64_t{1} << 34) ? size + size / 7 + 8 : 1024 + size % 1021;
    benchmark::DoNotOptimize(model.predict(network::Op::all_reduce, bytes(size), ranks));
  }
  state.SetItemsProcessed(state.iterations());
}
BENCHMARK(fresh)->Arg(1)->Arg(2)->Arg(16)->Arg(256);

} // namespace
