// Confidence intervals from independent replications: of a mean, a quantile, a ratio of means, and
// of a difference between two configurations run with common random numbers.
//
// One value a replication; the values of one batch of a single run are correlated, see
// batch_means.hpp. All intervals are two-sided at `confidence` in (0, 1). Too few values give an
// infinite interval, never a guess; a confidence or a p outside (0, 1), samples of unequal size and
// denominators that cancel throw ModelError.
//
//   Interval mean = mean_interval(waits);
//   Interval p90 = quantile_interval(waits, 0.9);
//   Interval per_hour = ratio_interval(dollars, hours);
//   Interval saved = paired_interval(with_spares, without); // without - with_spares
#pragma once

#include <span>
#include <vector>

#include "libsim/stats/tally.hpp"

namespace windtunnel::stats {

struct Interval {
  double estimate = 0, lower = 0, upper = 0;
  double confidence = 0.95; ///< at least, for quantiles: the exact one of the order statistics
  double half_width() const { return (upper - lower) / 2; }
  bool contains(double value) const { return lower <= value && value <= upper; }
};

/// Student's t quantile for a two-sided interval at `confidence` with `degrees` > 0.
double student_t(double confidence, double degrees);

/// mean +- t(confidence, n - 1) s / sqrt(n): exact for normal values, else good as n grows (the
/// error of coverage falls with skewness^2 / n). Law, Simulation Modeling and Analysis, 9.4.
Interval mean_interval(const Tally& tally, double confidence = 0.95);
Interval mean_interval(std::span<const double> samples, double confidence = 0.95);

/// [x_(l), x_(u)] by ranks from 1, valid for any distribution: the number of values below the
/// quantile is binomial(n, p), so P(x_(l) <= quantile <= x_(u)) >= F(u - 1) - F(l - 1) with F its
/// distribution function; l and u are the closest ranks that leave at most (1 - confidence) / 2 on
/// each side. A side that needs more values than there are is infinite (95 % at p = 0.9 needs 36
/// values). The estimate is quantile(samples, p). David and Nagaraja, Order Statistics, 7.1.
Interval quantile_interval(std::span<const double> samples, double p, double confidence = 0.95);

/// E[numerator] / E[denominator] from pairs, one a replication (or regenerative cycle), by the
/// jackknife: the mean and Student interval of the pseudo-values n r - (n - 1) r_(-i), r the ratio
/// of the sums and r_(-i) that without pair i. Its bias is of order 1 / n^2 where that of r is
/// 1 / n. The denominators' sum must stay away from zero. Law 9.4; Iglehart, NRLQ 22, 1975.
Interval ratio_interval(std::span<const double> numerators, std::span<const double> denominators,
                        double confidence = 0.95);

/// b[i] - a[i]. With common random numbers value i of both comes from the same draws, and
/// Var(b - a) = Var(a) + Var(b) - 2 Cov(a, b) is small.
std::vector<double> paired_differences(std::span<const double> a, std::span<const double> b);

/// mean_interval of the paired differences: valid whatever the correlation of a and b.
Interval paired_interval(std::span<const double> a, std::span<const double> b,
                         double confidence = 0.95);

} // namespace windtunnel::stats
