// References on the GPU in double precision, at sampled places of results of any size.
#pragma once

#include <cstdint>
#include <string_view>

#include "../device.hpp"

namespace windtunnel::calibration {

/// A matrix in memory: element (row, column) lies at row * row_stride + column * column_stride.
struct Matrix {
  const void* data = nullptr;
  std::string_view dtype;
  std::int64_t rows = 0, columns = 0, row_stride = 0, column_stride = 0;
};

/// |c - a b| / |a b| over sampled elements (all of a small one). Uses no memory of the arena but a
/// few kilobytes.
double product_error(Device&, const Matrix& a, const Matrix& b, const Matrix& c,
                     std::uint64_t seed = 1);

/// The root of the sum of squares of an array.
double norm_of(Device&, const void* data, std::string_view dtype, std::size_t count);

} // namespace windtunnel::calibration
