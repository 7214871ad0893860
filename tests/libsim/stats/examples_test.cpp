// The examples of the headers, compiled and run.
#include <gtest/gtest.h>

#include "libsim/base/random.hpp"
#include "libsim/engine/simulation.hpp"
#include "libsim/stats/adaptive.hpp"
#include "libsim/stats/batch_means.hpp"
#include "libsim/stats/exact_sum.hpp"
#include "libsim/stats/histogram.hpp"
#include "libsim/stats/quantile_sketch.hpp"
#include "libsim/stats/summary.hpp"
#include "libsim/stats/time_weighted.hpp"
#include "libsim/stats/variance_split.hpp"
#include "libsim/stats/warm_up.hpp"

namespace windtunnel::stats {
namespace {

double simulate(std::uint64_t seed, int i) {
  return RandomStream(seed, static_cast<std::uint64_t>(i), "example").exponential(1);
}

TEST(Examples, Collectors) {
  Tally waits, other;
  waits.add(3.0);
  waits.merge(other);
  EXPECT_EQ(waits.mean(), 3);

  ExactSum area;
  area.add(0.1, 3'600'000'000'000);
  area.add(0.1, -3'600'000'000'000);
  EXPECT_TRUE(area.value() == 0);

  engine::Simulation sim;
  TimeWeighted queue(sim.now(), 0);
  queue.add(sim.now(), +1);
  queue.reset(sim.now());
  EXPECT_EQ(queue.average(sim.now()), 1);

  QuantileSketch sketch(0.005);
  sketch.add(3.2);
  sketch.merge(QuantileSketch(0.005));
  EXPECT_EQ(sketch.quantile(0.99), 3.2);

  Histogram sizes = Histogram::logarithmic(1e3, 1e12, 36);
  sizes.add(4.2e6);
  EXPECT_EQ(sizes.counts()[14], 1u); // 10^3.6 above the first edge, four bins a decade
}

TEST(Examples, OneRun) {
  BatchMeans waits;
  std::vector<double> series;
  for (int i = 0; i < 1000; ++i) series.push_back(simulate(1, i));
  const auto cut = warm_up(series);
  ASSERT_TRUE(cut);
  series.erase(series.begin(), series.begin() + static_cast<std::ptrdiff_t>(*cut));
  for (const double wait : series) waits.add(wait);
  const auto result = waits.result();
  ASSERT_TRUE(result);
  EXPECT_TRUE(result->mean.contains(1));
}

TEST(Examples, ManyRuns) {
  const std::uint64_t seed = 1;
  const auto costs = replicate<double>(200, {}, [&](int i) { return simulate(seed, i); });
  const Summary s = summarise(costs);
  const double p90 = quantile(costs, 0.9), low = s.mean - s.half_width;
  EXPECT_EQ(p90, s.p90);
  EXPECT_DOUBLE_EQ(low, mean_interval(costs).lower);
  EXPECT_TRUE(quantile_interval(costs, 0.9).contains(p90));
  EXPECT_DOUBLE_EQ(ratio_interval(costs, costs).estimate, 1);
  EXPECT_EQ(paired_interval(costs, costs).half_width(), 0);
  EXPECT_TRUE(variance_split(costs, 2).prior_share);

  const auto waits = replicate_until<double>(
      {.relative = 0.05}, {}, [&](int i) { return simulate(seed, i); },
      [](const std::vector<double>& all) { return mean_interval(all); });
  EXPECT_TRUE(waits.reached);
}

} // namespace
} // namespace windtunnel::stats
