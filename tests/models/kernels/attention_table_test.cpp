// A curve gives back what was measured, is linear along lines of as many tokens between, and says
// what an answer stands on.
#include "models/kernels/attention_table.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "libsim/base/error.hpp"

namespace windtunnel::kernels {
namespace {

constexpr AttentionRoofline roofline(AttentionPhase phase, std::int64_t window = 0) {
  return {phase, 989e12, 3.35e12, 2, window};
}
constexpr AttentionShape small{8, 8, 128}, large{32, 8, 128};

AttentionGrid grid() {
  AttentionGrid grid{{1, 2, 4}, {1024, 4096}, {small, large}, {}};
  for (int i = 0; i < 12; ++i) grid.log_ratio.push_back(0.1F * static_cast<float>(i * i % 7));
  return grid;
}
double ratio(const AttentionTable& table, const AttentionShape& shape, double batch,
             double length) {
  return std::log(table.curve(shape).time(batch, length).seconds /
                  table.roofline().seconds(shape, batch, length));
}

TEST(AttentionRoofline, CountsPairsBytesAndWholeTiles) {
  const AttentionRoofline prefill = roofline(AttentionPhase::prefill);
  const double pairs = 16384.0 * 16385 / 2;
  EXPECT_DOUBLE_EQ(prefill.plain_seconds(large, 2, 16384), 2 * 4 * 32 * 128 * pairs / 989e12);
  EXPECT_NEAR(prefill.seconds(large, 2, 16384) / (2 * 4 * 32 * 128 * pairs / (0.6 * 989e12)), 1,
              0.02);
  // One token of a sequence is a tile of 128 rows.
  EXPECT_NEAR(prefill.seconds(small, 1 << 20, 1) - 8e-6,
              (1 << 20) * 4.0 * 8 * 128 * 128 * 65 / (0.6 * 989e12), 0.02);
  const AttentionRoofline decode = roofline(AttentionPhase::decode);
  const double bytes = 64 * 2 * 128 * 2.0 * (8 * 8192 + 32);
  EXPECT_DOUBLE_EQ(decode.plain_seconds(large, 64, 8192), bytes / 3.35e12);
  EXPECT_NEAR(decode.seconds(small, 64, 8192), bytes / (0.8 * 3.35e12) + 8e-6, 5e-5);
  EXPECT_NEAR(prefill.seconds(small, 1, 1), 8e-6, 1e-7);
}

TEST(AttentionRoofline, AWindowBoundsTheTokensAttendedTo) {
  const AttentionRoofline all = roofline(AttentionPhase::prefill),
                          window = roofline(AttentionPhase::prefill, 128);
  EXPECT_DOUBLE_EQ(window.seconds(large, 1, 128), all.seconds(large, 1, 128));
  const double pairs = 128.0 * 129 / 2 + (8192 - 128) * 128;
  EXPECT_NEAR(window.plain_seconds(large, 1, 8192),
              std::max(4 * 32 * 128 * pairs / 989e12, 2 * 128 * 2 * 40 * 8192 / 3.35e12), 1e-12);
  EXPECT_DOUBLE_EQ(roofline(AttentionPhase::decode, 128).seconds(large, 8, 99999),
                   roofline(AttentionPhase::decode).seconds(large, 8, 128));
}

TEST(AttentionCurve, IsExactOnMeasuredNodesAndSaysSo) {
  const AttentionTable table(roofline(AttentionPhase::prefill), grid(), -0.1, 0.2);
  const AttentionGrid& g = table.grid();
  for (std::size_t s = 0; s < 2; ++s)
    for (std::size_t b = 0; b < 3; ++b)
      for (std::size_t l = 0; l < 2; ++l) {
        const auto batch = static_cast<double>(g.batch[b]),
                   length = static_cast<double>(g.length[l]);
        const KernelTime answer = table.curve(g.shapes[s]).time(batch, length);
        const double expected = table.roofline().seconds(g.shapes[s], batch, length) *
                                std::exp(double{g.log_ratio[g.at(s, b, l)]});
        EXPECT_NEAR(answer.seconds, expected, 1e-12 * expected);
        EXPECT_EQ(answer.basis, Basis::exact);
        EXPECT_NEAR(answer.p10, expected * std::exp(-0.1), 1e-12);
        EXPECT_NEAR(answer.p90, expected * std::exp(0.2), 1e-12);
      }
}

TEST(AttentionCurve, PrefillIsInterpolatedAlongAsManyTokensAndDecodeAlongTheLength) {
  const AttentionGrid g = grid();
  const auto node = [&](std::size_t b, std::size_t l) {
    return double{g.log_ratio[g.at(1, b, l)]};
  };
  const AttentionTable prefill(roofline(AttentionPhase::prefill), g, 0, 0);
  // 2 x 2048 tokens: halfway between 4 x 1024 and 1 x 4096.
  EXPECT_NEAR(ratio(prefill, large, 2, 2048), (node(2, 0) + node(0, 1)) / 2, 1e-9);
  EXPECT_NEAR(ratio(prefill, large, std::sqrt(2.0), 4096), (node(0, 1) + node(1, 1)) / 2, 1e-9);
  const AttentionTable decode(roofline(AttentionPhase::decode), g, 0, 0);
  EXPECT_NEAR(ratio(decode, large, 2, 2048), (node(1, 0) + node(1, 1)) / 2, 1e-9);
  for (const AttentionTable* table : {&prefill, &decode}) {
    const AttentionCurve curve = table->curve(large);
    EXPECT_EQ(curve.time(2, 2048).basis, Basis::interpolated);
    EXPECT_EQ(curve.time(8, 2048).basis, Basis::extrapolated);
    EXPECT_EQ(curve.time(2, 512).basis, Basis::extrapolated);
    EXPECT_NEAR(ratio(*table, large, 4, 65536), node(2, 1), 1e-9);
  }
}

TEST(AttentionCurve, WhatWasNotMeasuredIsFilledFromLaunchesAlike) {
  AttentionGrid g = grid();
  const auto none = std::numeric_limits<float>::quiet_NaN();
  g.log_ratio[g.at(1, 1, 1)] = none;
  const AttentionTable table(roofline(AttentionPhase::decode), g, 0, 0);
  EXPECT_EQ(table.curve(large).time(2, 4096).basis, Basis::interpolated);
  EXPECT_TRUE(std::isfinite(table.curve(large).time(2, 4096).seconds));
  EXPECT_EQ(table.curve(large).time(2, 1024).basis, Basis::exact);
  // A group between those measured is interpolated, heads of a size never measured are not.
  EXPECT_EQ(table.curve({16, 8, 128}).time(2, 1024).basis, Basis::interpolated);
  EXPECT_EQ(table.curve({16, 8, 64}).time(2, 1024).basis, Basis::extrapolated);
  EXPECT_EQ(table.curve({64, 8, 128}).time(2, 1024).basis, Basis::extrapolated);
  EXPECT_EQ(table.curve({256, 128, 128}).time(2, 1024).basis, Basis::extrapolated);

  // Measured by no shape: as at the length before.
  g.log_ratio[g.at(0, 2, 1)] = g.log_ratio[g.at(1, 2, 1)] = none;
  const AttentionTable shorter(roofline(AttentionPhase::decode), g, 0, 0);
  EXPECT_EQ(shorter.curve(large).time(4, 4096).basis, Basis::extrapolated);
  EXPECT_NEAR(ratio(shorter, large, 4, 4096), double{g.log_ratio[g.at(1, 2, 0)]}, 1e-9);
}

TEST(AttentionTable, RefusesWhatIsNoGridOrNoShape) {
  const auto refused = [](const AttentionGrid& bad) {
    EXPECT_THROW(AttentionTable(roofline(AttentionPhase::decode), bad, 0, 0), ModelError);
  };
  AttentionGrid bad = grid();
  bad.length = {4096, 1024};
  refused(bad);
  bad = grid();
  bad.batch = {};
  refused(bad);
  bad = grid();
  bad.log_ratio.pop_back();
  refused(bad);
  bad = grid();
  std::swap(bad.shapes[0], bad.shapes[1]);
  refused(bad);
  bad = grid();
  bad.shapes[1] = bad.shapes[0];
  refused(bad);
  bad = grid();
  for (std::size_t s = 0; s < 2; ++s)
    for (std::size_t l = 0; l < 2; ++l)
      bad.log_ratio[bad.at(s, 1, l)] = std::numeric_limits<float>::quiet_NaN();
  refused(bad);
  const AttentionTable table(roofline(AttentionPhase::decode), grid(), 0, 0);
  EXPECT_THROW(table.curve({32, 5, 128}), ModelError);
  EXPECT_THROW(table.curve({32, 0, 128}), ModelError);
}

} // namespace
} // namespace windtunnel::kernels
