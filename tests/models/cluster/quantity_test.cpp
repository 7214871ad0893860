// Quantities against the rules of apimachinery's resource.Quantity.
#include "models/cluster/quantity.hpp"

#include <gtest/gtest.h>

#include <cstdint>
#include <limits>
#include <random>

namespace windtunnel::cluster {
namespace {

constexpr std::int64_t most = std::numeric_limits<std::int64_t>::max();

Quantity quantity(std::string_view text) {
  const auto parsed = Quantity::parse(text);
  EXPECT_TRUE(parsed) << text << ": " << (parsed ? "" : parsed.error());
  return parsed.value_or(Quantity());
}

TEST(Quantity, EverySuffixHasItsValue) {
  EXPECT_EQ(quantity("1").milli_value(), 1000);
  EXPECT_EQ(quantity("1m").milli_value(), 1);
  EXPECT_EQ(quantity("1000000u").value(), 1);
  EXPECT_EQ(quantity("1000000000n").value(), 1);
  const char* decimal[] = {"1k", "1M", "1G", "1T", "1P", "1E"};
  const char* binary[] = {"1Ki", "1Mi", "1Gi", "1Ti", "1Pi", "1Ei"};
  std::int64_t thousands = 1, kibis = 1;
  for (int i = 0; i < 6; ++i) {
    EXPECT_EQ(quantity(decimal[i]).value(), thousands *= 1000);
    EXPECT_EQ(quantity(binary[i]).value(), kibis *= 1024);
  }
  EXPECT_EQ(quantity("12e6").value(), 12'000'000);
  EXPECT_EQ(quantity("12E6").value(), 12'000'000);
  EXPECT_EQ(quantity("5e-3").milli_value(), 5);
  EXPECT_EQ(quantity("+.5").milli_value(), 500);
  EXPECT_EQ(quantity("-1.5").milli_value(), -1500);
  EXPECT_EQ(quantity("5.").value(), 5);
}

TEST(Quantity, ReadsAndRoundsExactly) {
  EXPECT_EQ(quantity("0.1Ki").milli_value(), 102'400);
  EXPECT_EQ(quantity("1.000000001Gi").value(), 1'073'741'826); // ...825.07, away from zero
  EXPECT_EQ(quantity("100m").value(), 1);
  EXPECT_EQ(quantity("-100m").value(), -1);
  EXPECT_EQ(quantity("1500u").milli_value(), 2);
  EXPECT_EQ(quantity("0.0000000001"), quantity("1n")); // finer than it can be: rounded up
  EXPECT_EQ(quantity("0.00000000000000000000000001Ei"), quantity("12n"));
  EXPECT_EQ(quantity("000123456789012345678").value(), 123'456'789'012'345'678);
  EXPECT_EQ(quantity("0.1") <=> quantity("100m"), std::strong_ordering::equal);
  EXPECT_LT(quantity("1G"), quantity("1Gi"));
}

TEST(Quantity, IsCappedAtTheLargestInteger) {
  for (const char* text : {"9223372036854775807", "9223372036854775808", "1e99", "8Ei", "100E",
                           "99999999999999999999999999999999999999999999999999"})
    EXPECT_EQ(quantity(text).value(), most) << text;
  EXPECT_EQ(quantity("-1e99").value(), -most);
  EXPECT_EQ(quantity("1e99").milli_value(), most);
  EXPECT_EQ(quantity("9223372036854775806999m").value(), most);
}

TEST(Quantity, RefusesWhatIsNone) {
  for (const char* text :
       {"",  " ",  "Gi", "1e99Gi", "1ki",   "1KI",  "1 Gi", "1Gi ", "1.2.3", "--1",
        ".", "e3", "1e", "1e+",    "1e1.5", "0x10", "1i",   "1mi",  "NaN",   "1e99999999999"})
    EXPECT_FALSE(Quantity::parse(text)) << text;
  EXPECT_NE(Quantity::parse("1e99Gi").error().find("1e99Gi"), std::string::npos);
}

TEST(Quantity, PrintsItsCanonicalForm) {
  const std::pair<const char*, const char*> forms[] = {
      {"0", "0"},         {"1000m", "1"},      {"1500m", "1500m"},   {"0.5", "500m"},
      {"1024Mi", "1Gi"},  {"1.5Gi", "1536Mi"}, {"1000Ki", "1000Ki"}, {"512Ki", "512Ki"},
      {"0.5Ki", "512"},   {"1e3", "1e3"},      {"12000000", "12M"},  {"1.5e3", "1500"},
      {"123e6", "123e6"}, {"-2048Ki", "-2Mi"}, {"1000000n", "1m"}};
  for (const auto& [text, canonical] : forms)
    EXPECT_EQ(quantity(text).to_string(), canonical) << text;
}

TEST(Quantity, SumsAreExactAndKeepTheirFirstSuffix) {
  Quantity sum;
  for (int i = 0; i < 10; ++i) sum += quantity("0.1");
  EXPECT_EQ(sum, quantity("1"));
  Quantity memory;
  memory += quantity("1Gi");
  memory += quantity("1G");
  EXPECT_EQ(memory.value(), 2'073'741'824);
  memory -= quantity("1G");
  EXPECT_EQ(memory.to_string(), "1Gi");
}

TEST(Quantity, PrintingAndReadingIsTheIdentity) {
  std::mt19937_64 random(7);
  for (int i = 0; i < 20'000; ++i) {
    const std::int64_t number = static_cast<std::int64_t>(random() >> (1 + random() % 62));
    for (const char* suffix : {"", "m", "u", "n", "k", "Ki", "Mi", "e-3", "e3"}) {
      const Quantity value = quantity(std::to_string(number) + suffix);
      EXPECT_EQ(quantity(value.to_string()), value) << number << suffix;
    }
  }
}

} // namespace
} // namespace windtunnel::cluster
