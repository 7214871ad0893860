// MemorySample: one measured kernel that moves rows x width elements and computes next to nothing
// on them, and the files such are read from.
#pragma once

#include <cstdint>
#include <map>
#include <span>
#include <string_view>
#include <tuple>
#include <vector>

#include "libsim/base/csv_table.hpp"

namespace windtunnel::kernels {

/// An operator over rows of `width` elements; each is read and written `passes` times in all.
struct MemoryOperator {
  const char* name;
  double passes;
};
std::span<const MemoryOperator> memory_operators();
/// nullptr for an unknown name.
const MemoryOperator* memory_operator(std::string_view name);

struct MemorySample {
  const MemoryOperator* op = nullptr;
  std::int64_t rows = 0, width = 0;
  double seconds = 0;
};

/// Seconds by operator, rows and width, where a file measures some sites more than once on purpose.
using RepeatedTimes =
    std::map<std::tuple<const MemoryOperator*, std::int64_t, std::int64_t>, std::vector<double>>;
/// The median of each site.
std::vector<MemorySample> medians(RepeatedTimes times);

/// What dynamic scales per token add to a quantisation to fp8 with a static one, from
/// aiconfigurator's collectors: columns quant_dtype, m, k and latency in milliseconds, inputs of 16
/// bits. Throws InputError like read_aiconfigurator_gemm.
std::vector<MemorySample> read_aiconfigurator_scales(const CsvTable& table);

/// The rows of `device` in a file of NeuSight: columns OPName, Device, B (rows), H (width) and
/// Latency in milliseconds, elements of fp32. Sites are drawn at random, some twice: the median.
/// Throws InputError.
std::vector<MemorySample> read_neusight(const CsvTable& table, std::string_view device);

} // namespace windtunnel::kernels
