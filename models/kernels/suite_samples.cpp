#include "models/kernels/suite_samples.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <string_view>

namespace windtunnel::kernels {
namespace {

constexpr std::int64_t row_of_elements = 8192;

/// The GemmFormat's name of the suite's number format; empty when no table has it. fp16 has bf16's
/// kernels and rates, so its rows would only be the same sites again.
std::string_view gemm_format(std::string_view dtype) {
  return dtype == "bf16" ? "bf16" : dtype == "fp8_e4m3" ? "fp8" : "";
}

/// A memory-bound operator of the suite, and the keys of its rows and width; no width: elements.
struct SuiteOperator {
  std::string_view op, variant;
  const char *name, *rows, *width, *width_factor = nullptr;
};
constexpr SuiteOperator operators[] = {{"rmsnorm", "forward", "rmsnorm", "rows", "hidden"},
                                       {"layernorm", "forward", "layernorm", "rows", "hidden"},
                                       {"softmax", "forward", "softmax", "rows", "columns"},
                                       {"rope", "neox", "rope", "tokens", "heads", "head_dim"},
                                       {"embedding", "gather", "embedding", "tokens", "hidden"},
                                       {"elementwise", "add", "add", "elements", nullptr},
                                       {"elementwise", "silu_mul", "silu_mul", "elements", nullptr},
                                       {"elementwise", "gelu", "gelu", "elements", nullptr}};

bool take_gemm(const RawMeasurement& row, SuiteSamples& samples) {
  const std::string_view format = gemm_format(row.dtype);
  if (row.op != "gemm" || row.variant != "tn" || format.empty()) return false;
  (row.fresh ? samples.fresh_gemm : samples.gemm)[std::string(format)].push_back(
      {row.at("m"), row.at("n"), row.at("k"), row.seconds});
  return true;
}

bool take_memory(const RawMeasurement& row, SuiteSamples& samples) {
  const auto known = std::ranges::find_if(operators, [&](const SuiteOperator& o) {
    return o.op == row.op && o.variant == row.variant;
  });
  if (known == std::end(operators) || row.fresh || row.dtype != "bf16") return false;
  MemorySample sample{memory_operator(known->name), row.at(known->rows), row_of_elements,
                      row.seconds};
  if (known->width) {
    sample.width = row.at(known->width) * (known->width_factor ? row.at(known->width_factor) : 1);
  } else {
    if (sample.rows % row_of_elements != 0) return false;
    sample.rows /= row_of_elements;
  }
  samples.memory[row.dtype].push_back(sample);
  return true;
}

} // namespace

SuiteSamples suite_samples(const RawMeasurements& raw) {
  SuiteSamples samples;
  std::map<std::string, std::size_t> others;
  for (const RawMeasurement& row : raw.measured)
    if (row.hot || (!take_gemm(row, samples) && !take_memory(row, samples)))
      ++others[fmt::format("{} {} {}{}{}", row.op, row.variant, row.dtype, row.hot ? ", hot" : "",
                           row.fresh ? ", fresh" : "")];
  for (const auto& [kind, rows] : others)
    samples.left_out.push_back(fmt::format("{}: no table for its {} rows", kind, rows));
  if (!raw.skipped.empty())
    samples.left_out.push_back(fmt::format("{} cases skipped by the suite", raw.skipped.size()));
  return samples;
}

} // namespace windtunnel::kernels
