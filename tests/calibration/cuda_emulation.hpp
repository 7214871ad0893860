// Runs the suite's device code on the host: the threads of a block are threads of the host that
// meet at barriers, the blocks of a grid go one after the other. So its logic is tested where there
// is no GPU, and ThreadSanitizer sees a barrier that is missing.
//
// Include before any .cuh of the suite.
#pragma once

#include <atomic>
#include <barrier>
#include <cmath>
#include <cstdint>
#include <cstring>
#include <functional>
#include <memory>
#include <thread>
#include <vector>

#define __global__
#define __device__
#define __shared__ static
#define __launch_bounds__(threads)

namespace windtunnel::calibration {

struct Dim3 {
  unsigned x = 1, y = 1, z = 1;
};
struct float2 {
  float x, y;
};

/// Where the running thread is.
inline thread_local Dim3 threadIdx, blockIdx, blockDim, gridDim;

/// Barriers of the running block and of its warps, and what lanes show each other.
struct EmulatedBlock {
  struct Warp {
    explicit Warp(unsigned lanes) : barrier(lanes) {}
    std::barrier<> barrier;
    float shown[32] = {};
  };
  explicit EmulatedBlock(unsigned threads) : barrier(threads) {
    for (unsigned first = 0; first < threads; first += 32)
      warps.push_back(std::make_unique<Warp>(threads - first < 32 ? threads - first : 32));
  }
  std::barrier<> barrier;
  std::vector<std::unique_ptr<Warp>> warps;
};
inline thread_local EmulatedBlock* emulated_block = nullptr;

inline void __syncthreads() { emulated_block->barrier.arrive_and_wait(); }

inline float __shfl_xor_sync(unsigned, float value, int other) {
  EmulatedBlock::Warp& warp = *emulated_block->warps[threadIdx.x / 32];
  const unsigned lane = threadIdx.x % 32;
  warp.shown[lane] = value;
  warp.barrier.arrive_and_wait();
  const float seen = warp.shown[lane ^ static_cast<unsigned>(other)];
  warp.barrier.arrive_and_wait();
  return seen;
}

inline void atomicAdd(float* at, float value) { std::atomic_ref<float>(*at).fetch_add(value); }
inline float rsqrtf(float x) { return 1 / std::sqrt(x); }

/// kernel<<<grid, threads>>>() for a kernel called in `kernel`.
inline void emulate(Dim3 grid, unsigned threads, const std::function<void()>& kernel) {
  for (unsigned z = 0; z < grid.z; ++z)
    for (unsigned y = 0; y < grid.y; ++y)
      for (unsigned x = 0; x < grid.x; ++x) {
        EmulatedBlock block(threads);
        std::vector<std::thread> running;
        for (unsigned t = 0; t < threads; ++t)
          running.emplace_back([&, t] {
            threadIdx = {t, 0, 0};
            blockIdx = {x, y, z};
            blockDim = {threads, 1, 1};
            gridDim = grid;
            emulated_block = &block;
            kernel();
            // A thread that is done holds up nobody.
            block.warps[t / 32]->barrier.arrive_and_drop();
            block.barrier.arrive_and_drop();
          });
        for (std::thread& thread : running) thread.join();
      }
}

/// Sixteen bits with fp32's exponent, rounded to nearest even.
struct Bf16 {
  std::uint16_t bits;
};
inline float to_float(Bf16 x) {
  const std::uint32_t bits = std::uint32_t{x.bits} << 16;
  float value = 0;
  std::memcpy(&value, &bits, sizeof value);
  return value;
}
inline float to_float(float x) { return x; }
using Fp16 = Bf16; // the host's tests need no other formats
using Fp8 = Bf16;

template <class T> T from_float(float);
template <> inline float from_float(float x) { return x; }
template <> inline Bf16 from_float(float x) {
  std::uint32_t bits = 0;
  std::memcpy(&bits, &x, sizeof bits);
  bits += 0x7fff + ((bits >> 16) & 1);
  return {static_cast<std::uint16_t>(bits >> 16)};
}

} // namespace windtunnel::calibration
