// The law of memory-bound operators has its asymptotes and grows with bytes; a table stays between
// its nodes and says where it leaves them.
#include "models/kernels/memory_table.hpp"

#include <gtest/gtest.h>

#include <cmath>

#include "libsim/base/error.hpp"
#include "models/catalog/catalog.hpp"

namespace windtunnel::kernels {
namespace {

const catalog::GpuSpec& gpu() { return *catalog::Catalog::builtin().gpu("H100-SXM-80"); }
constexpr MemoryLaw law{
    .start = 2e-6, .row_rate = 20e9, .cache_share = 1.5, .memory_share = 0.9, .knee = 0.8};

TEST(MemoryLaw, IsStartThenOneRowThenCacheThenMemory) {
  EXPECT_NEAR(law.seconds(1, 4, gpu()), 2e-6, 1e-9);
  EXPECT_NEAR(law.seconds(1, 4e6, gpu()), 2e-6 + 4e6 / 20e9, 1e-6);
  const double in_cache = 8e6, beyond = 8e9;
  EXPECT_NEAR((law.seconds(8000, in_cache / 8000, gpu()) - 2e-6) / (in_cache / (1.5 * 3.35e12)), 1,
              0.02);
  EXPECT_NEAR(law.seconds(8e5, beyond / 8e5, gpu()) / (beyond / (0.9 * 3.35e12)), 1, 0.01);
}

TEST(MemoryLaw, GrowsWithBytes) {
  for (double width = 64; width < 1e5; width *= 1.3) {
    double before = 0;
    for (double rows = 1; rows < 1e6; rows *= 1.1) {
      const double now = law.seconds(rows, 4 * width, gpu());
      EXPECT_GE(now, before);
      EXPECT_GE(law.seconds(rows, 4 * 1.1 * width, gpu()), now);
      before = now;
    }
  }
}

MemoryGrid grid() {
  return {.rows = {1, 16, 256},
          .width = {1024, 4096},
          .log_ratio = {0.1F, 0.2F, 0.3F, 0.0F, -0.1F, 0.1F},
          .measured = {true, true, true, true, true, false}};
}
MemoryTable table() { return MemoryTable(gpu(), 4, law, grid(), -0.05, 0.08); }

TEST(MemoryTable, IsItsNodesAndLinearInTheLogarithmsBetweenThem) {
  const auto ratio = [](double rows, double width) {
    return std::log(table().time(rows, width).seconds / law.seconds(rows, 4 * width, gpu()));
  };
  EXPECT_NEAR(ratio(16, 1024), 0.2, 1e-6);
  EXPECT_NEAR(ratio(16, 4096), -0.1, 1e-6);
  EXPECT_NEAR(ratio(4, 1024), 0.15, 1e-6);
  EXPECT_NEAR(ratio(4, 2048), (0.1 + 0.2 + 0.0 - 0.1) / 4, 1e-6);
  EXPECT_NEAR(ratio(1e6, 1e6), 0.1, 1e-6) << "the edge outside";
  const KernelTime answer = table().time(16, 1024);
  EXPECT_NEAR(answer.p10 / answer.seconds, std::exp(-0.05), 1e-12);
  EXPECT_NEAR(answer.p90 / answer.seconds, std::exp(0.08), 1e-12);
}

TEST(MemoryTable, SaysWhereItLeavesWhatWasMeasured) {
  EXPECT_EQ(table().time(10, 2000).basis, Basis::interpolated);
  EXPECT_EQ(table().time(512, 2000).basis, Basis::extrapolated);
  EXPECT_EQ(table().time(10, 512).basis, Basis::extrapolated);
  EXPECT_EQ(table().time(256, 4096).basis, Basis::extrapolated) << "inside, with nothing near";
}

TEST(MemoryTable, RefusesAxesThatDoNotAscendAndSizesThatDiffer) {
  MemoryGrid bad = grid();
  bad.rows = {1, 256, 16};
  EXPECT_THROW(MemoryTable(gpu(), 4, law, bad, 0, 0), ModelError);
  bad = grid();
  bad.log_ratio.pop_back();
  EXPECT_THROW(MemoryTable(gpu(), 4, law, bad, 0, 0), ModelError);
}

} // namespace
} // namespace windtunnel::kernels
