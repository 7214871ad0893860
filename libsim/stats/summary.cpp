#include "libsim/stats/summary.hpp"

#include <algorithm>
#include <boost/math/distributions/students_t.hpp>
#include <cmath>

#include "libsim/base/check.hpp"

namespace windtunnel::stats {
namespace {

double sorted_quantile(const std::vector<double>& sorted, double p) {
  const double position = p * static_cast<double>(sorted.size() - 1);
  const auto below = static_cast<std::size_t>(position);
  if (below + 1 >= sorted.size()) return sorted.back();
  const double part = position - static_cast<double>(below);
  return sorted[below] + part * (sorted[below + 1] - sorted[below]);
}

} // namespace

double quantile(std::vector<double> samples, double p) {
  WT_CHECK(!samples.empty() && p >= 0 && p <= 1, "quantile of nothing");
  std::sort(samples.begin(), samples.end());
  return sorted_quantile(samples, p);
}

double student_t(double confidence, double degrees) {
  const boost::math::students_t distribution(degrees);
  return boost::math::quantile(distribution, 0.5 + confidence / 2);
}

Summary summarise(const std::vector<double>& samples) {
  Summary s;
  s.n = samples.size();
  if (samples.empty()) return s;
  Tally tally;
  for (const double value : samples) tally.add(value);
  s.mean = tally.mean();
  s.variance = tally.variance();
  if (s.n > 1) {
    const double n = static_cast<double>(s.n);
    s.half_width = student_t(0.95, n - 1) * std::sqrt(s.variance / n);
  }
  std::vector<double> sorted = samples;
  std::sort(sorted.begin(), sorted.end());
  s.minimum = sorted.front();
  s.maximum = sorted.back();
  s.p10 = sorted_quantile(sorted, 0.1);
  s.p50 = sorted_quantile(sorted, 0.5);
  s.p90 = sorted_quantile(sorted, 0.9);
  return s;
}

void Tally::add(double value) {
  if (count_++ == 0) {
    minimum_ = maximum_ = mean_ = value;
    return;
  }
  minimum_ = std::min(minimum_, value);
  maximum_ = std::max(maximum_, value);
  const double delta = value - mean_;
  mean_ += delta / static_cast<double>(count_);
  squares_ += delta * (value - mean_);
}

double Tally::variance() const {
  return count_ < 2 ? 0 : squares_ / static_cast<double>(count_ - 1);
}

} // namespace windtunnel::stats
