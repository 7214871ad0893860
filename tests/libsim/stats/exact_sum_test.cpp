#include "libsim/stats/exact_sum.hpp"

#include <gtest/gtest.h>

#include <bit>
#include <cmath>
#include <limits>
#include <utility>
#include <vector>

#include "libsim/base/error.hpp"
#include "libsim/base/random.hpp"

namespace windtunnel::stats {
namespace {

constexpr double largest = std::numeric_limits<double>::max();
constexpr double smallest = std::numeric_limits<double>::denorm_min();
constexpr std::int64_t longest = std::numeric_limits<std::int64_t>::max();

ExactSum sum_of(const std::vector<std::pair<double, std::int64_t>>& terms) {
  ExactSum sum;
  for (const auto& [value, times] : terms) sum.add(value, times);
  return sum;
}

TEST(ExactSum, OneTermIsItself) {
  for (const double value : {0.0, 1.0, -1.0, 0.1, -0.1, 1e300, largest, -largest, smallest,
                             -smallest, 3 * smallest, std::numeric_limits<double>::min()})
    EXPECT_EQ(sum_of({{value, 1}}).value(), value);
}

TEST(ExactSum, NothingIsLost) {
  EXPECT_EQ(sum_of({{1e300, 1}, {1, 1}, {smallest, 1}, {-1e300, 1}, {-1, 1}}).value(), smallest);
  EXPECT_EQ(sum_of({{0.1, longest}, {-0.1, longest}}).value(), 0);
  EXPECT_EQ(sum_of({{0.1, longest}, {0.1, -longest}, {0.25, 3}}).value(), 0.75);
  // 0.1 is 3602879701896397 x 2^-55; ten of them round to 1 and exceed it by 2^-54.
  EXPECT_EQ(sum_of({{0.1, 10}}).value(), 1);
  EXPECT_EQ(sum_of({{0.1, 10}, {-1, 1}}).value(), std::ldexp(1, -54));
}

TEST(ExactSum, RoundsToNearestEven) {
  const double half_ulp = std::ldexp(1, -53); // of 1
  EXPECT_EQ(sum_of({{1, 1}, {half_ulp, 1}}).value(), 1);
  EXPECT_EQ(sum_of({{1, 1}, {half_ulp, 1}, {smallest, 1}}).value(), 1 + 2 * half_ulp);
  EXPECT_EQ(sum_of({{1, 1}, {half_ulp, 3}}).value(), 1 + 4 * half_ulp);
  EXPECT_EQ(sum_of({{-1, 1}, {-half_ulp, 1}, {-smallest, 1}}).value(), -1 - 2 * half_ulp);
}

TEST(ExactSum, RoomForTheLargestProducts) {
  ExactSum sum = sum_of({{largest, longest}, {largest, longest}});
  EXPECT_EQ(sum.value(), std::numeric_limits<double>::infinity());
  sum.add(-largest, longest);
  sum.add(-largest, longest - 1);
  EXPECT_EQ(sum.value(), largest);
}

TEST(ExactSum, AnyOrderAndAnyGroupingGivesTheSameBits) {
  for (std::uint64_t trial = 0; trial < 100; ++trial) {
    RandomStream random(1, trial, "exact sum");
    std::vector<std::pair<double, std::int64_t>> terms;
    while (terms.size() < 60) {
      const double value = std::bit_cast<double>(random.bits()); // any exponent and sign
      if (std::isfinite(value))
        terms.emplace_back(value, std::bit_cast<std::int64_t>(random.bits()));
    }
    const ExactSum forward = sum_of(terms);
    const ExactSum backward = sum_of({terms.rbegin(), terms.rend()});
    ExactSum grouped = sum_of({terms.begin() + 20, terms.end()});
    grouped.add(sum_of({terms.begin(), terms.begin() + 20}));
    EXPECT_EQ(forward, backward);
    EXPECT_EQ(forward, grouped);
    ExactSum emptied = forward;
    for (const auto& [value, times] : terms) emptied.add(-value, times);
    EXPECT_EQ(emptied, ExactSum{});
  }
}

TEST(ExactSum, AgreesWithIntegers) {
  RandomStream random(2, 0, "exact sum");
  ExactSum sum;
  std::int64_t whole = 0;
  for (int i = 0; i < 10'000; ++i) {
    const auto level = static_cast<std::int64_t>(random.below(2001)) - 1000;
    const auto span = static_cast<std::int64_t>(random.below(1'000'000));
    sum.add(static_cast<double>(level), span);
    whole += level * span;
    ASSERT_EQ(sum.value(), static_cast<double>(whole));
  }
}

TEST(ExactSum, RefusesWhatIsNotFinite) {
  ExactSum sum;
  EXPECT_THROW(sum.add(std::nan("")), ModelError);
  EXPECT_THROW(sum.add(std::numeric_limits<double>::infinity()), ModelError);
}

} // namespace
} // namespace windtunnel::stats
