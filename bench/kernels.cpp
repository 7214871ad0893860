// Answers a second of the front door to kernel costs, at shapes on and off the grid: of a measured
// GPU, and of one that its relatives answer for.
#include <benchmark/benchmark.h>

#include <array>

#include "libsim/base/random.hpp"
#include "models/kernels/gpu_kernels.hpp"

namespace {

using namespace windtunnel;

void gemm_time(benchmark::State& state, const char* gpu) {
  const kernels::GemmKernel gemm =
      kernels::GpuKernels(*catalog::Catalog::builtin().gpu(gpu)).gemm("bf16");
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
    benchmark::DoNotOptimize(gemm.time(shape.m, shape.n, shape.k));
  }
  state.SetItemsProcessed(state.iterations());
}
BENCHMARK_CAPTURE(gemm_time, measured, "H100");
BENCHMARK_CAPTURE(gemm_time, transferred, "H100-PCIe-80");

} // namespace
