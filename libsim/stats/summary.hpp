// Summaries of samples: moments, quantiles and the confidence interval of the mean.
//
// Quantiles interpolate linearly between order statistics (Hyndman-Fan type 7, NumPy's default).
// The interval of the mean is Student's t with n - 1 degrees of freedom, two-sided 95 %.
#pragma once

#include <cstddef>
#include <vector>

namespace windtunnel::stats {

/// Quantile `p` in [0, 1] of `samples` (any order; not empty).
double quantile(std::vector<double> samples, double p);

struct Summary {
  std::size_t n = 0;
  double mean = 0;
  double variance = 0;   ///< unbiased; 0 for n < 2
  double half_width = 0; ///< of the mean's 95 % interval; 0 for n < 2
  double minimum = 0, maximum = 0;
  double p10 = 0, p50 = 0, p90 = 0;
};

/// Summary of samples in any order; all zero when empty. Equal samples give exactly that mean.
Summary summarise(const std::vector<double>& samples);

/// Student's t quantile for a two-sided interval at `confidence` with `degrees` > 0.
double student_t(double confidence, double degrees);

/// Running mean and variance (Welford), for long runs without storing samples.
class Tally {
public:
  void add(double value);
  std::size_t count() const { return count_; }
  double mean() const { return mean_; }
  double variance() const; ///< unbiased; 0 for fewer than two values
  double minimum() const { return minimum_; }
  double maximum() const { return maximum_; }

private:
  std::size_t count_ = 0;
  double mean_ = 0, squares_ = 0, minimum_ = 0, maximum_ = 0;
};

} // namespace windtunnel::stats
