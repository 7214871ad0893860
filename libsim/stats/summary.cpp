#include "libsim/stats/summary.hpp"

#include <algorithm>

#include "libsim/base/check.hpp"

namespace windtunnel::stats {

double quantile(std::vector<double> samples, double p) {
  std::sort(samples.begin(), samples.end());
  return sorted_quantile(samples, p);
}

double sorted_quantile(const std::vector<double>& sorted, double p) {
  WT_CHECK(!sorted.empty() && p >= 0 && p <= 1, "quantile of nothing");
  const double position = p * static_cast<double>(sorted.size() - 1);
  const auto below = static_cast<std::size_t>(position);
  if (below + 1 >= sorted.size()) return sorted.back();
  const double part = position - static_cast<double>(below);
  return sorted[below] + part * (sorted[below + 1] - sorted[below]);
}

Summary summarise(const std::vector<double>& samples) {
  Summary s;
  s.n = samples.size();
  if (samples.empty()) return s;
  Tally tally;
  for (const double value : samples) tally.add(value);
  s.mean = tally.mean();
  s.variance = tally.variance();
  if (s.n > 1) s.half_width = mean_interval(tally).half_width();
  std::vector<double> sorted = samples;
  std::sort(sorted.begin(), sorted.end());
  s.minimum = sorted.front();
  s.maximum = sorted.back();
  s.p10 = sorted_quantile(sorted, 0.1);
  s.p50 = sorted_quantile(sorted, 0.5);
  s.p90 = sorted_quantile(sorted, 0.9);
  return s;
}

} // namespace windtunnel::stats
