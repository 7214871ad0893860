// Answers a second of a fitted kernel table, at shapes on and off its grid.
#include <benchmark/benchmark.h>

#include <array>

#include "libsim/base/random.hpp"
#include "models/kernels/kernel_table.hpp"

namespace {

using namespace windtunnel;

void gemm_time(benchmark::State& state) {
  const kernels::GemmTable& table = kernels::built_in_tables().front().gemm.front().table;
  struct Shape {
    double m, n, k;
  };
  std::array<Shape, 4096> shapes;
  RandomStream random(1, 0, "shapes");
  const auto draw = [&] { return static_cast<double>(random.integer(1, 16'384)); };
  for (Shape& shape : shapes) shape = {draw(), draw(), draw()};
  std::size_t i = 0;
  for (auto _ : state) {
    const Shape& shape = shapes[i++ % shapes.size()];
    benchmark::DoNotOptimize(table.time(shape.m, shape.n, shape.k));
  }
  state.SetItemsProcessed(state.iterations());
}
BENCHMARK(gemm_time);

} // namespace
