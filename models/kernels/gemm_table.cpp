#include "models/kernels/gemm_table.hpp"

#include <algorithm>
#include <cmath>

#include "libsim/base/error.hpp"

namespace windtunnel::kernels {
namespace {

/// Typical shares of the data sheet's figures, and the cost of one launch.
constexpr double share_of_peak = 0.75, share_of_bandwidth = 0.8, start = 3e-6;

std::vector<double> logarithms(const std::vector<std::int64_t>& axis) {
  std::vector<double> logs;
  for (const std::int64_t value : axis) {
    if (value <= 0 || (!logs.empty() && std::log2(value) <= logs.back()))
      throw ModelError("an axis of a kernel table does not ascend from above zero");
    logs.push_back(std::log2(value));
  }
  if (logs.empty()) throw ModelError("an axis of a kernel table is empty");
  return logs;
}

/// A place on an axis: between nodes `low` and `low + 1`, `weight` of the way.
struct Place {
  std::size_t low = 0;
  double weight = 0;
  bool outside = false;
  bool on_node() const { return weight == 0 && !outside; }
};

Place find(const std::vector<double>& axis, double value) {
  if (value <= axis.front()) return {0, 0, value < axis.front()};
  if (value >= axis.back()) return {axis.size() - 1, 0, value > axis.back()};
  const auto above = std::upper_bound(axis.begin(), axis.end(), value);
  const auto low = static_cast<std::size_t>(above - axis.begin()) - 1;
  return {low, (value - axis[low]) / (axis[low + 1] - axis[low]), false};
}

} // namespace

double GemmRoofline::seconds(double m, double n, double k) const {
  const double compute = 2 * m * n * k / (share_of_peak * flops_per_second);
  const double bytes = input_bytes * (m * k + k * n) + output_bytes * m * n;
  const double memory = bytes / (share_of_bandwidth * bytes_per_second);
  return std::cbrt(compute * compute * compute + memory * memory * memory) + start;
}

double GemmRoofline::plain_seconds(double m, double n, double k) const {
  const double bytes = input_bytes * (m * k + k * n) + output_bytes * m * n;
  return std::max(2 * m * n * k / flops_per_second, bytes / bytes_per_second);
}

const char* to_string(Basis basis) {
  switch (basis) {
  case Basis::exact:
    return "exact";
  case Basis::interpolated:
    return "interpolated";
  case Basis::extrapolated:
    return "extrapolated";
  }
  return "?";
}

GemmTable::GemmTable(GemmRoofline roofline, GemmGrid grid, double p10, double p90)
    : roofline_(roofline), grid_(std::move(grid)), log_m_(logarithms(grid_.m)),
      log_n_(logarithms(grid_.n)), log_k_(logarithms(grid_.k)), p10_(p10), p90_(p90) {
  const std::size_t nodes = grid_.m.size() * grid_.n.size() * grid_.k.size();
  if (grid_.log_ratio.size() != nodes || grid_.measured.size() != nodes)
    throw ModelError("a kernel table has another size than its axes");
}

GemmTime GemmTable::time(double m, double n, double k) const {
  const Place in_m = find(log_m_, std::log2(m)), in_n = find(log_n_, std::log2(n)),
              in_k = find(log_k_, std::log2(k));
  double log_ratio = 0;
  for (int corner = 0; corner < 8; ++corner) {
    const auto side = [](const Place& place, bool high) {
      return high ? place.weight : 1 - place.weight;
    };
    const bool high_m = corner & 1, high_n = corner & 2, high_k = corner & 4;
    const double weight = side(in_m, high_m) * side(in_n, high_n) * side(in_k, high_k);
    if (weight > 0)
      log_ratio +=
          weight *
          static_cast<double>(
              grid_.log_ratio[grid_.at(in_n.low + high_n, in_k.low + high_k, in_m.low + high_m)]);
  }
  const double seconds = roofline_.seconds(m, n, k) * std::exp(log_ratio);
  GemmTime answer{seconds, seconds * std::exp(p10_), seconds * std::exp(p90_), Basis::interpolated};
  if (in_m.outside || in_n.outside || in_k.outside)
    answer.basis = Basis::extrapolated;
  else if (in_m.on_node() && in_n.on_node() && in_k.on_node() &&
           grid_.measured[grid_.at(in_n.low, in_k.low, in_m.low)])
    answer.basis = Basis::exact;
  return answer;
}

} // namespace windtunnel::kernels
