#include "models/kernels/gemm_samples.hpp"

#include <fmt/format.h>

#include <cmath>
#include <optional>
#include <set>
#include <tuple>

#include "libsim/base/csv_table.hpp"
#include "libsim/base/error.hpp"

namespace windtunnel::kernels {
namespace {

/// Reads cells, keeping every problem.
class Cells {
public:
  Cells(const CsvTable& table, std::string path) : table_(table), path_(std::move(path)) {}

  void problem(std::size_t row, const std::string& column, const std::string& what) {
    issues_.push_back({fmt::format("{}:{}", path_, table_.line(row)),
                       fmt::format("column {}: {}", column, what)});
  }
  /// A number above zero; nullopt when it is none, which is a problem.
  std::optional<double> positive(std::size_t row, const char* column) {
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
  std::optional<std::int64_t> count(std::size_t row, const char* column) {
    const std::optional<double> value = positive(row, column);
    if (!value) return std::nullopt;
    if (*value == std::floor(*value) && *value < 0x1p53) return static_cast<std::int64_t>(*value);
    problem(row, column, fmt::format("'{}' is no whole number", table_.text(row, column)));
    return std::nullopt;
  }
  void throw_if_any() {
    constexpr std::size_t most = 20; // a file of another kind is wrong in every line
    if (issues_.empty()) return;
    if (issues_.size() > most) {
      const std::size_t more = issues_.size() - most;
      issues_.resize(most);
      issues_.push_back({path_, fmt::format("and {} more", more)});
    }
    throw InputError("kernel measurements", std::move(issues_));
  }

private:
  const CsvTable& table_;
  std::string path_;
  std::vector<Issue> issues_;
};

} // namespace

std::vector<GemmSample> read_aiconfigurator_gemm(const std::string& path,
                                                 const std::string& gemm_dtype) {
  const CsvTable table = CsvTable::load(path);
  table.require({"gemm_dtype", "m", "n", "k", "latency"});

  Cells cells(table, path);
  std::vector<GemmSample> samples;
  std::set<std::tuple<std::int64_t, std::int64_t, std::int64_t>> seen;
  for (std::size_t row = 0; row < table.size(); ++row) {
    if (table.text(row, "device") != table.text(0, "device"))
      cells.problem(row, "device",
                    "'" + table.text(row, "device") + "' is another device than '" +
                        table.text(0, "device") + "' above");
    if (table.text(row, "gemm_dtype") != gemm_dtype) continue;
    const auto m = cells.count(row, "m"), n = cells.count(row, "n"), k = cells.count(row, "k");
    const auto milliseconds = cells.positive(row, "latency");
    if (!m || !n || !k || !milliseconds) continue;
    if (seen.emplace(*m, *n, *k).second)
      samples.push_back({*m, *n, *k, *milliseconds * 1e-3});
    else
      cells.problem(row, "m",
                    fmt::format("the shape {} x {} x {} was measured before", *m, *n, *k));
  }
  cells.throw_if_any();
  return samples;
}

} // namespace windtunnel::kernels
