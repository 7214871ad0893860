// What results are compared with on the GPU itself: products at sampled places, sums of squares,
// and scattered runs of elements brought together.
#pragma once

#include "../normal.hpp"
#include "device_code.cuh"

namespace windtunnel::calibration {

enum class Format { bf16, fp16, fp32, fp8 };

__device__ inline double element(const void* data, Format format, std::int64_t at) {
  switch (format) {
  case Format::bf16:
    return to_float(static_cast<const Bf16*>(data)[at]);
  case Format::fp16:
    return to_float(static_cast<const Fp16*>(data)[at]);
  case Format::fp8:
    return to_float(static_cast<const Fp8*>(data)[at]);
  case Format::fp32:
    break;
  }
  return static_cast<const float*>(data)[at];
}

struct View {
  const void* data;
  Format format;
  std::int64_t rows, columns, row_stride, column_stride;
};

/// One block a sampled element: squares[2 i] and [2 i + 1] take the square of the difference and of
/// the reference.
__global__ void sampled_product_kernel(View a, View b, View c, std::uint64_t seed, bool all,
                                       double* squares) {
  __shared__ double partial[256];
  std::int64_t row, column;
  if (all) {
    row = blockIdx.x / c.columns;
    column = blockIdx.x % c.columns;
  } else {
    const Philox bits = philox4x32({{blockIdx.x, 0, 0, 0}}, static_cast<std::uint32_t>(seed), 7);
    row = bits.v[0] % c.rows;
    column = bits.v[1] % c.columns;
  }
  double sum = 0;
  for (std::int64_t k = threadIdx.x; k < a.columns; k += blockDim.x)
    sum += element(a.data, a.format, row * a.row_stride + k * a.column_stride) *
           element(b.data, b.format, k * b.row_stride + column * b.column_stride);
  partial[threadIdx.x] = sum;
  __syncthreads();
  for (unsigned half = blockDim.x / 2; half > 0; half /= 2) {
    if (threadIdx.x < half) partial[threadIdx.x] += partial[threadIdx.x + half];
    __syncthreads();
  }
  if (threadIdx.x == 0) {
    const double got = element(c.data, c.format, row * c.row_stride + column * c.column_stride);
    const double difference = got - partial[0];
    squares[2 * blockIdx.x] = difference * difference;
    squares[2 * blockIdx.x + 1] = partial[0] * partial[0];
  }
}

/// The sum of the squares that each block meets.
__global__ void sum_of_squares_kernel(const void* data, Format format, std::size_t count,
                                      double* squares) {
  __shared__ double partial[256];
  double sum = 0;
  for (std::size_t i = static_cast<std::size_t>(grid_index()); i < count;
       i += static_cast<std::size_t>(grid_threads())) {
    const double value = element(data, format, static_cast<std::int64_t>(i));
    sum += value * value;
  }
  partial[threadIdx.x] = sum;
  __syncthreads();
  for (unsigned half = blockDim.x / 2; half > 0; half /= 2) {
    if (threadIdx.x < half) partial[threadIdx.x] += partial[threadIdx.x + half];
    __syncthreads();
  }
  if (threadIdx.x == 0) squares[blockIdx.x] = partial[0];
}

__global__ void gather_runs_kernel(const std::uint16_t* data, std::int64_t begin, std::int64_t step,
                                   std::int64_t width, std::int64_t count, std::uint16_t* out) {
  for (std::int64_t i = grid_index(); i < width * count; i += grid_threads())
    out[i] = data[begin + i / width * step + i % width];
}

} // namespace windtunnel::calibration
