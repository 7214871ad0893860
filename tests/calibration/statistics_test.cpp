#include "calibration/bench/statistics.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <numeric>
#include <stdexcept>

namespace windtunnel::calibration {
namespace {

TEST(Statistics, MedianMinimumAndPercentile) {
  const Summary odd = summarize({3, 1, 2});
  EXPECT_EQ(odd.median, 2);
  EXPECT_EQ(odd.min, 1);
  EXPECT_EQ(odd.p95, 3);
  EXPECT_EQ(summarize({4, 1, 2, 3}).median, 2.5);
  std::vector<double> hundred(100);
  std::iota(hundred.begin(), hundred.end(), 1);
  EXPECT_EQ(summarize(hundred).p95, 95);
  EXPECT_THROW(summarize({}), std::invalid_argument);
}

TEST(Statistics, FiveSamplesHoldNoIntervalAndSixTheirRange) {
  EXPECT_TRUE(std::isinf(summarize({1, 1, 1, 1, 1}).ci)); // 2 / 2^5 is above 5 %
  EXPECT_DOUBLE_EQ(summarize({10, 9, 10, 11, 10, 10}).ci, 0.1);
}

TEST(Statistics, RanksAreThoseOfTheBinomialTable) {
  // The textbook's table of order statistics for the median at 95 %: n = 10: 2 and 9, n = 20: 6 and
  // 15, n = 100: 40 and 61.
  for (const auto& [n, rank] : std::vector<std::pair<int, int>>{{10, 2}, {20, 6}, {100, 40}}) {
    std::vector<double> samples(static_cast<std::size_t>(n));
    std::iota(samples.begin(), samples.end(), 1);
    const double low = rank, high = n + 1 - rank, median = (n + 1) / 2.0;
    EXPECT_DOUBLE_EQ(summarize(samples).ci, (high - low) / 2 / median) << n;
  }
}

TEST(Statistics, ManySamplesGoByTheNormalApproximation) {
  std::vector<double> samples(2000);
  std::iota(samples.begin(), samples.end(), 1);
  EXPECT_NEAR(summarize(samples).ci * 1000.5, 1.96 * std::sqrt(2000) / 2, 2);
}

} // namespace
} // namespace windtunnel::calibration
