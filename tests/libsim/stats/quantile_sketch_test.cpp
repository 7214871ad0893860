#include "libsim/stats/quantile_sketch.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <limits>
#include <string>

#include "libsim/base/error.hpp"
#include "libsim/base/random.hpp"

namespace windtunnel::stats {
namespace {

constexpr double smallest_normal = std::numeric_limits<double>::min();

QuantileSketch sketch_of(const std::vector<double>& values, double relative_error = 1.0 / 256) {
  QuantileSketch sketch(relative_error);
  for (const double value : values) sketch.add(value);
  return sketch;
}

/// The theorem of the header, at some sixty ranks (every one of a small sample) and the usual
/// percentiles.
void expect_within_bound(const QuantileSketch& sketch, std::vector<double> values) {
  std::sort(values.begin(), values.end());
  const double last = static_cast<double>(values.size() - 1);
  std::vector<double> ps = {0, 0.001, 0.01, 0.1, 0.25, 0.5, 0.75, 0.9, 0.99, 0.999, 1};
  for (std::size_t i = 0; i < values.size(); i += 1 + values.size() / 60)
    ps.push_back(last > 0 ? static_cast<double>(i) / last : 0);
  for (const double p : ps) {
    const double exact = values[static_cast<std::size_t>(p * last)];
    const double bound = std::abs(exact) < smallest_normal
                             ? smallest_normal
                             : sketch.relative_error() * std::abs(exact);
    ASSERT_LE(std::abs(sketch.quantile(p) - exact), bound) << "p = " << p;
  }
}

using Draw = std::function<double(RandomStream&)>;

std::vector<std::pair<std::string, Draw>> hard_inputs() {
  return {
      {"uniform", [](auto& r) { return r.uniform(); }},
      {"normal, both signs", [](auto& r) { return r.normal(); }},
      {"heavy tail: no mean", [](auto& r) { return std::pow(r.uniform(), -1.5); }},
      {"300 orders of magnitude", [](auto& r) { return std::pow(10, 300 * (r.uniform() - 0.5)); }},
      {"the same, both signs",
       [](auto& r) { return (r.below(2) ? 1 : -1) * std::pow(10, 600 * (r.uniform() - 0.5)); }},
      {"mostly zero", [](auto& r) { return r.below(10) ? 0.0 : r.normal(); }},
      {"subnormals", [](auto& r) { return r.normal() * 4 * smallest_normal; }},
      {"two values", [](auto& r) { return r.below(2) ? 1.0 : 1e9; }},
      {"powers of two, bucket edges",
       [](auto& r) { return std::ldexp(1, static_cast<int>(r.below(40)) - 20); }},
      {"just below bucket edges",
       [](auto& r) { return std::nextafter(1 + static_cast<double>(r.below(128)) / 128, 0); }},
      {"negative only", [](auto& r) { return -r.exponential(1); }},
      {"huge offset", [](auto& r) { return 1e12 + r.normal(); }},
  };
}

TEST(QuantileSketch, TheBoundHoldsOnHardInputs) {
  for (const auto& [name, draw] : hard_inputs())
    for (const double error : {0.25, 0.01, 1.0 / 256, 1e-4})
      for (const std::size_t n : {1, 2, 3, 10, 5000}) {
        SCOPED_TRACE(name + ", n = " + std::to_string(n) + ", error " + std::to_string(error));
        RandomStream random(7, n, name);
        std::vector<double> values(n);
        for (double& value : values) value = draw(random);
        const QuantileSketch sketch = sketch_of(values, error);
        EXPECT_LE(sketch.relative_error(), error);
        EXPECT_GT(sketch.relative_error(), error / 2);
        expect_within_bound(sketch, values);
      }
}

TEST(QuantileSketch, TheBoundIsReached) {
  // Right at the lower edge of a bucket the middle is off by 2^-(k+1) exactly.
  const QuantileSketch sketch = sketch_of({1, 1, 1.5, 2, 2}, 0.25); // buckets [1, 1.5), [1.5, 2)
  EXPECT_EQ(sketch.quantile(0.25), 1.25);
  EXPECT_EQ(sketch.relative_error(), 0.25);
}

TEST(QuantileSketch, MergingInAnyOrderIsTheSketchOfAll) {
  for (const auto& [name, draw] : hard_inputs()) {
    SCOPED_TRACE(name);
    RandomStream random(8, 0, name);
    std::vector<double> values(2000);
    for (double& value : values) value = draw(random);
    const QuantileSketch whole = sketch_of(values);
    // Shuffle, deal to ten parts of unequal size (some empty), merge as a random tree.
    for (int trial = 0; trial < 5; ++trial) {
      for (std::size_t i = values.size(); i > 1; --i)
        std::swap(values[i - 1], values[random.below(i)]);
      std::vector<QuantileSketch> parts(10);
      for (const double value : values) parts[random.below(1 + random.below(10))].add(value);
      while (parts.size() > 1) {
        const std::size_t from = random.below(parts.size());
        std::swap(parts[from], parts.back());
        const QuantileSketch part = parts.back();
        parts.pop_back();
        parts[random.below(parts.size())].merge(part);
      }
      EXPECT_EQ(parts[0], whole);
    }
  }
}

TEST(QuantileSketch, MergingWithItselfDoublesTheCounts) {
  QuantileSketch sketch = sketch_of({-3, 0, 5, 7});
  sketch.merge(sketch);
  EXPECT_EQ(sketch, sketch_of({-3, -3, 0, 0, 5, 5, 7, 7}));
}

TEST(QuantileSketch, ScaleAndSign) {
  RandomStream random(9, 0, "scale");
  std::vector<double> values(1025), scaled, negated;
  for (double& value : values) value = random.normal();
  for (const double value : values) scaled.push_back(8 * value), negated.push_back(-value);
  const QuantileSketch x = sketch_of(values), x8 = sketch_of(scaled), minus = sketch_of(negated);
  for (int i = 0; i <= 64; ++i) {
    const double p = i / 64.0;                    // a rank exactly: 16 i of 1024
    EXPECT_EQ(x8.quantile(p), 8 * x.quantile(p)); // octaves are alike
    EXPECT_EQ(minus.quantile(1 - p), -x.quantile(p));
  }
}

TEST(QuantileSketch, QuantilesRiseWithP) {
  RandomStream random(10, 0, "monotone");
  QuantileSketch sketch(0.01);
  for (int i = 0; i < 3000; ++i) sketch.add(random.normal());
  for (int i = 1; i <= 1000; ++i)
    EXPECT_LE(sketch.quantile((i - 1) / 1000.0), sketch.quantile(i / 1000.0));
  EXPECT_EQ(sketch.quantile(0), sketch.minimum());
  EXPECT_EQ(sketch.quantile(1), sketch.maximum());
}

TEST(QuantileSketch, RefusesWhatItCannotAnswer) {
  QuantileSketch sketch;
  EXPECT_THROW(sketch.quantile(0.5), ModelError);
  EXPECT_THROW(sketch.add(std::nan("")), ModelError);
  EXPECT_THROW(sketch.add(-std::numeric_limits<double>::infinity()), ModelError);
  EXPECT_EQ(sketch.count(), 0u);
  sketch.add(1);
  EXPECT_THROW(sketch.quantile(1.1), ModelError);
  EXPECT_THROW(sketch.merge(QuantileSketch(0.1)), ModelError);
  EXPECT_THROW(QuantileSketch(0), ModelError);
  EXPECT_THROW(QuantileSketch(0.3), ModelError);
}

} // namespace
} // namespace windtunnel::stats
