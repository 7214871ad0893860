// What a fit is made of, out of the raw file of our measuring suite (calibration/bench).
#pragma once

#include <map>
#include <string>
#include <vector>

#include "models/kernels/gemm_samples.hpp"
#include "models/kernels/memory_samples.hpp"
#include "models/kernels/raw_measurements.hpp"

namespace windtunnel::kernels {

struct SuiteSamples {
  std::map<std::string, std::vector<GemmSample>> gemm;       ///< by a GemmFormat's name
  std::map<std::string, std::vector<GemmSample>> fresh_gemm; ///< drawn to score the fit
  std::map<std::string, std::vector<MemorySample>> memory;   ///< by number format
  /// Measurements that no table knows, a line for each kind, with their number.
  std::vector<std::string> left_out;
};

/// Of buffers rotated past the L2, as the tables have it; products as a layer's forward pass has
/// them (variant tn). Elementwise operators, measured by elements, are rows of 8,192.
SuiteSamples suite_samples(const RawMeasurements& raw);

} // namespace windtunnel::kernels
