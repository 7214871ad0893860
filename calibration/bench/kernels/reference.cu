#include "reference.hpp"

#include <cmath>
#include <vector>

#include "fetch.hpp"
#include "reference_kernels.cuh"

namespace windtunnel::calibration {
namespace {

Format format_of(std::string_view dtype) {
  if (dtype == "bf16") return Format::bf16;
  if (dtype == "fp16") return Format::fp16;
  if (dtype == "tf32" || dtype == "fp32") return Format::fp32;
  if (dtype == "fp8_e4m3") return Format::fp8;
  throw std::invalid_argument("no reference in format '" + std::string(dtype) + "'");
}

View view_of(const Matrix& m) {
  return {m.data, format_of(m.dtype), m.rows, m.columns, m.row_stride, m.column_stride};
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
  sum_of_squares_kernel<<<most_blocks, threads, 0, device.stream()>>>(
      data, format_of(dtype), count, static_cast<double*>(squares.get()));
  WT_CHECK_LAUNCH();
  double sum = 0;
  for (const double square : fetched(device, squares, most_blocks)) sum += square;
  return std::sqrt(sum);
}

Values fetch_strided(Device& device, const void* data, std::string_view dtype, std::int64_t begin,
                     std::int64_t step, std::int64_t width, std::int64_t count) {
  const DeviceBuffer together(static_cast<std::size_t>(width * count) * sizeof(std::uint16_t));
  gather_runs_kernel<<<most_blocks, threads, 0, device.stream()>>>(
      static_cast<const std::uint16_t*>(data), begin, step, width, count,
      static_cast<std::uint16_t*>(together.get()));
  WT_CHECK_LAUNCH();
  return fetch(device, together.get(), dtype, 0, width * count);
}

} // namespace windtunnel::calibration
