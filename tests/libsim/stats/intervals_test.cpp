#include "libsim/stats/intervals.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <functional>
#include <limits>

#include "libsim/base/error.hpp"
#include "libsim/base/random.hpp"

namespace windtunnel::stats {
namespace {

constexpr double infinity = std::numeric_limits<double>::infinity();

std::vector<double> draws(std::uint64_t trial, std::size_t n,
                          const std::function<double(RandomStream&)>& draw) {
  RandomStream random(41, trial, "intervals");
  std::vector<double> values(n);
  for (double& value : values) value = draw(random);
  return values;
}

/// Expected number covered of `trials`, and 3.5 standard deviations of it.
constexpr int trials = 2000;
double deviation(double p) { return 3.5 * std::sqrt(trials * p * (1 - p)); }

TEST(MeanInterval, IsStudents) {
  const Interval i = mean_interval(std::vector<double>{1, 2, 3, 4}, 0.9);
  EXPECT_EQ(i.estimate, 2.5);
  // t(0.95, 3) = 2.353363 (tables of Student's distribution)
  EXPECT_NEAR(i.half_width(), 2.353363 * std::sqrt(5.0 / 3 / 4), 1e-6);
  EXPECT_EQ(i.confidence, 0.9);
}

TEST(MeanInterval, CoversAsOftenAsItSays) {
  for (const double confidence : {0.5, 0.8, 0.99}) {
    int covered = 0;
    for (std::uint64_t t = 0; t < trials; ++t)
      covered += mean_interval(draws(t, 5, [](auto& r) { return 3 + r.normal(); }), confidence)
                     .contains(3);
    EXPECT_NEAR(covered, trials * confidence, deviation(confidence));
  }
}

TEST(MeanInterval, OneValueSaysNothing) {
  EXPECT_EQ(mean_interval(std::vector<double>{7}).upper, infinity);
  EXPECT_THROW(mean_interval(std::vector<double>{7, 8}, 1), ModelError);
}

TEST(QuantileInterval, RanksAreThoseOfTheBinomial) {
  // Median of ten: binomial(10, 1/2) leaves 11/1024 below rank 2 and above rank 9.
  const std::vector<double> ten = {9, 3, 7, 1, 5, 10, 2, 8, 4, 6};
  const Interval median = quantile_interval(ten, 0.5);
  EXPECT_EQ(median.lower, 2);
  EXPECT_EQ(median.upper, 9);
  EXPECT_EQ(median.estimate, 5.5);
  EXPECT_NEAR(median.confidence, 1 - 22.0 / 1024, 1e-12);
  // The 90 % quantile needs 36 values for an upper end: 0.9^35 > 0.025 > 0.9^36.
  const auto up_to = [](std::size_t n) {
    std::vector<double> values(n);
    for (std::size_t i = 0; i < n; ++i) values[i] = static_cast<double>(i + 1);
    return values;
  };
  EXPECT_EQ(quantile_interval(up_to(35), 0.9).upper, infinity);
  EXPECT_EQ(quantile_interval(up_to(36), 0.9).upper, 36);
  EXPECT_EQ(quantile_interval(up_to(35), 0.1).lower, -infinity);
  EXPECT_EQ(quantile_interval(up_to(36), 0.1).lower, 1);
}

TEST(QuantileInterval, CoversExactlyWhateverTheDistribution) {
  // For continuous values the coverage is the binomial one that the interval reports.
  for (const double p : {0.1, 0.5, 0.9}) {
    int covered_exponential = 0, covered_tail = 0;
    double confidence = 0;
    for (std::uint64_t t = 0; t < trials; ++t) {
      const auto exponential = draws(t, 60, [](auto& r) { return r.exponential(1); });
      const Interval i = quantile_interval(exponential, p);
      confidence = i.confidence;
      covered_exponential += i.contains(-std::log(1 - p));
      const auto tail = draws(t + trials, 60, [](auto& r) { return 1 / r.uniform(); });
      covered_tail += quantile_interval(tail, p).contains(1 / (1 - p));
    }
    EXPECT_GE(confidence, 0.95);
    EXPECT_NEAR(covered_exponential, trials * confidence, deviation(confidence));
    EXPECT_NEAR(covered_tail, trials * confidence, deviation(confidence));
  }
}

TEST(QuantileInterval, CoversAtLeastThatForDiscreteValues) {
  int covered = 0;
  for (std::uint64_t t = 0; t < trials; ++t)
    covered += quantile_interval(
                   draws(t, 40, [](auto& r) { return static_cast<double>(r.below(3)); }), 0.5)
                   .contains(1);
  EXPECT_GE(covered, trials * 0.95 - deviation(0.95));
}

TEST(QuantileInterval, FollowsEveryRisingMap) {
  const auto x = draws(1, 101, [](auto& r) { return r.normal(); });
  std::vector<double> y;
  for (const double value : x) y.push_back(std::exp(value));
  EXPECT_EQ(quantile_interval(y, 0.9).lower, std::exp(quantile_interval(x, 0.9).lower));
  EXPECT_EQ(quantile_interval(y, 0.9).upper, std::exp(quantile_interval(x, 0.9).upper));
}

/// Pairs whose ratio of means is 2: y = 2 x + noise, x exponential of mean 1.
struct Pairs {
  std::vector<double> y, x;
};
Pairs pairs_of(std::uint64_t trial, std::size_t n) {
  RandomStream random(42, trial, "ratio");
  Pairs pairs;
  for (std::size_t i = 0; i < n; ++i) {
    pairs.x.push_back(random.exponential(1));
    pairs.y.push_back(random.gamma(2, 1)); // mean 2, independent of x: the ratio is biased
  }
  return pairs;
}

TEST(RatioInterval, ClosedForms) {
  // Numerators in proportion: the ratio is known.
  const Interval exact = ratio_interval(std::vector<double>{2, 4, 6}, std::vector<double>{1, 2, 3});
  EXPECT_DOUBLE_EQ(exact.estimate, 2);
  EXPECT_NEAR(exact.half_width(), 0, 1e-14);
  // Equal denominators: the interval of the mean.
  const std::vector<double> y = {3, 1, 4, 1, 5}, ones(5, 2.0);
  EXPECT_NEAR(ratio_interval(y, ones).estimate, mean_interval(y).estimate / 2, 1e-14);
  EXPECT_NEAR(ratio_interval(y, ones).half_width(), mean_interval(y).half_width() / 2, 1e-14);
}

TEST(RatioInterval, CoversAndIsLessBiasedThanThePlainRatio) {
  int covered = 0;
  Tally jackknife, plain;
  for (std::uint64_t t = 0; t < trials; ++t) {
    const Pairs pairs = pairs_of(t, 40);
    const Interval i = ratio_interval(pairs.y, pairs.x);
    covered += i.contains(2);
    jackknife.add(i.estimate);
    plain.add(mean_interval(pairs.y).estimate / mean_interval(pairs.x).estimate);
  }
  // The interval is asymptotic: 40 skewed pairs may cost up to 2 % of coverage.
  EXPECT_NEAR(covered, trials * 0.95, deviation(0.95) + trials * 0.02);
  // E[plain] = 2 n / (n - 1): the mean of n exponentials has E[1 / mean] = n / (n - 1).
  const double error = 3.5 * std::sqrt(plain.variance() / trials);
  EXPECT_NEAR(plain.mean(), 2 * 40 / 39.0, error);
  EXPECT_NEAR(jackknife.mean(), 2, error);
  EXPECT_LT(std::abs(jackknife.mean() - 2), std::abs(plain.mean() - 2));
}

TEST(RatioInterval, ScalesWithItsUnits) {
  Pairs pairs = pairs_of(3, 30);
  const Interval before = ratio_interval(pairs.y, pairs.x);
  for (double& y : pairs.y) y *= 8;
  for (double& x : pairs.x) x *= 4;
  const Interval after = ratio_interval(pairs.y, pairs.x);
  EXPECT_DOUBLE_EQ(after.estimate, 2 * before.estimate);
  EXPECT_DOUBLE_EQ(after.half_width(), 2 * before.half_width());
}

TEST(RatioInterval, RefusesWhatIsNoRatio) {
  const std::vector<double> one = {1}, two = {1, 2}, cancel = {1, -1};
  EXPECT_THROW(ratio_interval(two, one), ModelError);
  EXPECT_THROW(ratio_interval(two, cancel), ModelError);
  EXPECT_EQ(ratio_interval(one, one).upper, infinity);
}

TEST(PairedInterval, CommonRandomNumbersNarrowItAndItStillCovers) {
  // b = a + 0.1 + small noise: apart, means of 20 values differ by 0.3 from noise alone.
  int covered = 0;
  Tally paired, apart;
  for (std::uint64_t t = 0; t < trials; ++t) {
    RandomStream random(43, t, "paired");
    std::vector<double> a, b;
    for (int i = 0; i < 20; ++i) {
      a.push_back(random.normal());
      b.push_back(a.back() + 0.1 + 0.1 * random.normal());
    }
    const Interval i = paired_interval(a, b);
    covered += i.contains(0.1);
    paired.add(i.half_width());
    apart.add(std::hypot(mean_interval(a).half_width(), mean_interval(b).half_width()));
  }
  EXPECT_NEAR(covered, trials * 0.95, deviation(0.95));
  // Deviation of the difference 0.1 against sqrt(1 + 1.01).
  EXPECT_NEAR(paired.mean() / apart.mean(), 0.1 / std::sqrt(2.01), 0.003);
}

TEST(PairedInterval, SwappingChangesTheSign) {
  const auto a = draws(1, 30, [](auto& r) { return r.normal(); });
  const auto b = draws(2, 30, [](auto& r) { return r.exponential(2); });
  const Interval ab = paired_interval(a, b), ba = paired_interval(b, a);
  EXPECT_EQ(ab.lower, -ba.upper);
  EXPECT_EQ(ab.estimate, -ba.estimate);
  EXPECT_EQ(paired_interval(a, a).half_width(), 0);
  EXPECT_THROW(paired_interval(a, std::vector<double>{1}), ModelError);
}

} // namespace
} // namespace windtunnel::stats
