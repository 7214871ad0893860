// A table gives back what was measured, stays between its neighbours elsewhere, and says which.
#include "models/kernels/gemm_table.hpp"

#include <gtest/gtest.h>

#include <cmath>

#include "libsim/base/error.hpp"
#include "libsim/base/random.hpp"

namespace windtunnel::kernels {
namespace {

constexpr GemmRoofline h100{.flops_per_second = 989e12, .bytes_per_second = 3.35e12};

/// Ratios that grow along m, so that times do.
GemmGrid grid() {
  GemmGrid grid{
      .m = {1, 16, 256}, .n = {1024, 4096}, .k = {512, 2048}, .log_ratio = {}, .measured = {}};
  for (int i = 0; i < 12; ++i)
    grid.log_ratio.push_back(0.1F * static_cast<float>(i % 3 * (i % 3)) +
                             0.05F * static_cast<float>(i / 3));
  grid.measured.assign(12, true);
  grid.measured[grid.at(1, 1, 2)] = false;
  return grid;
}
const GemmTable table(h100, grid(), {-0.05, 0.08});

TEST(GemmRoofline, ApproachesItsTwoAsymptotesAndItsStart) {
  EXPECT_NEAR(h100.seconds(1, 1, 1), 3e-6, 1e-9);
  const double big = 65536; // compute bound: 0.75 of the peak
  EXPECT_NEAR(h100.seconds(big, big, big), 2 * big * big * big / (0.75 * 989e12), 0.01);
  const double weights = 2.0 * 65536 * 65536; // memory bound: 0.8 of the bandwidth
  EXPECT_NEAR(h100.seconds(1, 65536, 65536) / (weights / (0.8 * 3.35e12)), 1, 0.01);
  EXPECT_EQ(h100.plain_seconds(4096, 4096, 4096), 2 * std::pow(4096.0, 3) / 989e12);
}

TEST(GemmTable, IsExactOnMeasuredNodesAndSaysSo) {
  const GemmGrid& g = table.grid();
  for (std::size_t n = 0; n < 2; ++n)
    for (std::size_t k = 0; k < 2; ++k)
      for (std::size_t m = 0; m < 3; ++m) {
        const auto [sm, sn, sk] = std::tuple(
            static_cast<double>(g.m[m]), static_cast<double>(g.n[n]), static_cast<double>(g.k[k]));
        const KernelTime answer = table.time(sm, sn, sk);
        const double expected =
            h100.seconds(sm, sn, sk) * std::exp(double{g.log_ratio[g.at(n, k, m)]});
        EXPECT_NEAR(answer.seconds, expected, 1e-12 * expected);
        EXPECT_EQ(answer.basis, g.measured[g.at(n, k, m)] ? Basis::exact : Basis::interpolated);
        // Too few neighbours to learn a spread from: as wide as off site, but for the floor.
        EXPECT_NEAR(answer.p10, std::max(expected * std::exp(-0.05), table.floor()), 1e-12);
        EXPECT_NEAR(answer.p90, expected * std::exp(0.08), 1e-12);
      }
}

TEST(GemmTable, IsLinearInTheLogarithmsBetweenNodesAndTheEdgeOutside) {
  const auto ratio = [](double m, double n, double k) {
    return std::log(table.time(m, n, k).seconds / h100.seconds(m, n, k));
  };
  // Halfway in log m, n and k: the mean of eight nodes.
  double mean = 0;
  for (const double m : {16, 256})
    for (const double n : {1024, 4096})
      for (const double k : {512, 2048}) mean += ratio(m, n, k) / 8;
  EXPECT_NEAR(ratio(64, 2048, 1024), mean, 1e-9);
  EXPECT_EQ(table.time(64, 2048, 1024).basis, Basis::interpolated);
  EXPECT_NEAR(ratio(1024, 8192, 4096), ratio(256, 4096, 2048), 1e-9);
  EXPECT_EQ(table.time(1024, 4096, 2048).basis, Basis::extrapolated);
  EXPECT_EQ(table.time(256, 1000, 2048).basis, Basis::extrapolated);
}

TEST(GemmTable, TheBandWidensBetweenNodesAndWithEveryOctaveOutside) {
  const auto width = [](double m, double n, double k) {
    const KernelTime answer = table.time(m, n, k);
    EXPECT_LE(answer.p10, answer.seconds);
    return std::log(answer.p90 / answer.p10);
  };
  EXPECT_GT(width(256, 8192, 2048), width(256, 4096, 2048));
  EXPECT_GT(width(256, 16384, 2048), width(256, 8192, 2048));
  EXPECT_GT(width(256, 16384, 8192), width(256, 16384, 2048));
  EXPECT_GT(width(64, 4096, 512), width(16, 4096, 512));
  EXPECT_GT(width(64, 4096, 512), width(17, 4096, 512));
}

TEST(GemmTable, NoAnswerIsBelowTheShortestMeasured) {
  double shortest = 1;
  const GemmGrid& g = table.grid();
  for (const auto n : g.n)
    for (const auto k : g.k)
      shortest =
          std::min(shortest, table.time(1, static_cast<double>(n), static_cast<double>(k)).seconds);
  EXPECT_DOUBLE_EQ(table.floor(), shortest);
  const KernelTime tiny = table.time(1, 1, 1);
  EXPECT_DOUBLE_EQ(tiny.seconds, shortest);
  EXPECT_DOUBLE_EQ(tiny.p10, shortest);
}

/// One weight shape measured at every m up to 64, with `noise` on its first and `slow` at m = 40.
GemmTable noisy(double noise, double slow) {
  GemmGrid grid{.m = {}, .n = {4096}, .k = {4096}, .log_ratio = {}, .measured = {}};
  RandomStream random(1, 0, "noise");
  const double flat = h100.seconds(64, 4096, 4096);
  for (std::int64_t m = 1; m <= 64; ++m) {
    grid.m.push_back(m);
    const double time = flat * random.lognormal(1, noise) * (m == 40 ? slow : 1);
    grid.log_ratio.push_back(
        static_cast<float>(std::log(time / h100.seconds(static_cast<double>(m), 4096, 4096))));
  }
  grid.measured.assign(64, true);
  return GemmTable(h100, grid, {-0.05, 0.08});
}

TEST(GemmTable, NoiseAlongMIsSmoothedAndARealJumpIsNot) {
  const auto falls = [](const GemmTable& t, double share) {
    int count = 0;
    for (double m = 1; m < 64; m += 0.5) // on nodes and between them
      count += t.time(m + 0.5, 4096, 4096).seconds < (1 - share) * t.time(m, 4096, 4096).seconds;
    return count;
  };
  const GemmTable quiet = noisy(0.02, 1);
  EXPECT_NEAR(quiet.spread().p90, 0.02 * 1.28, 0.012);
  EXPECT_NEAR(quiet.spread().p10, -0.02 * 1.28, 0.012);
  EXPECT_EQ(falls(quiet, 0.02), 0) << "of the noise's size";
  const GemmTable jump = noisy(0.02, 1.5);
  EXPECT_NEAR(jump.time(40, 4096, 4096).seconds / quiet.time(40, 4096, 4096).seconds, 1.5, 0.08);
  EXPECT_EQ(falls(jump, 0.1), 2) << "40 to 40.5 to 41";
}

TEST(GemmTable, RefusesAxesThatDoNotAscendAndSizesThatDiffer) {
  GemmGrid bad = grid();
  bad.m = {1, 256, 16};
  EXPECT_THROW(GemmTable(h100, bad, {}), ModelError);
  bad = grid();
  bad.k = {};
  EXPECT_THROW(GemmTable(h100, bad, {}), ModelError);
  bad = grid();
  bad.log_ratio.pop_back();
  EXPECT_THROW(GemmTable(h100, bad, {}), ModelError);
}

} // namespace
} // namespace windtunnel::kernels
