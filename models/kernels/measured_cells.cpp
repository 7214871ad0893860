#include "models/kernels/measured_cells.hpp"

#include <fmt/format.h>

#include <cmath>

namespace windtunnel::kernels {

void MeasuredCells::problem(std::size_t row, const std::string& column, const std::string& what) {
  issues_.push_back({fmt::format("{}:{}", table_.name(), table_.line(row)),
                     fmt::format("column {}: {}", column, what)});
}

std::optional<double> MeasuredCells::positive(std::size_t row, const char* column) {
  std::optional<double> value;
  try {
    value = table_.number(row, column);
  } catch (const InputError&) {
    // said below, with its column
  }
  if (value && *value > 0) return value;
  problem(row, column, fmt::format("'{}' is no positive number", table_.text(row, column)));
  return std::nullopt;
}

std::optional<std::int64_t> MeasuredCells::count(std::size_t row, const char* column) {
  const std::optional<double> value = positive(row, column);
  if (!value) return std::nullopt;
  if (*value == std::floor(*value) && *value < 0x1p53) return static_cast<std::int64_t>(*value);
  problem(row, column, fmt::format("'{}' is no whole number", table_.text(row, column)));
  return std::nullopt;
}

std::optional<std::int64_t> MeasuredCells::count_or_zero(std::size_t row, const char* column) {
  if (table_.text(row, column) == "0") return 0;
  return count(row, column);
}

void MeasuredCells::check_device(std::size_t row) {
  const std::string &device = table_.text(row, "device"), &first = table_.text(0, "device");
  if (device != first)
    problem(row, "device", fmt::format("'{}' is another device than '{}' above", device, first));
}

void throw_problems(std::vector<Issue> issues, const std::string& path) {
  constexpr std::size_t most = 20;
  if (issues.empty()) return;
  if (issues.size() > most) {
    const std::size_t more = issues.size() - most;
    issues.resize(most);
    issues.push_back({path, fmt::format("and {} more", more)});
  }
  throw InputError("kernel measurements", std::move(issues));
}

} // namespace windtunnel::kernels
