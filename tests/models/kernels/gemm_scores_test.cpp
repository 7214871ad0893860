// Scores of interpolation and extrapolation withhold what they score, and the bands cover it.
#include "models/kernels/gemm_scores.hpp"

#include <gtest/gtest.h>

#include <cmath>

#include "models/kernels/kernel_table.hpp"

namespace windtunnel::kernels {
namespace {

constexpr GemmRoofline h100{.flops_per_second = 989e12, .bytes_per_second = 3.35e12};

/// log ratio = f(octaves of m, n, k), on seven octaves of each.
GemmTable table_of(const auto& f) {
  GemmGrid grid;
  for (int i = 0; i < 7; ++i) {
    grid.m.push_back(16 << i);
    grid.n.push_back(256 << i);
    grid.k.push_back(256 << i);
  }
  for (int n = 0; n < 7; ++n)
    for (int k = 0; k < 7; ++k)
      for (int m = 0; m < 7; ++m) grid.log_ratio.push_back(static_cast<float>(f(m, n, k)));
  grid.measured.assign(grid.log_ratio.size(), true);
  return GemmTable(h100, grid, {-0.05, 0.05});
}

TEST(GemmScores, WhatIsLinearIsInterpolatedWithoutError) {
  const GemmTable table =
      table_of([](int m, int n, int k) { return 0.1 * m + 0.05 * n - 0.05 * k; });
  const TableScore between = score_between_shapes(table);
  EXPECT_LT(between.model.mean, 1e-6);
  EXPECT_EQ(between.model.rows, 2U * 3 * 7 * 7);
  EXPECT_EQ(between.sites, 7U * 7 - 4 * 4);
  EXPECT_EQ(between.covered, 1);
  const TableScore between_m = score_between_m(table);
  EXPECT_LT(between_m.model.mean, 1e-6);
  EXPECT_EQ(between_m.model.rows, 3U * 7 * 7);
  // Beyond the edge the ratio stays: an octave off by its slope.
  const TableScore beyond = score_beyond_edges(table);
  EXPECT_EQ(beyond.model.rows, 6U * 7 * 7);
  EXPECT_NEAR(beyond.model.median, std::expm1(0.05), 0.01);
  EXPECT_GT(beyond.covered, 0.9) << "the octave before had the same slope";
}

TEST(GemmScores, WithheldColumnsHaveNoPartInTheirPrediction) {
  const auto bump = [](double height) {
    return table_of([=](int, int n, int) { return n == 3 ? height : 0.0; });
  };
  EXPECT_NEAR(score_between_shapes(bump(0.5)).model.mean, (1 - std::exp(-0.5)) / 6, 1e-6);
  EXPECT_LT(score_between_shapes(bump(0.5)).covered, 0.9) << "nothing else warned of it";
}

TEST(GemmScores, BandsOfTheCarriedTablesCoverWhatTheyClaim) {
  double between = 0, between_m = 0, beyond = 0, count = 0;
  for (const KernelTable& table : built_in_tables())
    for (const FittedGemm& gemm : table.gemm) {
      between += score_between_shapes(gemm.table).covered;
      between_m += score_between_m(gemm.table).covered;
      beyond += score_beyond_edges(gemm.table).covered;
      ++count;
    }
  ASSERT_GT(count, 0);
  EXPECT_NEAR(between / count, 0.8, 0.05);
  EXPECT_NEAR(between_m / count, 0.8, 0.08);
  EXPECT_NEAR(beyond / count, 0.8, 0.06);
}

TEST(GemmScores, ATableAgreesWithItselfWithinItsBand) {
  for (const KernelTable& table : built_in_tables())
    for (const FittedGemm& gemm : table.gemm) {
      const TableScore self = score_on(gemm.table, gemm.table);
      EXPECT_LT(self.model.median, gemm.table.spread().p90) << table.gpu << gemm.dtype;
      EXPECT_GT(self.covered, 0.8) << table.gpu << gemm.dtype;
    }
}

} // namespace
} // namespace windtunnel::kernels
