// GemmSample: one measured matrix product C[m,n] = A[m,k] B[k,n], and the files they are read from.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace windtunnel::kernels {

struct GemmSample {
  std::int64_t m = 0, n = 0, k = 0;
  double seconds = 0;
};

/// The samples of one number format in a CSV (or CSV.gz) of aiconfigurator's collectors: columns
/// gemm_dtype, m, n, k and latency in milliseconds. `dtype` is ours: "bf16", "fp8", "fp8_block",
/// "fp4". Throws InputError with every problem and its line and column: a missing column, a number
/// that is none or not positive, a shape measured twice, two devices in one file, no sample.
std::vector<GemmSample> read_aiconfigurator_gemm(const std::string& path, const std::string& dtype);

} // namespace windtunnel::kernels
