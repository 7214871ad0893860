#include "models/kernels/memory_table.hpp"

#include <cmath>

#include "libsim/base/error.hpp"

namespace windtunnel::kernels {
namespace {

double cube(double x) { return x * x * x; }

double seconds_of(const MemoryLaw& law, double rows, double row_bytes, double bandwidth,
                  double l2) {
  const double bytes = rows * row_bytes;
  const double beyond_cache = 1 / (1 + cube(law.knee * l2 / bytes));
  const double memory =
      bytes / bandwidth * ((1 - beyond_cache) / law.cache_share + beyond_cache / law.memory_share);
  return law.start + std::cbrt(cube(row_bytes / law.row_rate) + cube(memory));
}

double l2_of(const catalog::GpuSpec& gpu) {
  if (!gpu.l2) throw ModelError("the L2 of " + gpu.name + " is unknown");
  return static_cast<double>(gpu.l2->count());
}

} // namespace

double MemoryLaw::seconds(double rows, double row_bytes, const catalog::GpuSpec& gpu) const {
  return seconds_of(*this, rows, row_bytes, gpu.memory_bandwidth.bytes_per_second(), l2_of(gpu));
}

MemoryTable::MemoryTable(const catalog::GpuSpec& gpu, double bytes, const MemoryLaw& law,
                         MemoryGrid grid, double p10, double p90)
    : bytes_(bytes), bandwidth_(gpu.memory_bandwidth.bytes_per_second()), l2_(l2_of(gpu)),
      law_(law), grid_(std::move(grid)), rows_(grid_.rows), width_(grid_.width), p10_(p10),
      p90_(p90) {
  const std::size_t nodes = grid_.rows.size() * grid_.width.size();
  if (grid_.log_ratio.size() != nodes || grid_.measured.size() != nodes)
    throw ModelError("a kernel table has another size than its axes");
}

KernelTime MemoryTable::time(double rows, double width) const {
  const LogAxis::Place in_rows = rows_.find(rows), in_width = width_.find(width);
  double log_ratio = 0;
  bool near_measured = false;
  for (int corner = 0; corner < 4; ++corner) {
    const bool high_row = corner & 1, high_width = corner & 2;
    const double weight = (high_row ? in_rows.weight : 1 - in_rows.weight) *
                          (high_width ? in_width.weight : 1 - in_width.weight);
    if (weight == 0) continue;
    const std::size_t node =
        (in_width.low + high_width) * grid_.rows.size() + in_rows.low + high_row;
    log_ratio += weight * static_cast<double>(grid_.log_ratio[node]);
    near_measured = near_measured || grid_.measured[node];
  }
  const double seconds =
      seconds_of(law_, rows, bytes_ * width, bandwidth_, l2_) * std::exp(log_ratio);
  const bool inside = near_measured && !in_rows.outside() && !in_width.outside();
  return {seconds, seconds * std::exp(p10_), seconds * std::exp(p90_),
          inside ? Basis::interpolated : Basis::extrapolated};
}

} // namespace windtunnel::kernels
