// The fit of memory-bound operators finds a law it was not told the parameters of, and what the law
// leaves out, on widths it has not seen; whole widths are held out.
#include "models/kernels/memory_fit.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <cmath>

#include "libsim/base/error.hpp"
#include "libsim/base/random.hpp"
#include "models/catalog/catalog.hpp"

namespace windtunnel::kernels {
namespace {

const catalog::GpuSpec& gpu() { return *catalog::Catalog::builtin().gpu("A100-SXM-80"); }
constexpr std::int64_t widths = 24; ///< 512, 1024, 1536, ...
constexpr MemoryLaw truth{
    .start = 3e-6, .row_rate = 25e9, .cache_share = 1.8, .memory_share = 0.86, .knee = 0.9};

/// Sums of 16-bit rows by the law, times `other`.
template <class Other> std::vector<MemorySample> samples(double noise, Other other) {
  RandomStream random(1, 0, "memory");
  std::vector<MemorySample> all;
  for (std::int64_t width = 512; width <= 512 * widths; width += 512)
    for (std::int64_t rows = 1; rows <= 16384; rows *= 2) {
      const auto r = static_cast<double>(rows), w = static_cast<double>(width);
      all.push_back({memory_operator("add"), rows, width,
                     truth.seconds(r, 6 * w, gpu()) * other(r, w) * random.lognormal(1, noise)});
    }
  return all;
}
constexpr auto nothing = [](double, double) { return 1.0; };
/// Slower by up to a third where blocks are few, which no parameter of the law says.
constexpr auto few_blocks = [](double rows, double) {
  return 1 + 0.3 * std::exp(-std::pow(std::log2(rows / 128) / 2, 2));
};

TEST(MemoryFit, FindsTheLawItWasNotTold) {
  const MemoryFit fit = fit_memory(samples(0.005, nothing), gpu(), 2, 0);
  const MemoryLaw& law = fit.operators.at(0).table.law();
  EXPECT_NEAR(law.start / truth.start, 1, 0.05);
  EXPECT_NEAR(law.row_rate / truth.row_rate, 1, 0.1);
  EXPECT_NEAR(law.cache_share / truth.cache_share, 1, 0.1);
  EXPECT_NEAR(law.memory_share / truth.memory_share, 1, 0.02);
  EXPECT_NEAR(law.knee / truth.knee, 1, 0.1);
  EXPECT_LT(fit.errors.model.mean, 0.01);
}

TEST(MemoryFit, FindsWhatTheLawLeavesOutOnWidthsItHasNotSeen) {
  for (const std::uint64_t seed : {1, 2, 3}) {
    const MemoryFit fit = fit_memory(samples(0.01, few_blocks), gpu(), 2, seed);
    EXPECT_EQ(fit.errors.sites, static_cast<std::size_t>(widths));
    ASSERT_GT(fit.errors.held_out_sites, 0U);
    EXPECT_EQ(fit.errors.model.rows, fit.errors.held_out_sites * 15);
    EXPECT_LT(fit.errors.model.mean, 0.03) << seed;
    EXPECT_GT(fit.errors.roofline.mean, 0.2);
    EXPECT_LT(fit.errors.p10, fit.errors.p90);
  }
}

TEST(MemoryFit, WholeWidthsAreHeldOut) {
  // What is predicted at a held-out width does not depend on any of its rows.
  std::vector<MemorySample> all = samples(0.01, few_blocks);
  const MemoryFit before = fit_memory(all, gpu(), 2, 1);
  for (MemorySample& s : all)
    if (is_held_out(fmt::format("add {}", s.width), 1)) s.seconds *= 2;
  const MemoryFit after = fit_memory(all, gpu(), 2, 1);
  EXPECT_NEAR(after.errors.model.bias, (1 + before.errors.model.bias) / 2 - 1, 1e-9);
  EXPECT_EQ(after.errors.in_sample.mean, before.errors.in_sample.mean);
}

TEST(MemoryFit, CostsNeverFallWithRowsAtTheNodes) {
  // A kernel that is twice as fast from 64 rows on.
  const auto falls = [](double rows, double) { return rows < 64 ? 2.0 : 1.0; };
  const MemoryFit fit = fit_memory(samples(0, falls), gpu(), 2, 1);
  const MemoryTable& table = fit.operators.at(0).table;
  for (const std::int64_t width : table.grid().width) {
    double before = 0;
    for (const std::int64_t rows : table.grid().rows) {
      const double now = table.time(static_cast<double>(rows), static_cast<double>(width)).seconds;
      EXPECT_GE(now, before * (1 - 1e-6)); // kept as float
      before = now;
    }
  }
}

TEST(MemoryFit, AnOperatorOfOneWidthIsFittedAndNotScored) {
  std::vector<MemorySample> all = samples(0.01, nothing);
  for (const std::int64_t rows : {1, 64, 4096})
    all.push_back(
        {memory_operator("rmsnorm"), rows, 4096, 5e-6 + 1e-9 * static_cast<double>(rows)});
  for (const std::uint64_t seed : {1, 2, 3, 4, 5, 6, 7, 8}) {
    const MemoryFit fit = fit_memory(all, gpu(), 2, seed);
    EXPECT_EQ(fit.operators.size(), 2U);
    EXPECT_EQ(fit.errors.model.rows % 15, 0U);
  }
}

TEST(MemoryFit, TooFewWidthsAreRefused) {
  std::vector<MemorySample> few = samples(0, nothing);
  std::erase_if(few, [](const MemorySample& s) { return s.width > 2048; });
  EXPECT_THROW(fit_memory(few, gpu(), 2, 0), ModelError);
}

} // namespace
} // namespace windtunnel::kernels
