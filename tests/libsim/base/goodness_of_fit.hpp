// Tests of fit with p-values, for samples drawn from a fixed seed: each outcome is deterministic.
#pragma once

#include <algorithm>
#include <boost/math/distributions/chi_squared.hpp>
#include <cmath>
#include <vector>

namespace windtunnel {

/// Pearson's chi-square of counts against expected counts (which all should be 5 or more).
inline double chi_square_p(const std::vector<double>& counts, const std::vector<double>& expected) {
  double statistic = 0;
  for (std::size_t i = 0; i < counts.size(); ++i)
    statistic += (counts[i] - expected[i]) * (counts[i] - expected[i]) / expected[i];
  const boost::math::chi_squared law(static_cast<double>(counts.size()) - 1);
  return boost::math::cdf(boost::math::complement(law, statistic));
}

/// Anderson and Darling's test against a fully known law, sensitive in both tails. For large
/// samples the statistic is a sum of chi-squares of one degree over j (j + 1); the first of them
/// rules the tail, and the others multiply it by prod_{j>1} (1 - 2 / (j (j + 1)))^-1/2 = sqrt(3).
/// So p = sqrt(3) erfc(sqrt(A^2)), to a few percent below 0.05 (2.49 gives 0.044 for 0.05, 3.86
/// gives 0.0095 for 0.01).
template <class Cdf, class Survival>
double anderson_darling_p(std::vector<double> samples, Cdf cdf, Survival survival) {
  std::sort(samples.begin(), samples.end());
  const double n = static_cast<double>(samples.size());
  double sum = 0;
  for (std::size_t i = 0; i < samples.size(); ++i)
    sum += (2 * static_cast<double>(i) + 1) *
           (std::log(cdf(samples[i])) + std::log(survival(samples[samples.size() - 1 - i])));
  const double statistic = std::max(0.0, -n - sum / n);
  return std::min(1.0, std::sqrt(3.0) * std::erfc(std::sqrt(statistic)));
}

} // namespace windtunnel
