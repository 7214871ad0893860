#include <gtest/gtest.h>

#include <set>

#include "models/catalog/catalog.hpp"

namespace windtunnel::catalog {
namespace {

const Catalog& builtin() { return Catalog::builtin(); }

double usd(std::string_view item, std::string_view region, std::string_view purchase) {
  const PriceRow* row = builtin().price(item, region, purchase);
  return row ? row->usd.dollars() : -1;
}

TEST(Prices, OnDemandOfTheAcceleratorFamilies) {
  // Karpenter's price snapshot of 2026-07-20.
  EXPECT_DOUBLE_EQ(usd("p5.48xlarge", "us-east-1", "on-demand"), 55.04);
  EXPECT_DOUBLE_EQ(usd("p4d.24xlarge", "us-east-1", "on-demand"), 21.957642);
  EXPECT_DOUBLE_EQ(usd("p4de.24xlarge", "us-east-1", "on-demand"), 27.44705);
  EXPECT_DOUBLE_EQ(usd("p5en.48xlarge", "us-east-1", "on-demand"), 63.296);
  EXPECT_DOUBLE_EQ(usd("p6-b200.48xlarge", "us-east-1", "on-demand"), 113.9328);
  EXPECT_DOUBLE_EQ(usd("p6-b300.48xlarge", "us-east-1", "on-demand"), 142.416);
  EXPECT_DOUBLE_EQ(usd("m5.xlarge", "us-east-1", "on-demand"), 0.192);
  EXPECT_DOUBLE_EQ(usd("p5.48xlarge", "us-west-2", "on-demand"), 55.04);
}

TEST(Prices, TheNewestRowAnswers) {
  // 98.32 until the cut of June 2025; the confirmation of 2026-11-09 is the newest.
  EXPECT_EQ(builtin().price("p5.48xlarge", "us-east-1", "on-demand")->date, "2026-11-09");
  int rows = 0;
  for (const PriceRow& row : builtin().prices())
    rows += row.item == "p5.48xlarge" && row.region == "us-east-1" && row.purchase == "on-demand";
  EXPECT_GE(rows, 3);
}

TEST(Prices, UnknownIsNullNotZero) {
  EXPECT_EQ(builtin().price("p6e-gb200.36xlarge", "us-east-1", "on-demand"), nullptr);
  EXPECT_EQ(builtin().price("trn2.48xlarge", "us-east-1", "on-demand"), nullptr);
  EXPECT_EQ(builtin().price("p6-b200.48xlarge", "us-east-1", "capacity-block"), nullptr);
  EXPECT_EQ(builtin().price("p5.48xlarge", "mars-north-1", "on-demand"), nullptr);
  EXPECT_EQ(builtin().price("p5.48xlarge", "us-east-1", ""), nullptr);
  for (const PriceRow& row : builtin().prices()) EXPECT_GT(row.usd, Money{}) << row.item;
}

TEST(Prices, EstimatesSaySo) {
  const PriceRow* block = builtin().price("p5.48xlarge", "us-east-1", "capacity-block");
  ASSERT_NE(block, nullptr);
  EXPECT_EQ(block->usd, dollars(39.33)); // the page of late 2024
  EXPECT_EQ(block->provenance.method, Method::estimated);
  EXPECT_FALSE(block->provenance.note.empty());
  const PriceRow* base = builtin().price("fsx-lustre-persistent-125", "us-east-1", "");
  ASSERT_NE(base, nullptr);
  EXPECT_EQ(base->usd, dollars(0.145));
  // Tokyo's hourly prices of 2022-09-03 for 1.2 TiB: $0.31, $0.46, $0.77, $1.39.
  EXPECT_NEAR(usd("fsx-lustre-persistent-250", "us-east-1", ""), 0.145 * 0.46 / 0.31, 1e-3);
  EXPECT_NEAR(usd("fsx-lustre-persistent-500", "us-east-1", ""), 0.145 * 0.77 / 0.31, 1e-3);
  EXPECT_NEAR(usd("fsx-lustre-persistent-1000", "us-east-1", ""), 0.145 * 1.39 / 0.31, 1e-3);
  for (const char* tier :
       {"scratch", "persistent-125", "persistent-250", "persistent-500", "persistent-1000"})
    EXPECT_EQ(
        builtin().price(std::string("fsx-lustre-") + tier, "us-east-1", "")->provenance.method,
        Method::estimated)
        << tier;
}

TEST(Prices, Services) {
  EXPECT_DOUBLE_EQ(usd("eks-cluster-standard", "us-east-1", ""), 0.10);
  EXPECT_DOUBLE_EQ(usd("eks-cluster-extended", "us-east-1", ""), 0.60);
  EXPECT_DOUBLE_EQ(usd("s3-standard", "us-east-1", ""), 0.023);
  EXPECT_DOUBLE_EQ(usd("s3-standard-put", "us-east-1", ""), 0.005);
  EXPECT_DOUBLE_EQ(usd("ebs-gp3", "us-east-1", ""), 0.08);
  EXPECT_DOUBLE_EQ(usd("ecr", "us-east-1", ""), 0.10);
  EXPECT_DOUBLE_EQ(usd("nat-gateway", "us-east-1", ""), 0.045);
  EXPECT_DOUBLE_EQ(usd("transfer-inter-az", "us-east-1", ""), 0.01);
  EXPECT_EQ(builtin().price("eks-cluster-standard", "us-east-1", "")->unit, "cluster-hour");
}

TEST(Prices, SpotIsBelowOnDemandInTheSameRegion) {
  for (const PriceRow& row : builtin().prices()) {
    if (row.purchase != "spot" || row.region.find('/') != std::string::npos) continue;
    const PriceRow* list = builtin().price(row.item, row.region, "on-demand");
    if (list) {
      EXPECT_LT(row.usd, list->usd) << row.item << " " << row.region;
    }
  }
}

TEST(SpotAdvice, BucketsAndSavings) {
  const SpotAdvice* advice = builtin().spot_advice("g4dn.12xlarge", "af-south-1");
  ASSERT_NE(advice, nullptr);
  EXPECT_EQ(advice->interruption_low, ratio(0));
  EXPECT_DOUBLE_EQ(advice->interruption_high.value(), 0.05);
  EXPECT_DOUBLE_EQ(advice->savings.value(), 0.87);
  EXPECT_EQ(builtin().spot_advice("m5.large", "us-east-1"), nullptr);
  EXPECT_NE(builtin().spot_advice("p5.48xlarge", "us-east-1"), nullptr);
  const std::set<double> lows{0, 0.05, 0.10, 0.15, 0.20};
  for (const SpotAdvice& row : builtin().spot_advice())
    EXPECT_TRUE(lows.contains(row.interruption_low.value())) << row.instance_type;
}

} // namespace
} // namespace windtunnel::catalog
