// What the device code of the suite shares: number formats, 16-byte packs, sums over warps and
// blocks. Everything here and in the other .cuh files also compiles for the host with the threads
// of a block as threads of the host (tests/calibration/cuda_emulation.hpp), which is how its logic
// is tested where there is no GPU.
#pragma once

#ifdef __CUDACC__
#include <cuda_bf16.h>
#include <cuda_fp16.h>
#include <cuda_fp8.h>
#endif

#include <cstdint>

/// Register arrays want their loops unrolled; other compilers than nvcc need not know the word.
#ifdef __CUDACC__
#define WT_UNROLL _Pragma("unroll")
#else
#define WT_UNROLL
#endif

namespace windtunnel::calibration {

#ifdef __CUDACC__
using Bf16 = __nv_bfloat16;
using Fp16 = __half;
using Fp8 = __nv_fp8_e4m3;
__device__ inline float to_float(float x) { return x; }
__device__ inline float to_float(__nv_bfloat16 x) { return __bfloat162float(x); }
__device__ inline float to_float(__half x) { return __half2float(x); }
__device__ inline float to_float(__nv_fp8_e4m3 x) { return static_cast<float>(x); }

template <class T> __device__ inline T from_float(float x) { return T(x); }
template <> __device__ inline __nv_bfloat16 from_float(float x) { return __float2bfloat16(x); }
template <> __device__ inline __half from_float(float x) { return __float2half(x); }
#endif

/// What one thread loads or stores at once.
template <class T> struct alignas(16) Pack {
  static constexpr int size = 16 / sizeof(T);
  T v[size];
};

template <class T> __device__ inline Pack<T> load_pack(const T* data, std::int64_t pack) {
  return reinterpret_cast<const Pack<T>*>(data)[pack];
}
template <class T> __device__ inline void store_pack(T* data, std::int64_t pack, Pack<T> value) {
  reinterpret_cast<Pack<T>*>(data)[pack] = value;
}

/// First index of this thread and the step to its next, over all threads of the grid.
__device__ inline std::int64_t grid_index() {
  return std::int64_t{blockIdx.x} * blockDim.x + threadIdx.x;
}
__device__ inline std::int64_t grid_threads() { return std::int64_t{gridDim.x} * blockDim.x; }

constexpr unsigned all_lanes = 0xffffffffu;

__device__ inline float warp_sum(float value) {
  for (int lane = 16; lane > 0; lane /= 2) value += __shfl_xor_sync(all_lanes, value, lane);
  return value;
}
__device__ inline float warp_max(float value) {
  for (int lane = 16; lane > 0; lane /= 2)
    value = fmaxf(value, __shfl_xor_sync(all_lanes, value, lane));
  return value;
}

/// Of all threads of the block, whose number is a multiple of 32; every thread gets it.
__device__ inline float block_sum(float value) {
  __shared__ float partial[32];
  const unsigned lane = threadIdx.x % 32, warp = threadIdx.x / 32;
  value = warp_sum(value);
  if (lane == 0) partial[warp] = value;
  __syncthreads();
  value = warp_sum(lane < blockDim.x / 32 ? partial[lane] : 0.0f);
  __syncthreads(); // partial may be written again
  return value;
}
__device__ inline float block_max(float value) {
  __shared__ float partial[32];
  const unsigned lane = threadIdx.x % 32, warp = threadIdx.x / 32;
  value = warp_max(value);
  if (lane == 0) partial[warp] = value;
  __syncthreads();
  value = warp_max(lane < blockDim.x / 32 ? partial[lane] : partial[0]);
  __syncthreads();
  return value;
}

} // namespace windtunnel::calibration
