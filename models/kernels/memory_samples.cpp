#include "models/kernels/memory_samples.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <set>

#include "models/kernels/held_out.hpp"
#include "models/kernels/measured_cells.hpp"

namespace windtunnel::kernels {
namespace {

constexpr MemoryOperator operators[] = {
    {"rmsnorm", 2},
    {"layernorm", 2},
    {"rope", 2},     // queries and keys of a token, in place;
                     // width counts both
    {"silu_mul", 3}, // gate and up to one; width is that of the result
    {"add", 3},
    {"embedding", 2},
    {"softmax", 2},
    {"gelu", 2},
    {"relu", 2},
    {"tanh", 2},
    {"mul", 3},
    {"div", 3},
    {"pow", 3},
    {"add_scalar", 2},
    {"mul_scalar", 2},
    {"div_scalar", 2},
    {"pow_scalar", 2},
    {"fp8_scale", 1}, // the largest magnitude of a row
};

struct NeusightName {
  std::string_view theirs;
  const char* ours;
};
constexpr NeusightName neusight_names[] = {
    {"ln", "layernorm"},    {"softmax", "softmax"}, {"add", "add"},         {"mul", "mul"},
    {"div", "div"},         {"pow", "pow"},         {"addu", "add_scalar"}, {"mulu", "mul_scalar"},
    {"divu", "div_scalar"}, {"powu", "pow_scalar"}, {"relu", "relu"},       {"gelu", "gelu"},
    {"tanh", "tanh"},
};

/// Site and seconds of a row; nullopt, and a problem of `cells`, where a cell is bad.
std::optional<MemorySample> read_row(MeasuredCells& cells, std::size_t row,
                                     const MemoryOperator* op, const char* rows, const char* width,
                                     const char* milliseconds) {
  const auto r = cells.count(row, rows), w = cells.count(row, width);
  const auto time = cells.positive(row, milliseconds);
  if (!r || !w || !time) return std::nullopt;
  return MemorySample{op, *r, *w, *time * 1e-3};
}

} // namespace

std::span<const MemoryOperator> memory_operators() { return operators; }

const MemoryOperator* memory_operator(std::string_view name) {
  const auto found =
      std::ranges::find_if(operators, [&](const MemoryOperator& op) { return op.name == name; });
  return found == std::end(operators) ? nullptr : found;
}

std::vector<MemorySample> medians(RepeatedTimes repeats) {
  std::vector<MemorySample> samples;
  for (auto& [site, times] : repeats) {
    const auto [op, rows, width] = site;
    std::sort(times.begin(), times.end());
    samples.push_back({op, rows, width, quantile(times, 0.5)});
  }
  return samples;
}

std::vector<MemorySample> read_aiconfigurator_scales(const CsvTable& table) {
  table.require({"quant_dtype", "m", "k", "latency"});
  MeasuredCells cells(table);
  std::vector<MemorySample> samples;
  std::set<std::pair<std::int64_t, std::int64_t>> seen;
  for (std::size_t row = 0; row < table.size(); ++row) {
    cells.check_device(row);
    if (table.text(row, "quant_dtype") != "fp8") {
      cells.problem(row, "quant_dtype",
                    fmt::format("'{}' is not fp8", table.text(row, "quant_dtype")));
      continue;
    }
    const auto sample = read_row(cells, row, memory_operator("fp8_scale"), "m", "k", "latency");
    if (!sample) continue;
    if (seen.emplace(sample->rows, sample->width).second)
      samples.push_back(*sample);
    else
      cells.problem(row, "m",
                    fmt::format("{} x {} was measured before", sample->rows, sample->width));
  }
  cells.throw_if_any();
  return samples;
}

std::vector<MemorySample> read_neusight(const CsvTable& table, std::string_view device) {
  table.require({"OPName", "Device", "B", "H", "Latency"});
  MeasuredCells cells(table);
  RepeatedTimes times;
  for (std::size_t row = 0; row < table.size(); ++row) {
    const std::string& name = table.text(row, "OPName");
    const auto found = std::ranges::find_if(
        neusight_names, [&](const NeusightName& known) { return known.theirs == name; });
    if (found == std::end(neusight_names)) {
      cells.problem(row, "OPName", fmt::format("'{}' is no operator that is read", name));
    } else if (table.text(row, "Device") == device) {
      const auto sample = read_row(cells, row, memory_operator(found->ours), "B", "H", "Latency");
      if (sample) times[{sample->op, sample->rows, sample->width}].push_back(sample->seconds);
    }
  }
  cells.throw_if_any();
  return medians(std::move(times));
}

} // namespace windtunnel::kernels
