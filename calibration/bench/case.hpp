// Case: one kernel at one shape, as it is asked for. What a row of the raw CSV answers.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace windtunnel::calibration {

/// Key and value pairs in the order the operation fixes: "m=128 n=4096 k=4096".
using Shape = std::vector<std::pair<std::string, std::int64_t>>;

/// Which part of the suite a case belongs to; smaller is measured first.
enum class Group {
  ceilings = 0, ///< copies, peaks and launches: what all else is divided by
  models = 1,   ///< what the language and diffusion models of the catalog run
  rest = 2,     ///< finer grids, rarer formats and shapes
};
const char* to_string(Group);

/// Buffers rotated past the L2, or one set used again and again.
enum class Cache { cold, hot };
const char* to_string(Cache);

/// Part of the grid that tables are fitted to, or drawn afresh to score them.
enum class Split { grid, fresh };
const char* to_string(Split);

struct Case {
  std::string op, variant, dtype;
  Shape shape;
  Cache cache = Cache::cold;
  Split split = Split::grid;
  Group group = Group::rest;
  bool quick = false; ///< also part of --quick

  std::int64_t at(std::string_view key) const; ///< throws std::out_of_range, naming the key
  std::string shape_text() const;
  /// Equal for equal measurements: "gemm,tn,bf16,m=1 n=2 k=3,cold".
  std::string key() const;
};

/// The least work a case asks for: operations, and bytes moved through memory with every input read
/// once and every output written once.
struct Work {
  double flops = 0, bytes = 0;
};
Work work_of(const Case&);

/// Bytes of an element of "bf16", "fp16", "tf32", "fp32" or "fp8_e4m3"; throws
/// std::invalid_argument.
double element_bytes(std::string_view dtype);

/// Seconds a case takes to measure, preparation and all, on a GPU of A100 class or better.
double expected_seconds(const Case&);

/// Assignments of each expert when expert i draws a share of (i + 1)^-(skew_pct / 100): largest
/// remainders, so they sum to `assignments`. skew_pct 0 is balanced.
std::vector<std::int64_t> expert_loads(std::int64_t experts, std::int64_t assignments,
                                       std::int64_t skew_pct);

/// Lengths of `batch` sequences: `long_ones` of kv_max, the others alike, their mean kv_mean as
/// near as whole numbers go. Throws std::invalid_argument when that cannot be.
std::vector<std::int64_t> sequence_lengths(std::int64_t batch, std::int64_t kv_mean,
                                           std::int64_t kv_max, std::int64_t long_ones);

} // namespace windtunnel::calibration
