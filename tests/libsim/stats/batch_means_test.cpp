#include "libsim/stats/batch_means.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <functional>

#include "libsim/base/random.hpp"

namespace windtunnel::stats {
namespace {

/// Stationary AR(1) with mean 10: x' = 10 + f (x - 10) + e, e standard normal.
void autoregressive(RandomStream& random, double f, int n, const std::function<void(double)>& use) {
  double deviation = random.normal() / std::sqrt(1 - f * f);
  for (int i = 0; i < n; ++i) {
    use(10 + deviation);
    deviation = f * deviation + random.normal();
  }
}

struct Coverage {
  int covered = 0, independent = 0;
  Tally half_width{};
};

Coverage coverage_of(int trials, double truth,
                     const std::function<void(RandomStream&, BatchMeans&)>& fill) {
  Coverage result;
  for (int trial = 0; trial < trials; ++trial) {
    RandomStream random(21, static_cast<std::uint64_t>(trial), "series");
    BatchMeans series;
    fill(random, series);
    const BatchMeans::Result found = series.result().value();
    result.covered += found.mean.contains(truth);
    result.independent += found.independent;
    result.half_width.add(found.mean.half_width());
  }
  return result;
}

// Expected 950 of 1000 with standard deviation 6.9; 24 is 3.5 of them.
constexpr int trials = 1000, expected = 950, allowed = 24;

TEST(BatchMeans, CoversTheMeanOfAnAutoregressiveSeries) {
  // f = 0.9 is correlated over 19 values; batches have 512: 27 times that.
  const Coverage c = coverage_of(trials, 10, [](RandomStream& random, BatchMeans& series) {
    autoregressive(random, 0.9, 12'000, [&](double x) { series.add(x); });
  });
  EXPECT_NEAR(c.covered, expected, allowed);
  // The half-width must be that of the true variance of the mean, 1 / (1 - f)^2 / n, with t(22):
  // E[s] is 0.99 of sigma.
  EXPECT_NEAR(c.half_width.mean(), 0.99 * 2.074 * std::sqrt(100 / 12'000.0),
              0.05 * 2.074 * std::sqrt(100 / 12'000.0));
}

TEST(BatchMeans, CoversTheMeanWaitOfAnMM1Queue) {
  // Load 0.5, service 1: mean wait in queue 1. Lindley's recursion from the stationary wait, which
  // is 0 with probability 1/2 and exponential of mean 2 otherwise.
  const Coverage c = coverage_of(trials, 1, [](RandomStream& random, BatchMeans& series) {
    double wait = random.below(2) ? 0 : random.exponential(2);
    for (int i = 0; i < 30'000; ++i) {
      series.add(wait);
      wait = std::max(0.0, wait + random.exponential(1) - random.exponential(2));
    }
  });
  EXPECT_NEAR(c.covered, expected, allowed);
}

TEST(BatchMeans, CoversTheMeanOfIndependentValuesAndCallsThemSo) {
  const Coverage c = coverage_of(trials, 10, [](RandomStream& random, BatchMeans& series) {
    autoregressive(random, 0, 1000, [&](double x) { series.add(x); });
  });
  EXPECT_NEAR(c.covered, expected, allowed);
  EXPECT_NEAR(c.independent, expected, allowed); // the test's level is 5 %
}

TEST(BatchMeans, ATooShortSeriesIsCalledCorrelated) {
  // Correlated over 199 values, 1000 of them: the interval covers far too rarely, and says so.
  const Coverage c = coverage_of(trials, 10, [](RandomStream& random, BatchMeans& series) {
    autoregressive(random, 0.99, 1000, [&](double x) { series.add(x); });
  });
  EXPECT_LT(c.covered, 700);
  EXPECT_LT(c.independent, 50);
}

TEST(BatchMeans, BatchesAreFullAndAsManyAsPromised) {
  BatchMeans series;
  for (int n = 1; n <= 5000; ++n) {
    series.add(n);
    const auto result = series.result();
    ASSERT_EQ(result.has_value(), n >= 32) << n;
    if (!result) continue;
    ASSERT_GE(result->batches, 16);
    ASSERT_LE(result->batches, 31);
    const std::int64_t used = result->batches * result->batch_size;
    ASSERT_LE(used, n);
    ASSERT_LT(n - used, result->batch_size);
    ASSERT_DOUBLE_EQ(result->mean.estimate, (static_cast<double>(used) + 1) / 2); // of 1 .. used
  }
}

TEST(BatchMeans, ShiftAndScale) {
  BatchMeans x, y;
  RandomStream random(22, 0, "series");
  autoregressive(random, 0.5, 3000, [&](double value) { x.add(value), y.add(-4 * value); });
  EXPECT_EQ(y.result()->mean.estimate, -4 * x.result()->mean.estimate);
  EXPECT_DOUBLE_EQ(y.result()->mean.half_width(), 4 * x.result()->mean.half_width());
  EXPECT_EQ(y.result()->independent, x.result()->independent);
}

TEST(BatchMeans, AConstantSeries) {
  BatchMeans series;
  for (int i = 0; i < 777; ++i) series.add(0.1);
  const auto result = series.result();
  EXPECT_EQ(result->mean.estimate, 0.1);
  EXPECT_EQ(result->mean.half_width(), 0);
  EXPECT_TRUE(result->independent);
}

} // namespace
} // namespace windtunnel::stats
