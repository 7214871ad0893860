#include "libsim/stats/warm_up.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <vector>

#include "libsim/base/random.hpp"
#include "libsim/stats/tally.hpp"

namespace windtunnel::stats {
namespace {

/// Noise of deviation 1 about 0, raised by `height` for the first `transient` values.
std::vector<double> step(std::uint64_t trial, std::size_t n, std::size_t transient, double height) {
  RandomStream random(31, trial, "warm-up");
  std::vector<double> series(n);
  for (std::size_t i = 0; i < n; ++i) series[i] = random.normal() + (i < transient ? height : 0);
  return series;
}

/// The definition, term by term.
std::size_t by_definition(const std::vector<double>& series) {
  const std::size_t k = series.size() / 5;
  std::vector<double> y(k);
  for (std::size_t i = 0; i < 5 * k; ++i) y[i / 5] += series[i] / 5;
  double best = 1e300;
  std::size_t cut = 0;
  for (std::size_t d = 0; d + 5 <= k; ++d) {
    double mean = 0, squares = 0;
    const double kept = static_cast<double>(k - d);
    for (std::size_t i = d; i < k; ++i) mean += y[i] / kept;
    for (std::size_t i = d; i < k; ++i) squares += (y[i] - mean) * (y[i] - mean);
    if (squares / (kept * kept) < best) best = squares / (kept * kept), cut = d;
  }
  return cut * 5;
}

TEST(WarmUp, CutsWhereAKnownTransientEnds) {
  // A step of 10 deviations: no batch of it can be kept for less than it costs.
  for (std::uint64_t trial = 0; trial < 50; ++trial) {
    const auto cut = warm_up(step(trial, 2000, 200, 10));
    ASSERT_TRUE(cut);
    EXPECT_GE(*cut, 200u);
    EXPECT_EQ(*cut % 5, 0u);
  }
}

TEST(WarmUp, KeepsMostOfASeriesWithoutTransient) {
  Tally cut_share;
  for (std::uint64_t trial = 0; trial < 200; ++trial)
    if (const auto cut = warm_up(step(trial, 2000, 0, 0)))
      cut_share.add(static_cast<double>(*cut) / 2000);
  EXPECT_GT(cut_share.count(), 190u); // seldom without answer
  EXPECT_LT(cut_share.mean(), 0.1);
}

TEST(WarmUp, TakesTheBiasOutOfADecayingStart) {
  // 20 exp(-i / 100) on top of noise: its mean over 3000 values is 0.667.
  Tally kept, all;
  for (std::uint64_t trial = 0; trial < 200; ++trial) {
    std::vector<double> series = step(trial, 3000, 0, 0);
    for (std::size_t i = 0; i < series.size(); ++i)
      series[i] += 20 * std::exp(-static_cast<double>(i) / 100);
    const auto cut = warm_up(series);
    ASSERT_TRUE(cut);
    Tally rest, whole;
    for (std::size_t i = 0; i < series.size(); ++i) {
      whole.add(series[i]);
      if (i >= *cut) rest.add(series[i]);
    }
    kept.add(rest.mean());
    all.add(whole.mean());
  }
  EXPECT_NEAR(all.mean(), 0.667, 0.01);
  EXPECT_LT(std::abs(kept.mean()), 0.0667); // a tenth of the bias at most
}

TEST(WarmUp, IsItsDefinition) {
  for (std::uint64_t trial = 0; trial < 50; ++trial) {
    const std::vector<double> series = step(trial, 500 + trial, 20 * (trial % 5), 2);
    const std::size_t cut = by_definition(series);
    const auto found = warm_up(series);
    if (cut / 5 > series.size() / 5 / 2)
      EXPECT_FALSE(found);
    else
      EXPECT_EQ(found, cut);
  }
}

TEST(WarmUp, ShiftAndScaleChangeNothing) {
  std::vector<double> series = step(1, 1000, 100, 5);
  const auto cut = warm_up(series);
  for (double& value : series) value = -8 * value;
  EXPECT_EQ(warm_up(series), cut);
  for (double& value : series) value += 1024;
  EXPECT_EQ(warm_up(series), cut);
}

TEST(WarmUp, NoAnswerWhereThereIsNoSteadyState) {
  std::vector<double> rising(1000);
  for (std::size_t i = 0; i < rising.size(); ++i) rising[i] = static_cast<double>(i);
  EXPECT_FALSE(warm_up(rising));
  EXPECT_FALSE(warm_up(step(0, 1000, 800, 10)));
  EXPECT_FALSE(warm_up(std::vector<double>(49, 1.0)));
  EXPECT_EQ(warm_up(std::vector<double>(50, 1.0)), 0u);
}

} // namespace
} // namespace windtunnel::stats
