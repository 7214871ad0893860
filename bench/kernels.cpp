// Answers a second of the front door to kernel costs, at shapes on and off the grid: of a measured
// GPU, and of one that its relatives answer for.
#include <benchmark/benchmark.h>

#include <algorithm>
#include <array>
#include <cstdlib>

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

const kernels::AttentionTable& attention_table(kernels::AttentionPhase phase) {
  for (const kernels::KernelTable& table : kernels::built_in_tables())
    for (const kernels::FittedAttention& attention : table.attention)
      if (attention.table.roofline().phase == phase) return attention.table;
  std::abort();
}

void attention_time(benchmark::State& state, kernels::AttentionPhase phase,
                    kernels::AttentionShape shape) {
  const kernels::AttentionCurve curve = attention_table(phase).curve(shape);
  struct Launch {
    double batch, length;
  };
  std::array<Launch, 4096> launches;
  RandomStream random(1, 0, "launches");
  for (Launch& launch : launches)
    launch = {static_cast<double>(random.integer(1, 256)),
              static_cast<double>(random.integer(1, 16'384))};
  std::size_t i = 0;
  for (auto _ : state) {
    const Launch& launch = launches[i++ % launches.size()];
    benchmark::DoNotOptimize(curve.time(launch.batch, launch.length));
  }
  state.SetItemsProcessed(state.iterations());
}
BENCHMARK_CAPTURE(attention_time, prefill_measured, kernels::AttentionPhase::prefill,
                  kernels::AttentionShape{32, 8, 128});
BENCHMARK_CAPTURE(attention_time, decode_measured, kernels::AttentionPhase::decode,
                  kernels::AttentionShape{32, 8, 128});
BENCHMARK_CAPTURE(attention_time, decode_kriged, kernels::AttentionPhase::decode,
                  kernels::AttentionShape{28, 4, 128});

/// A head shape that was not measured: once a model.
void attention_curve(benchmark::State& state) {
  const kernels::AttentionTable& table = attention_table(kernels::AttentionPhase::decode);
  for (auto _ : state) benchmark::DoNotOptimize(table.curve({28, 4, 128}));
}
BENCHMARK(attention_curve)->Unit(benchmark::kMillisecond);

} // namespace
