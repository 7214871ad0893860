#include "models/cost/ledger.hpp"

#include <gtest/gtest.h>

#include "libsim/base/random.hpp"

namespace windtunnel::cost {
namespace {

TEST(CostLedger, LinesSumToTheTotalExactlyWhateverThePrices) {
  RandomStream random(1, 0, "ledger");
  for (int trial = 0; trial < 200; ++trial) {
    CostLedger once, twice;
    for (int i = 0; i < 30; ++i) {
      const auto price = static_cast<std::int64_t>(random.below(120'000'000'000));
      const auto ns = static_cast<Int128>(random.below(std::uint64_t{1} << 60));
      once.charge_hours({"a"}, "instance-hours", nano_dollars(price), ns);
      twice.charge_hours({"a"}, "instance-hours", nano_dollars(2 * price), ns);
    }
    Money sum{};
    for (const LedgerLine& line : once.lines()) sum += line.amount;
    EXPECT_EQ(sum, once.total());
    // One rounding a total: to the nano-dollar.
    const std::int64_t off = twice.total().nano_dollars() - 2 * once.total().nano_dollars();
    EXPECT_LE(std::abs(off), 1);
  }
}

TEST(CostLedger, PricesHoursAndGigabyteMonths) {
  CostLedger ledger;
  ledger.charge_hours({"gpu"}, "instance-hours", dollars(55.04), Int128{hours(24).ns()} * 64);
  ledger.charge_gigabyte_months({"fs"}, dollars(0.145),
                                Int128{gigabytes(1000).count()} * hours(730).ns());
  EXPECT_EQ(ledger.lines()[0].amount, dollars(55.04 * 24 * 64));
  EXPECT_EQ(ledger.lines()[1].amount, dollars(145));
  EXPECT_DOUBLE_EQ(ledger.lines()[1].quantity, 1000);
}

TEST(Apportion, PartsAddUpAndFollowTheWeights) {
  const std::vector<Money> parts = apportion(nano_dollars(100), {1, 1, 1});
  EXPECT_EQ(parts[0] + parts[1] + parts[2], nano_dollars(100));
  EXPECT_EQ(parts[0], nano_dollars(34)); // the remainder goes to the first of equals
}

TEST(Purchases, BlocksAreWholeAndBoughtAgainOnDemandHasAMinute) {
  EXPECT_EQ(paid_capacity_block(days(13), 14), days(14));
  EXPECT_EQ(paid_capacity_block(days(14), 14), days(28)) << "a block ends 30 minutes early";
  EXPECT_EQ(paid_on_demand(milliseconds(1500)), seconds(60));
  EXPECT_EQ(paid_on_demand(seconds(61.5)), seconds(62));
}

} // namespace
} // namespace windtunnel::cost
