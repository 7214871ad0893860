// An answer allocates nothing: malloc counts here.
#include <gtest/gtest.h>

#include <cstdlib>
#include <new>

#include "models/kernels/gpu_kernels.hpp"

namespace {
std::size_t allocations = 0;
}
void* operator new(std::size_t bytes, const std::nothrow_t&) noexcept {
  ++allocations;
  return std::malloc(bytes);
}
void* operator new(std::size_t bytes) {
  if (void* block = operator new(bytes, std::nothrow)) return block;
  throw std::bad_alloc();
}
// Not inlined: GCC 12 would see free() of what operator new gave, and warn under the sanitizers.
[[gnu::noinline]] void operator delete(void* block) noexcept { std::free(block); }
[[gnu::noinline]] void operator delete(void* block, std::size_t) noexcept { std::free(block); }

namespace windtunnel::kernels {
namespace {

TEST(KernelAllocation, AnswersAllocateNothing) {
  for (const char* gpu : {"H100", "H100-PCIe-80"}) { // measured, transferred
    const GemmKernel gemm = GpuKernels(*catalog::Catalog::builtin().gpu(gpu)).gemm("bf16");
    const AttentionKernel attention =
        GpuKernels(*catalog::Catalog::builtin().gpu(gpu))
            .attention(AttentionPhase::prefill, "bf16", 0, {32, 8, 128});
    const MemoryKernel memory =
        GpuKernels(*catalog::Catalog::builtin().gpu(gpu)).memory("rmsnorm", "bf16");
    const std::size_t before = allocations;
    double sum = 0;
    for (double m = 0.5; m < 1e6; m *= 3)
      for (double n = 10; n < 1e6; n *= 7)
        for (double k = 10; k < 1e6; k *= 7) sum += gemm.time(m, n, k).p90;
    for (double x = 0.5; x < 1e6; x *= 3)
      sum += attention.time(x, 1e4).p90 + memory.time(x, 1e4).p90;
    EXPECT_EQ(allocations, before) << gpu;
    EXPECT_GT(sum, 0);
  }
}

} // namespace
} // namespace windtunnel::kernels
