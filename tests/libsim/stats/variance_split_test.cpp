#include "libsim/stats/variance_split.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <vector>

#include "libsim/base/error.hpp"
#include "libsim/base/random.hpp"

namespace windtunnel::stats {
namespace {

std::vector<double> nested(std::uint64_t trial, std::size_t groups, std::size_t size, double prior,
                           double seed) {
  RandomStream random(51, trial, "split");
  std::vector<double> samples;
  for (std::size_t g = 0; g < groups; ++g) {
    const double effect = prior * random.normal();
    for (std::size_t i = 0; i < size; ++i) samples.push_back(5 + effect + seed * random.normal());
  }
  return samples;
}

TEST(VarianceSplit, ByHand) {
  // Means 2, 6, 10 with variance 16; each pair has variance 2: prior = 16 - 2 / 2, seed = 2.
  const VarianceSplit split = variance_split(std::vector<double>{1, 3, 5, 7, 9, 11, 1000}, 2);
  EXPECT_DOUBLE_EQ(split.seed, 2);
  EXPECT_DOUBLE_EQ(split.prior, 15);
  EXPECT_DOUBLE_EQ(split.prior_share->estimate, 15.0 / 17);
  EXPECT_EQ(split.groups, 3u); // 1000 is without a partner
  // F = 16; F quantiles with 2 and 3 degrees: 0.975 is 16.0441, 0.025 is 1 / 39.1655 (tables).
  EXPECT_EQ(split.prior_share->lower, 0);
  EXPECT_NEAR(split.prior_share->upper, (16 * 39.1655 - 1) / (16 * 39.1655 + 1), 1e-6);
}

TEST(VarianceSplit, BothPartsAreUnbiasedAndTheIntervalCovers) {
  for (const std::size_t size : {2, 5}) {
    constexpr int trials = 2000;
    Tally prior, seed;
    int covered = 0;
    for (std::uint64_t t = 0; t < trials; ++t) {
      const VarianceSplit split = variance_split(nested(t, 40, size, 1.5, 2), size);
      prior.add(split.prior);
      seed.add(split.seed);
      covered += split.prior_share->contains(2.25 / 6.25);
    }
    EXPECT_NEAR(prior.mean(), 2.25, 3.5 * std::sqrt(prior.variance() / trials));
    EXPECT_NEAR(seed.mean(), 4, 3.5 * std::sqrt(seed.variance() / trials));
    EXPECT_NEAR(covered, 1900, 34); // 3.5 standard deviations of the binomial
  }
}

TEST(VarianceSplit, Extremes) {
  const VarianceSplit chance = variance_split(nested(1, 2000, 2, 0, 1), 2);
  EXPECT_LT(chance.prior_share->estimate, 0.08); // 3.5 / sqrt(2000)
  EXPECT_EQ(chance.prior_share->lower, 0);
  const VarianceSplit priors = variance_split(nested(1, 100, 2, 1, 0), 2);
  EXPECT_EQ(priors.seed, 0);
  EXPECT_EQ(priors.prior_share->estimate, 1);
  EXPECT_EQ(priors.prior_share->lower, 1);
  EXPECT_FALSE(variance_split(std::vector<double>(8, 3.0), 2).prior_share);
}

TEST(VarianceSplit, ThePartsOfFullGroupsAreTheTotalSquares) {
  // (N - 1) s^2 = (m - 1) MSB + m (r - 1) MSW, where no cut at zero happened.
  const auto samples = nested(2, 30, 4, 2, 1);
  const VarianceSplit split = variance_split(samples, 4);
  Tally all;
  for (const double value : samples) all.add(value);
  ASSERT_GT(split.prior, 0);
  EXPECT_NEAR(29 * (4 * split.prior + split.seed) + 30 * 3 * split.seed, 119 * all.variance(),
              1e-9);
}

TEST(VarianceSplit, ShiftAndScale) {
  std::vector<double> samples = nested(3, 20, 3, 1, 1);
  const VarianceSplit before = variance_split(samples, 3);
  for (double& value : samples) value *= -4;
  const VarianceSplit scaled = variance_split(samples, 3);
  EXPECT_EQ(scaled.prior, 16 * before.prior);
  EXPECT_EQ(scaled.seed, 16 * before.seed);
  EXPECT_EQ(scaled.prior_share->lower, before.prior_share->lower);
  for (double& value : samples) value += 256;
  EXPECT_NEAR(variance_split(samples, 3).prior_share->estimate, before.prior_share->estimate,
              1e-12);
}

TEST(NestedMean, CoversWhereAnIntervalOfAllValuesDoesNot) {
  constexpr int trials = 2000;
  int nested_covers = 0, flat_covers = 0;
  for (std::uint64_t t = 0; t < trials; ++t) {
    const auto samples = nested(t, 20, 2, 1, 0.1);
    nested_covers += nested_mean_interval(samples, 2).contains(5);
    flat_covers += mean_interval(samples).contains(5);
  }
  EXPECT_NEAR(nested_covers, 1900, 34); // 3.5 standard deviations of the binomial
  // Too narrow by about sqrt(2), with the 19 degrees of freedom of 20 groups: the mean square of
  // all 40 values is 38.39 / 39 where the group means have variance 1.005, so that it covers with
  // P(|t19| < 2.0227 sqrt(0.9844 / 40) / sqrt(1.005 / 20)) = P(|t19| < 1.4155) = 0.8269.
  EXPECT_NEAR(flat_covers, 1654, 59); // 3.5 standard deviations of the binomial
}

TEST(NestedMean, GroupsOfOneAreAllValues) {
  const auto samples = nested(1, 10, 3, 1, 1);
  EXPECT_EQ(nested_mean_interval(samples, 1).lower, mean_interval(samples).lower);
  EXPECT_FALSE(std::isfinite(nested_mean_interval(std::vector<double>{1, 2, 3}, 2).upper));
  EXPECT_THROW(nested_mean_interval(samples, 0), ModelError);
}

TEST(VarianceSplit, RefusesWhatCannotBeSplit) {
  const std::vector<double> three = {1, 2, 3};
  EXPECT_THROW(variance_split(three, 2), ModelError);
  EXPECT_THROW(variance_split(three, 1), ModelError);
  EXPECT_THROW(variance_split(three, 0), ModelError);
  EXPECT_THROW(variance_split(std::vector<double>{1, 2, 3, 4}, 2, 1), ModelError);
}

} // namespace
} // namespace windtunnel::stats
