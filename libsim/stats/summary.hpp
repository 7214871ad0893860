// Summaries of samples: moments, quantiles and the confidence interval of the mean.
//
// Quantiles interpolate linearly between order statistics (Hyndman-Fan type 7, NumPy's default).
// The interval of the mean is Student's t with n - 1 degrees of freedom, two-sided 95 %; other
// intervals are in intervals.hpp.
//
//   Summary s = summarise(costs);
//   double p90 = quantile(costs, 0.9), low = s.mean - s.half_width;
#pragma once

#include <cstddef>
#include <vector>

#include "libsim/stats/intervals.hpp"
#include "libsim/stats/tally.hpp"

namespace windtunnel::stats {

/// Quantile `p` in [0, 1] of `samples` (any order; not empty).
double quantile(std::vector<double> samples, double p);

/// The same of samples in rising order.
double sorted_quantile(const std::vector<double>& sorted, double p);

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

} // namespace windtunnel::stats
