// GemmSample: one measured matrix product C[m,n] = A[m,k] B[k,n], and the files they are read from.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "libsim/base/csv_table.hpp"

namespace windtunnel::kernels {

struct GemmSample {
  std::int64_t m = 0, n = 0, k = 0;
  double seconds = 0;
};

/// The samples of one number format ("bfloat16", "fp8", ...; none when it has none) in a file
/// of aiconfigurator's collectors: columns gemm_dtype, m, n, k and latency in milliseconds.
/// Throws InputError with every problem and its line and column: a missing column, a number that is
/// none or not positive, a shape measured twice, two devices in one file.
std::vector<GemmSample> read_aiconfigurator_gemm(const CsvTable& table,
                                                 const std::string& gemm_dtype);

} // namespace windtunnel::kernels
