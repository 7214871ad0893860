#include "reference.hpp"

#include <cmath>
#include <vector>

#include "../normal.hpp"
#include "device_code.cuh"
#include "fetch.hpp"

namespace windtunnel::calibration {
namespace {

enum class Format { bf16, fp16, fp32, fp8 };

Format format_of(std::string_view dtype) {
  if (dtype == "bf16") return Format::bf16;
  if (dtype == "fp16") return Format::fp16;
  if (dtype == "tf32" || dtype == "fp32") return Format::fp32;
  if (dtype == "fp8_e4m3") return Format::fp8;
  throw std::invalid_argument("no reference in format '" + std::string(dtype) + "'");
}

__device__ double element(const void* data, Format format, std::int64_t at) {
  switch (format) {
  case Format::bf16:
    return to_float(static_cast<const __nv_bfloat16*>(data)[at]);
  case Format::fp16:
    return to_float(static_cast<const __half*>(data)[at]);
  case Format::fp8:
    return to_float(static_cast<const __nv_fp8_e4m3*>(data)[at]);
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

View view_of(const Matrix& m) {
  return {m.data, format_of(m.dtype), m.rows, m.columns, m.row_stride, m.column_stride};
}

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
__global__ void squares_kernel(const void* data, Format format, std::size_t count,
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

__global__ void gather_kernel(const std::uint16_t* data, std::int64_t begin, std::int64_t step,
                              std::int64_t width, std::int64_t count, std::uint16_t* out) {
  for (std::int64_t i = grid_index(); i < width * count; i += grid_threads())
    out[i] = data[begin + i / width * step + i % width];
}

constexpr unsigned threads = 256, most_blocks = 1024;

std::vector<double> fetched(Device& device, const DeviceBuffer& squares, std::size_t count) {
  std::vector<double> host(count);
  WT_CHECK(cudaMemcpyAsync(host.data(), squares.get(), host.size() * sizeof(double),
                           cudaMemcpyDeviceToHost, device.stream()));
  device.synchronize();
  return host;
}

} // namespace

double product_error(Device& device, const Matrix& a, const Matrix& b, const Matrix& c,
                     std::uint64_t seed) {
  static const DeviceBuffer squares(2 * most_blocks * sizeof(double));
  const bool all = c.rows * c.columns <= most_blocks;
  const unsigned blocks = all ? static_cast<unsigned>(c.rows * c.columns) : most_blocks;
  sampled_product_kernel<<<blocks, threads, 0, device.stream()>>>(
      view_of(a), view_of(b), view_of(c), seed, all, static_cast<double*>(squares.get()));
  WT_CHECK_LAUNCH();
  const std::vector<double> host = fetched(device, squares, 2 * blocks);
  double difference = 0, size = 0;
  for (std::size_t i = 0; i < blocks; ++i) {
    difference += host[2 * i];
    size += host[2 * i + 1];
  }
  if (size == 0) return difference == 0 ? 0 : INFINITY;
  return std::sqrt(difference / size);
}

double norm_of(Device& device, const void* data, std::string_view dtype, std::size_t count) {
  static const DeviceBuffer squares(most_blocks * sizeof(double));
  squares_kernel<<<most_blocks, threads, 0, device.stream()>>>(data, format_of(dtype), count,
                                                               static_cast<double*>(squares.get()));
  WT_CHECK_LAUNCH();
  double sum = 0;
  for (const double square : fetched(device, squares, most_blocks)) sum += square;
  return std::sqrt(sum);
}

Values fetch_strided(Device& device, const void* data, std::string_view dtype, std::int64_t begin,
                     std::int64_t step, std::int64_t width, std::int64_t count) {
  const DeviceBuffer together(static_cast<std::size_t>(width * count) * sizeof(std::uint16_t));
  gather_kernel<<<most_blocks, threads, 0, device.stream()>>>(
      static_cast<const std::uint16_t*>(data), begin, step, width, count,
      static_cast<std::uint16_t*>(together.get()));
  WT_CHECK_LAUNCH();
  return fetch(device, together.get(), dtype, 0, width * count);
}

} // namespace windtunnel::calibration
