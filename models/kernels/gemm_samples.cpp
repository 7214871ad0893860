#include "models/kernels/gemm_samples.hpp"

#include <fmt/format.h>

#include <set>
#include <tuple>

#include "libsim/base/csv_table.hpp"
#include "models/kernels/measured_cells.hpp"

namespace windtunnel::kernels {

std::vector<GemmSample> read_aiconfigurator_gemm(const CsvTable& table,
                                                 const std::string& gemm_dtype) {
  table.require({"gemm_dtype", "m", "n", "k", "latency"});

  MeasuredCells cells(table);
  std::vector<GemmSample> samples;
  std::set<std::tuple<std::int64_t, std::int64_t, std::int64_t>> seen;
  for (std::size_t row = 0; row < table.size(); ++row) {
    cells.check_device(row);
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
