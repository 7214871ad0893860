#include "scenarios/report/numbers.hpp"

#include <gtest/gtest.h>
#include <limits>

namespace windtunnel::scenarios {
namespace {

TEST(Numbers, Grouped) {
  EXPECT_EQ(grouped(0), "0");
  EXPECT_EQ(grouped(999), "999");
  EXPECT_EQ(grouped(1234567.891, 2), "1,234,567.89");
  EXPECT_EQ(grouped(-1234), "-1,234");
  EXPECT_EQ(grouped(-0.001, 2), "0.00");
  EXPECT_EQ(grouped(std::numeric_limits<double>::quiet_NaN()), "-");
}

TEST(Numbers, ThreeSignificantDigits) {
  EXPECT_EQ(three_digits(0), "0");
  EXPECT_EQ(three_digits(41.23), "41.2");
  EXPECT_EQ(three_digits(9.999), "10.0");
  EXPECT_EQ(three_digits(12345), "12,300");
  EXPECT_EQ(three_digits(0.012345), "0.0123");
}

TEST(Numbers, Money) {
  EXPECT_EQ(usd_short(3712345), "$3.71M");
  EXPECT_EQ(usd_short(999900), "$1.00M");
  EXPECT_EQ(usd_short(12345), "$12.3k");
  EXPECT_EQ(usd_short(743), "$743");
  EXPECT_EQ(usd_short(-2.5e9), "-$2.50B");
  EXPECT_EQ(usd_cents(0.0004), "$0.0004");
  EXPECT_EQ(usd_cents(-12.5), "-$12.50");
  EXPECT_EQ(usd_change(0), "$0.00");
  EXPECT_EQ(usd_change(7), "+$7.00");
  EXPECT_EQ(count_short(1.5e12), "1.50T");
}

TEST(Numbers, DatesWithAStartDurationsWithout) {
  EXPECT_EQ(moment(1796083200, 64.2 * 86400), "2027-02-03");
  EXPECT_EQ(moment_and_duration(1796083200, 64.2 * 86400), "2027-02-03 (64.2d)");
  EXPECT_EQ(moment_and_duration(std::nullopt, 64.2 * 86400), "64.2d");
  EXPECT_EQ(duration_change(-2.1 * 86400), "-2.10d");
  EXPECT_EQ(duration(std::numeric_limits<double>::infinity()), "-");
}

TEST(Numbers, SharesAddUpToHundred) {
  const std::vector<Money> thirds(3, dollars(1));
  EXPECT_EQ(shares(thirds, dollars(3)), (std::vector<std::string>{"33.4%", "33.3%", "33.3%"}));
  EXPECT_EQ(shares({Money{}}, Money{}), (std::vector<std::string>{"-"}));
}

} // namespace
} // namespace windtunnel::scenarios
