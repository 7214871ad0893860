#include "libsim/base/units.hpp"

#include <gtest/gtest.h>

#include <random>

namespace windtunnel {
namespace {

constexpr std::int64_t int64_max = std::numeric_limits<std::int64_t>::max();

TEST(Units, SumsAreExact) {
  // 0.1 s ten million times: doubles drift, integers do not.
  Time time;
  Money money;
  for (int i = 0; i < 1'000'000; ++i) {
    time += milliseconds(0.1);
    money += dollars(0.1);
  }
  EXPECT_EQ(time, seconds(100));
  EXPECT_EQ(money, dollars(100'000));
  EXPECT_EQ(Time::max() - nanoseconds(int64_max - 1), 1_ns);
  EXPECT_EQ(-(3_s - 5_s), 2_s);
}

TEST(Units, LiteralsAndFactoriesAgree) {
  EXPECT_EQ(1_us, microseconds(1));
  EXPECT_EQ(1_ms, milliseconds(1));
  EXPECT_EQ(1_s, seconds(1));
  EXPECT_EQ(90_min, hours(1.5));
  EXPECT_EQ(48_h, days(2));
  EXPECT_EQ(1_KiB, bytes(1024));
  EXPECT_EQ(1_MiB, 1_KiB * 1024);
  EXPECT_EQ(3_GiB, gibibytes(3));
  EXPECT_EQ(gigabytes(1), bytes(1'000'000'000));
  EXPECT_EQ(gigabits_per_second(400), gigabytes_per_second(50));
}

TEST(Units, ConversionsRoundToTheNearest) {
  EXPECT_EQ(seconds(1.4e-9), 1_ns);
  EXPECT_EQ(seconds(1.5e-9), 2_ns);
  EXPECT_EQ(seconds(-1.5e-9), nanoseconds(-2));
  EXPECT_EQ(10_ns * 0.26, 3_ns);
  EXPECT_EQ(0.26 * 10_ns, 3_ns);
  EXPECT_EQ(10_ns / 4.0, 3_ns);
  EXPECT_EQ(bytes_from(2.5), 3_B);
  EXPECT_EQ(dollars(0.1).nano_dollars(), 100'000'000);
  EXPECT_EQ(Price::usd_per_hour(55.04).nano_dollars_per_hour(), 55'040'000'000);
}

TEST(Units, ProductsOfUnlikeDimensions) {
  EXPECT_EQ(bytes(67'108'864) / gigabytes_per_second(50), nanoseconds(1'342'177));
  EXPECT_EQ(gigabytes_per_second(50) * 2_s, gigabytes(100));
  EXPECT_EQ(flops(1e15) / teraflops(500), 2_s);
  EXPECT_EQ(Price::usd_per_hour(2) * 90_min, dollars(3));
  EXPECT_DOUBLE_EQ(3_s / 2_s, 1.5);
  EXPECT_LT(1_s, 1001_ms);
  EXPECT_GT(Time::max(), days(365 * 200));
}

TEST(Units, WhatDoesNotFitIsARangeError) {
  const double nan = std::numeric_limits<double>::quiet_NaN();
  const double infinity = std::numeric_limits<double>::infinity();
  EXPECT_THROW(seconds(nan), std::range_error);
  EXPECT_THROW(seconds(infinity), std::range_error);
  EXPECT_THROW(seconds(-infinity), std::range_error);
  EXPECT_THROW(seconds(1e10), std::range_error); // 317 years
  EXPECT_THROW(days(-2e5), std::range_error);
  EXPECT_THROW(dollars(1e10), std::range_error);
  EXPECT_THROW(bytes_from(9.3e18), std::range_error);
  EXPECT_THROW(Time::max() * 1.01, std::range_error);
  EXPECT_THROW(1_s / 0.0, std::range_error);
  EXPECT_THROW(1_GiB / bytes_per_second(0), std::range_error) << "a stopped link takes for ever";
  EXPECT_THROW(flops(1) / teraflops(0), std::range_error);
  EXPECT_THROW(gigabytes_per_second(1e10) * hours(1e6), std::range_error);
}

TEST(Units, RoundingKeepsTheLastValuesInRange) {
  EXPECT_EQ(round_to_int64(9223372036854774784.0), 9223372036854774784);
  EXPECT_EQ(round_to_int64(-9223372036854774784.0), -9223372036854774784);
  EXPECT_THROW(round_to_int64(9223372036854775808.0), std::range_error);
  EXPECT_THROW(round_to_int64(-9223372036854775808.0), std::range_error);
  EXPECT_EQ(round_to_int64(-0.5), -1);
  EXPECT_EQ(round_to_int64(std::nextafter(0.5, 0)), 0);
  std::mt19937_64 random(1);
  for (int i = 0; i < 1'000'000; ++i) { // halves and their neighbours at every size
    const std::int64_t whole = static_cast<std::int64_t>(random()) >> (random() % 64);
    const double half = static_cast<double>(whole) + 0.5;
    for (const double v : {half, std::nextafter(half, 0), std::nextafter(half, 2 * half), half / 3})
      if (std::abs(v) < 9.2e18) {
        ASSERT_EQ(round_to_int64(v), std::llround(v)) << std::hexfloat << v;
      }
  }
  EXPECT_EQ(round_to_int64(4503599627370495.5), 4503599627370496);
}

TEST(Units, ChargesAreRoundedOnceToTheNearestNanoDollar) {
  const Price one = Price::from_raw(1); // a nano-dollar an hour
  EXPECT_EQ(charge(one, 30_min), nano_dollars(1)) << "one half rounds away from zero";
  EXPECT_EQ(charge(one, 30_min - 1_ns), nano_dollars(0));
  EXPECT_EQ(charge(Price::from_raw(-1), 30_min), nano_dollars(-1));
  EXPECT_EQ(charge(one, -30_min), nano_dollars(-1));
  // 16,384 instances for 54 days at $98.32: beyond int64 before the division.
  const Int128 unit_ns = Int128{16'384} * days(54).ns();
  EXPECT_EQ(charge(Price::usd_per_hour(98.32), unit_ns), nano_dollars(2'087'693'844'480'000'000));
}

TEST(Units, ChargingAtOnceDiffersFromChargingInPiecesByTheirRoundingOnly) {
  std::mt19937_64 random(1);
  for (int trial = 0; trial < 100; ++trial) {
    const Price price = Price::from_raw(static_cast<std::int64_t>(random() % 100'000'000'000));
    Int128 whole = 0;
    Money pieces;
    constexpr int n = 50;
    for (int i = 0; i < n; ++i) {
      const Time span = nanoseconds(static_cast<std::int64_t>(random() % 10'000'000'000'000));
      whole += span.ns();
      pieces += price * span;
    }
    EXPECT_LE(std::abs((charge(price, whole) - pieces).nano_dollars()), n / 2 + 1);
  }
}

} // namespace
} // namespace windtunnel
