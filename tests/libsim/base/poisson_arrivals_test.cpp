#include "libsim/base/poisson_arrivals.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <vector>

#include "libsim/base/error.hpp"
#include "tests/libsim/base/goodness_of_fit.hpp"

namespace windtunnel {
namespace {

const std::vector<PoissonArrivals::Piece> pieces{{1_s, 2.0}, {5_s, 0.0}, {7_s, 30.0}, {8_s, 0.5}};

std::vector<Time> arrivals(const PoissonArrivals& process, Time end, const char* stream_name) {
  RandomStream random(4, 0, stream_name);
  std::vector<Time> all;
  for (Time t = process.next(Time{}, random); t < end; t = process.next(t, random))
    all.push_back(t);
  return all;
}

TEST(PoissonArrivals, ExpectedCountIsTheIntegralOfTheRate) {
  const PoissonArrivals once(pieces), daily(pieces, 10_s);
  EXPECT_DOUBLE_EQ(once.expected(Time{}, 1_s), 0);
  EXPECT_DOUBLE_EQ(once.expected(Time{}, 10_s), 8 + 30 + 1);
  EXPECT_DOUBLE_EQ(once.expected(2_s, 7500_ms), 6 + 15);
  EXPECT_DOUBLE_EQ(once.expected(8_s, 108_s), 50);
  EXPECT_DOUBLE_EQ(daily.expected(2_s, 32_s), 3 * 39);
}

// Counted by expected arrivals, gaps are unit exponentials: the whole law of the process.
TEST(PoissonArrivals, GapsAreUnitExponentialsInExpectedArrivals) {
  const PoissonArrivals daily(pieces, 10_s);
  std::vector<double> gaps;
  Time last;
  for (const Time t : arrivals(daily, 20000_s, "gaps")) {
    gaps.push_back(daily.expected(last, t));
    last = t;
  }
  EXPECT_LT(std::abs(static_cast<double>(gaps.size()) - 78000) / std::sqrt(78000), 4);
  // Gaps are whole nanoseconds at up to 30 a second, so they are right to 3e-8.
  EXPECT_GT(anderson_darling_p(
                gaps, [](double x) { return -std::expm1(-std::max(x, 1e-9)); },
                [](double x) { return std::exp(-x); }),
            1e-4);
}

TEST(PoissonArrivals, EachPieceHasItsShareAndCountsArePoisson) {
  const PoissonArrivals daily(pieces, 10_s);
  std::vector<double> counts(4);
  for (const Time t : arrivals(daily, 20000_s, "shares")) {
    const double s = nanoseconds(t.ns() % 10'000'000'000).seconds();
    ASSERT_TRUE(s >= 1 && !(s > 5 + 1e-9 && s < 7 - 1e-9)) << s; // never where the rate is 0
    ++counts[s < 3 ? 0 : s < 6 ? 1 : s < 8 ? 2 : 3];
  }
  EXPECT_GT(chi_square_p(counts, {8000, 8000, 60000, 2000}), 1e-4);
  // Counts in disjoint windows: mean 39 each and the variance of their mean.
  std::vector<double> window(2000);
  for (const Time t : arrivals(daily, 20000_s, "windows"))
    ++window[static_cast<std::size_t>(t.ns() / 10'000'000'000)];
  double squares = 0;
  for (const double count : window) squares += (count - 39) * (count - 39);
  // Variance of a Poisson count's square deviation: 2 mean^2 + mean.
  EXPECT_LT(std::abs(squares / 2000 - 39) / std::sqrt((2 * 39.0 * 39 + 39) / 2000), 4);
}

TEST(PoissonArrivals, RareArrivalsSkipWholePeriods) {
  const PoissonArrivals rare({{6_h, 1e-7}, {7_h, 0.0}}, 24_h); // one in 2778 days
  RandomStream random(5, 0, "rare");
  double sum = 0;
  for (int i = 0; i < 4000; ++i) {
    const Time t = rare.next(12_h, random);
    const double hour = std::fmod(t.hours(), 24);
    ASSERT_TRUE(hour >= 6 - 1e-9 && hour <= 7 + 1e-9) << hour;
    sum += rare.expected(12_h, t);
  }
  EXPECT_LT(std::abs(sum / 4000 - 1) * std::sqrt(4000), 4);
}

TEST(PoissonArrivals, NoRateMeansNever) {
  RandomStream random(6, 0, "never");
  EXPECT_EQ(PoissonArrivals({{0_s, 0.0}}).next(1_s, random), Time::max());
  EXPECT_EQ(PoissonArrivals({{0_s, 0.0}}, 1_s).next(1_s, random), Time::max());
  EXPECT_EQ(PoissonArrivals({{0_s, 9.0}, {5_s, 0.0}}).next(5_s, random), Time::max());
  EXPECT_EQ(PoissonArrivals({{0_s, 1e-300}}).next(5_s, random), Time::max());
  EXPECT_EQ(PoissonArrivals({{0_s, 1e-300}}, 1_s).next(5_s, random), Time::max());
}

TEST(PoissonArrivals, BadPiecesAreNamed) {
  const auto message = [](std::vector<PoissonArrivals::Piece> bad, Time period) -> std::string {
    try {
      PoissonArrivals(std::move(bad), period);
      return "accepted";
    } catch (const ModelError& error) {
      return error.what();
    }
  };
  EXPECT_EQ(message({}, 1_s), "arrivals: number of pieces must be positive, got 0");
  EXPECT_EQ(message({{0_s, -1.0}}, 1_s),
            "arrivals: per_second must be finite and not negative, got -1");
  EXPECT_EQ(message({{0_s, 1.0}}, 0_s), "arrivals: period (s) must be positive, got 0");
  EXPECT_EQ(message({{2_s, 1.0}, {2_s, 3.0}}, 9_s),
            "arrivals: start (s) must ascend, from 0 and below the period, got 2");
  EXPECT_EQ(message({{2_s, 1.0}}, 2_s),
            "arrivals: start (s) must ascend, from 0 and below the period, got 2");
}

} // namespace
} // namespace windtunnel
