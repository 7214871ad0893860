#include "libsim/stats/tally.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <vector>

#include "libsim/base/random.hpp"

namespace windtunnel::stats {
namespace {

Tally tally_of(const std::vector<double>& values) {
  Tally tally;
  for (const double value : values) tally.add(value);
  return tally;
}

/// Two tallies of n values equal up to the rounding of n additions, relative to the spread.
void expect_close(const Tally& a, const Tally& b) {
  ASSERT_EQ(a.count(), b.count());
  const double rounding = 1e-16 * static_cast<double>(a.count());
  const double scale = std::max(std::abs(a.minimum()), std::abs(a.maximum()));
  EXPECT_NEAR(a.mean(), b.mean(), rounding * scale);
  EXPECT_NEAR(a.variance(), b.variance(), rounding * scale * scale);
  EXPECT_EQ(a.minimum(), b.minimum());
  EXPECT_EQ(a.maximum(), b.maximum());
}

TEST(Tally, ClosedForms) {
  Tally first_hundred;
  for (int i = 1; i <= 100; ++i) first_hundred.add(i);
  EXPECT_DOUBLE_EQ(first_hundred.mean(), 50.5);
  EXPECT_DOUBLE_EQ(first_hundred.variance(), 100 * 101 / 12.0); // n (n + 1) / 12
  EXPECT_EQ(Tally{}.variance(), 0);
  EXPECT_EQ(tally_of({3}).variance(), 0);
}

TEST(Tally, ALargeMeanDoesNotDrownTheSpread) {
  // The textbook sum of squares would lose all digits here: 1e9^2 has ulp 128.
  const Tally tally = tally_of({1e9 + 4, 1e9 + 7, 1e9 + 13, 1e9 + 16});
  EXPECT_DOUBLE_EQ(tally.variance(), 30);
}

TEST(Tally, EqualValuesAreExactHoweverMerged) {
  Tally all;
  for (int part = 0; part < 7; ++part) all.merge(tally_of({0.1, 0.1, 0.1}));
  EXPECT_EQ(all.mean(), 0.1);
  EXPECT_EQ(all.variance(), 0);
}

TEST(Tally, MergingIsAssociativeCommutativeAndEqualsAddingAll) {
  for (std::uint64_t trial = 0; trial < 200; ++trial) {
    RandomStream random(5, trial, "tally");
    std::vector<double> all;
    std::vector<Tally> parts;
    for (int p = 0; p < 3; ++p) {
      std::vector<double> values(random.below(50)); // empty ones too
      for (double& value : values) value = 100 * random.normal() + 1000 * p;
      all.insert(all.end(), values.begin(), values.end());
      parts.push_back(tally_of(values));
    }
    Tally left = parts[0], right = parts[1], reversed = parts[2];
    left.merge(parts[1]), left.merge(parts[2]);
    right.merge(parts[2]);
    Tally nested = parts[0];
    nested.merge(right);
    reversed.merge(parts[1]), reversed.merge(parts[0]);
    for (const Tally& merged : {left, nested, reversed}) expect_close(merged, tally_of(all));
  }
}

TEST(Tally, ShiftAndScale) {
  RandomStream random(6, 0, "tally");
  Tally x, shifted, scaled;
  for (int i = 0; i < 1000; ++i) {
    const double value = random.exponential(1);
    x.add(value), shifted.add(value + 512), scaled.add(-4 * value);
  }
  EXPECT_NEAR(shifted.mean(), x.mean() + 512, 1e-10);
  EXPECT_NEAR(shifted.variance(), x.variance(), 1e-10);
  EXPECT_EQ(scaled.mean(), -4 * x.mean()); // a power of two: every step scales exactly
  EXPECT_EQ(scaled.variance(), 16 * x.variance());
  EXPECT_EQ(scaled.minimum(), -4 * x.maximum());
}

} // namespace
} // namespace windtunnel::stats
