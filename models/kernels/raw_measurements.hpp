// RawMeasurements: the raw CSV that our measuring suite (calibration/bench) writes for one GPU,
// read strictly: what a fit is built on should not be guessed at.
//
//   const RawMeasurements raw = read_raw_measurements("h100.csv");
//   for (const RawMeasurement& row : raw.measured)
//     if (row.op == "gemm" && row.dtype == "bf16") use(row.at("m"), row.seconds);
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace windtunnel::kernels {

struct RawMeasurement {
  std::string op, variant, dtype;
  std::vector<std::pair<std::string, std::int64_t>> shape; ///< in the file's order
  bool hot = false;   ///< buffers in the L2; else rotated past it
  bool fresh = false; ///< drawn to score a fit; else of the grid
  double seconds = 0; ///< the median
  double seconds_min = 0, seconds_p95 = 0;
  double ci = 0; ///< half the 95 % interval of the median, over the median
  double flops = 0, bytes = 0;
  std::size_t line = 0; ///< of the file

  /// Throws ModelError, naming line and key, when the shape has none.
  std::int64_t at(std::string_view key) const;
};

/// A case the device or its libraries could not do.
struct RawSkip {
  std::string op, variant, dtype, shape, reason;
};

struct RawMeasurements {
  std::string gpu;                           ///< as the driver names it
  std::map<std::string, std::string> header; ///< the '# key: value' lines
  std::vector<RawMeasurement> measured;
  std::vector<RawSkip> skipped;
};

/// Throws InputError with every problem, each with its line and, in a row, its column: another
/// schema, missing columns, rows cut short, times that are no number or not above 0, two GPUs in
/// one file, a case twice.
RawMeasurements read_raw_measurements(const std::string& path);

} // namespace windtunnel::kernels
