// MeasuredCells: the cells of a file of measurements, every problem kept with its line and column.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "libsim/base/csv_table.hpp"
#include "libsim/base/error.hpp"

namespace windtunnel::kernels {

/// Throws InputError with the problems of a file of measurements, the first twenty of them: a file
/// of another kind is wrong in every line. Returns when there are none.
void throw_problems(std::vector<Issue> issues, const std::string& path);

class MeasuredCells {
public:
  explicit MeasuredCells(const CsvTable& table) : table_(table) {}

  void problem(std::size_t row, const std::string& column, const std::string& what);
  /// A number above zero; nullopt when it is none, which is a problem.
  std::optional<double> positive(std::size_t row, const char* column);
  /// A whole number above zero, likewise.
  std::optional<std::int64_t> count(std::size_t row, const char* column);
  std::optional<std::int64_t> count_or_zero(std::size_t row, const char* column);
  /// A row of another device than the first's is a problem.
  void check_device(std::size_t row);
  /// throw_problems() of the file.
  void throw_if_any() { throw_problems(std::move(issues_), table_.name()); }

private:
  const CsvTable& table_;
  std::vector<Issue> issues_;
};

} // namespace windtunnel::kernels
