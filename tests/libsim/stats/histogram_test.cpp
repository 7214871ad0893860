#include "libsim/stats/histogram.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <numeric>

#include "libsim/base/error.hpp"
#include "libsim/base/random.hpp"

namespace windtunnel::stats {
namespace {

TEST(Histogram, EdgesBelongToTheBinAbove) {
  Histogram h = Histogram::linear(0, 3, 3);
  for (const double value : {-0.1, 0.0, 0.5, 1.0, 2.999, 3.0, 1e300}) h.add(value);
  EXPECT_EQ(h.counts(), (std::vector<std::uint64_t>{2, 1, 1}));
  EXPECT_EQ(h.underflow(), 1u);
  EXPECT_EQ(h.overflow(), 2u);
  EXPECT_EQ(h.total(), 7u);
}

TEST(Histogram, EveryEdgeFallsIntoItsOwnBin) {
  for (const Histogram& empty :
       {Histogram::linear(0.1, 0.7, 6), Histogram::logarithmic(1e-3, 1e9, 97),
        Histogram({-5, -1, 0, 0.25, 100})}) {
    for (std::size_t i = 0; i + 1 < empty.edges().size(); ++i) {
      Histogram h = empty;
      h.add(h.edges()[i]);
      h.add(std::nextafter(h.edges()[i + 1], -1e300));
      EXPECT_EQ(h.counts()[i], 2u);
    }
    Histogram outside = empty;
    outside.add(std::nextafter(outside.edges().front(), -1e300));
    outside.add(outside.edges().back());
    outside.add(-std::numeric_limits<double>::infinity());
    outside.add(std::numeric_limits<double>::infinity());
    EXPECT_EQ(outside.underflow(), 2u);
    EXPECT_EQ(outside.overflow(), 2u);
  }
}

TEST(Histogram, LogarithmicBinsHaveEqualRatios) {
  const Histogram h = Histogram::logarithmic(1e3, 1e12, 9);
  EXPECT_EQ(h.edges().front(), 1e3);
  EXPECT_EQ(h.edges().back(), 1e12);
  for (std::size_t i = 0; i < 9; ++i) EXPECT_NEAR(h.edges()[i + 1] / h.edges()[i], 10, 1e-12);
}

TEST(Histogram, MergingIsAddingAllAndNothingIsLost) {
  RandomStream random(3, 0, "histogram");
  const Histogram empty = Histogram::linear(-1, 1, 10);
  Histogram a = empty, b = empty, all = empty;
  for (int i = 0; i < 5000; ++i) {
    const double value = random.normal();
    (i % 3 == 0 ? a : b).add(value);
    all.add(value);
  }
  Histogram ab = a, ba = b;
  ab.merge(b), ba.merge(a);
  EXPECT_EQ(ab, all);
  EXPECT_EQ(ba, all);
  EXPECT_EQ(std::accumulate(all.counts().begin(), all.counts().end(), std::uint64_t{0}) +
                all.underflow() + all.overflow(),
            all.total());
  EXPECT_EQ(all.total(), 5000u);
}

TEST(Histogram, CountsFollowTheDistribution) {
  // Chi-square of 20 equally likely bins against its 99.9 % quantile, 43.82 with 19 degrees.
  RandomStream random(4, 0, "histogram");
  Histogram h = Histogram::linear(0, 1, 20);
  for (int i = 0; i < 100'000; ++i) h.add(random.uniform());
  double chi_square = 0;
  for (const std::uint64_t count : h.counts())
    chi_square += (static_cast<double>(count) - 5000) * (static_cast<double>(count) - 5000) / 5000;
  EXPECT_LT(chi_square, 43.82);
}

TEST(Histogram, RefusesBadBinsAndNaN) {
  EXPECT_THROW(Histogram::linear(1, 1, 3), ModelError);
  EXPECT_THROW(Histogram::linear(0, 1, 0), ModelError);
  EXPECT_THROW(Histogram::logarithmic(0, 1, 3), ModelError);
  EXPECT_THROW(Histogram({1}), ModelError);
  EXPECT_THROW(Histogram({1, 1}), ModelError);
  EXPECT_THROW(Histogram({1, std::nan(""), 3}), ModelError);
  EXPECT_THROW(Histogram({0, std::numeric_limits<double>::infinity()}), ModelError);
  Histogram h = Histogram::linear(0, 1, 3);
  EXPECT_THROW(h.add(std::nan("")), ModelError);
  EXPECT_THROW(h.merge(Histogram::linear(0, 1, 4)), ModelError);
  EXPECT_EQ(h.total(), 0u);
}

} // namespace
} // namespace windtunnel::stats
