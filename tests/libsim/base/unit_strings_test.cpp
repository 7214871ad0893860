#include "libsim/base/unit_strings.hpp"

#include <gtest/gtest.h>

namespace windtunnel {
namespace {

TEST(UnitStrings, Durations) {
  EXPECT_EQ(parse_time("30m"), seconds(1800));
  EXPECT_EQ(parse_time("1h30m"), seconds(5400));
  EXPECT_EQ(parse_time("720h"), parse_time("30d"));
  EXPECT_EQ(parse_time("250ns"), nanoseconds(250));
  EXPECT_EQ(parse_time("1.5s"), milliseconds(1500));
  EXPECT_EQ(parse_time("2w"), days(14));
}

TEST(UnitStrings, SizesAndRatesAreExactAboutCase) {
  EXPECT_EQ(parse_bytes("64GiB"), 64_GiB);
  EXPECT_EQ(parse_bytes("64Gi"), 64_GiB);
  EXPECT_EQ(parse_bytes("22GB"), gigabytes(22));
  EXPECT_DOUBLE_EQ(parse_bandwidth("400Gbps")->gigabytes_per_second(), 50);
  EXPECT_DOUBLE_EQ(parse_bandwidth("400GBps")->gigabytes_per_second(), 400);
  EXPECT_DOUBLE_EQ(parse_flop_rate("989TFLOPS")->teraflops(), 989);
}

TEST(UnitStrings, MoneyAndCounts) {
  EXPECT_EQ(parse_money("$4M"), dollars(4e6));
  EXPECT_EQ(parse_money("900k USD"), dollars(9e5));
  EXPECT_EQ(parse_money("$1.25"), dollars(1.25));
  EXPECT_EQ(parse_price("$55.04/h"), Price::usd_per_hour(55.04));
  EXPECT_EQ(parse_count("1.5T"), 1.5e12);
  EXPECT_EQ(parse_count("15000000"), 1.5e7);
  EXPECT_DOUBLE_EQ(parse_ratio("5%")->value(), 0.05);
}

TEST(UnitStrings, RefusalsNameWhatIsAllowed) {
  const auto refused = [](const auto& parsed, const char* word) {
    ASSERT_FALSE(parsed.has_value());
    EXPECT_NE(parsed.error().find(word), std::string::npos) << parsed.error();
  };
  refused(parse_time("30"), "bare number");
  refused(parse_time("30 minutes"), "30m");
  refused(parse_time("-5m"), "duration");
  refused(parse_time(""), "duration");
  refused(parse_time("99999999999999w"), "too large");
  refused(parse_time("infs"), "duration");
  refused(parse_time("1e5s"), "duration");
  refused(parse_bytes("64gib"), "64GiB");
  refused(parse_bytes("64"), "bare number");
  refused(parse_bytes("999999999PiB"), "too large");
  refused(parse_bandwidth("400gbps"), "bits");
  refused(parse_money("4M"), "dollars");
  refused(parse_money("$"), "dollars");
  refused(parse_price("$55.04"), "per hour");
  refused(parse_instant("2026-02-30T00:00:00Z"), "UTC");
  refused(parse_instant("2026-12-01"), "UTC");
  refused(parse_count("-3"), "count");
}

TEST(UnitStrings, InstantsRoundTrip) {
  EXPECT_EQ(parse_instant("1970-01-01T00:00:00Z"), 0);
  EXPECT_EQ(parse_instant("2026-12-01T00:00:00Z"), 1796083200);
  for (const char* text : {"2000-02-29T23:59:59Z", "2024-12-31T00:00:01Z", "1969-07-20T20:17:40Z"})
    EXPECT_EQ(format_instant(*parse_instant(text)), text);
}

TEST(UnitStrings, TextForPeople) {
  EXPECT_EQ(to_string(seconds(90)), "1m30s");
  EXPECT_EQ(to_string(hours(3.2)), "3h12m");
  EXPECT_EQ(to_string(days(27.4)), "27.4d");
  EXPECT_EQ(to_string(microseconds(1340)), "1.34ms");
  EXPECT_EQ(to_string(22_GiB), "22.0GiB");
  EXPECT_EQ(to_string(dollars(3712345.1234)), "$3,712,345.12");
  EXPECT_EQ(to_string(dollars(-12)), "-$12.00");
  EXPECT_EQ(exact_dollars(nano_dollars(3712345123456789)), "3712345.123456789");
  EXPECT_EQ(exact_dollars(nano_dollars(-5)), "-0.000000005");
  EXPECT_EQ(to_string(ratio(0.413)), "41.3%");
}

} // namespace
} // namespace windtunnel
