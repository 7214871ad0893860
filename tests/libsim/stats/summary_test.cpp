#include <gtest/gtest.h>

#include <cmath>

#include "libsim/base/random.hpp"
#include "libsim/stats/summary.hpp"

namespace windtunnel::stats {
namespace {

TEST(Summary, KnownSamples) {
  const Summary s = summarise({4, 1, 3, 2});
  EXPECT_DOUBLE_EQ(s.mean, 2.5);
  EXPECT_DOUBLE_EQ(s.variance, 5.0 / 3);
  EXPECT_DOUBLE_EQ(s.p50, 2.5);
  EXPECT_DOUBLE_EQ(s.p10, 1.3);
  // t(0.975, 3) = 3.18245 (tables of Student's distribution)
  EXPECT_NEAR(s.half_width, 3.182446 * std::sqrt(5.0 / 3 / 4), 1e-5);
  EXPECT_EQ(summarise({}).n, 0u);
}

TEST(Summary, TheIntervalCoversTheMeanAsOftenAsItSays) {
  int covered = 0;
  constexpr int trials = 2000;
  for (int trial = 0; trial < trials; ++trial) {
    RandomStream random(11, static_cast<std::uint64_t>(trial), "normal");
    std::vector<double> samples;
    for (int i = 0; i < 8; ++i) samples.push_back(random.normal());
    const Summary s = summarise(samples);
    covered += std::abs(s.mean) <= s.half_width;
  }
  // 95 % of 2000 is 1900, standard deviation 9.7: 3.5 of them.
  EXPECT_NEAR(covered, 1900, 34);
}

} // namespace
} // namespace windtunnel::stats
