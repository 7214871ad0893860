// Tally: count, mean, variance and range of a sample, one value at a time, without storing it.
//
// Mean and the sum S of squared deviations follow Welford (Technometrics 4(3), 1962):
//   mean += (x - mean) / n,   S += (x - mean_before) (x - mean_after),   variance = S / (n - 1).
// Two tallies merge by Chan, Golub and LeVeque (Stanford STAN-CS-79-773, 1979): with d the
// difference of the means,
//   mean = mean_a + d n_b / n,   S = S_a + S_b + d^2 n_a n_b / n.
// No term cancels, so the variance stays good where the mean is large beside the spread. Merging is
// associative and commutative up to rounding; counts and range are exact. Equal values give exactly
// that mean and variance zero. A NaN shows in the mean.
//
//   Tally waits;
//   waits.add(3.0);
//   waits.merge(other);
//   double m = waits.mean(), v = waits.variance();
#pragma once

#include <cstddef>

namespace windtunnel::stats {

class Tally {
public:
  void add(double value);
  void merge(const Tally& other); ///< as if the other's values had been added here
  std::size_t count() const { return count_; }
  double mean() const { return mean_; } ///< 0 when empty
  double variance() const;              ///< unbiased; 0 for fewer than two values
  double minimum() const { return minimum_; }
  double maximum() const { return maximum_; }

private:
  std::size_t count_ = 0;
  double mean_ = 0, squares_ = 0, minimum_ = 0, maximum_ = 0;
};

} // namespace windtunnel::stats
