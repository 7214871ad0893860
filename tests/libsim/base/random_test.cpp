#include "libsim/base/random.hpp"

#include <Random123/philox.h>
#include <gtest/gtest.h>

#include <cmath>
#include <functional>
#include <numbers>
#include <string>
#include <vector>

#include "libsim/base/error.hpp"
#include "tests/libsim/base/goodness_of_fit.hpp"

namespace windtunnel {
namespace {

using Philox = r123::Philox4x64;

TEST(Philox, KnownAnswers) { // the vectors Random123 publishes for philox4x64-10
  constexpr std::uint64_t all = ~std::uint64_t{0};
  EXPECT_EQ(Philox()({{0, 0, 0, 0}}, {{0, 0}}),
            (Philox::ctr_type{
                {0x16554d9eca36314c, 0xdb20fe9d672d0fdc, 0xd7e772cee186176b, 0x7e68b68aec7ba23b}}));
  EXPECT_EQ(Philox()({{all, all, all, all}}, {{all, all}}),
            (Philox::ctr_type{
                {0x87b092c3013fe90b, 0x438c3c67be8d0224, 0x9cc7d7c69cd777b6, 0xa09caebf594f0ba0}}));
  EXPECT_EQ(
      Philox()({{0x243f6a8885a308d3, 0x13198a2e03707344, 0xa4093822299f31d0, 0x082efa98ec4e6c89}},
               {{0x452821e638d01377, 0xbe5466cf34e90c6c}}),
      (Philox::ctr_type{
          {0xa528f45403e61d95, 0x38c72dbd566e9788, 0xa5a1610e72fd18b5, 0x57bd43b5e52b7fe6}}));
}

TEST(RandomStream, WordsAreThePhiloxBlocksOfItsName) {
  RandomStream stream(1, 2, "failures/gpu");
  for (std::uint64_t block = 0; block < 5; ++block) {
    const auto words = Philox()({{block, 0, stream_hash("failures/gpu"), 0}}, {{1, 2}});
    for (const std::uint64_t word : words) ASSERT_EQ(stream.bits(), word);
  }
}

TEST(RandomStream, ACopyRepeatsTheOriginal) {
  RandomStream stream(1, 2, "x");
  stream.normal();
  RandomStream copy = stream;
  for (int i = 0; i < 100; ++i) ASSERT_EQ(copy.gamma(0.3, 1), stream.gamma(0.3, 1));
}

// Independence: streams that differ in one part of their key, and neighbours within a stream.
struct Pair {
  const char* name;
  std::function<double()> x, y;
};
std::vector<Pair> pairs() {
  const auto uniforms = [](std::uint64_t seed, std::uint64_t replication, const char* name) {
    return [stream = RandomStream(seed, replication, name)]() mutable { return stream.uniform(); };
  };
  const auto same = std::make_shared<RandomStream>(5, 5, "same");
  const auto next = [same] { return same->uniform(); };
  return {{"names", uniforms(1, 0, "gpu/0"), uniforms(1, 0, "gpu/1")},
          {"seeds", uniforms(1, 0, "gpu"), uniforms(2, 0, "gpu")},
          {"replications", uniforms(1, 0, "gpu"), uniforms(1, 1, "gpu")},
          {"seed and replication", uniforms(1, 2, "gpu"), uniforms(2, 1, "gpu")},
          {"neighbours", next, next}};
}
TEST(RandomStream, StreamsAreIndependent) {
  constexpr int n = 200000, side = 20;
  for (const Pair& pair : pairs()) {
    double product = 0;
    std::vector<double> cells(side * side), expected(side * side, double{n} / (side * side));
    for (int i = 0; i < n; ++i) {
      const double x = pair.x(), y = pair.y();
      product += (x - 0.5) * (y - 0.5) * 12;
      ++cells[static_cast<std::size_t>(x * side) * side + static_cast<std::size_t>(y * side)];
    }
    EXPECT_LT(std::abs(product) / std::sqrt(n), 4.5) << pair.name; // normal, variance 1
    EXPECT_GT(chi_square_p(cells, expected), 1e-4) << pair.name;
  }
}
TEST(RandomStream, FirstDrawsOfManyStreamsAreUniform) {
  constexpr std::uint64_t n = 20000;
  std::vector<double> seeds(100), replications(100), names(100), expected(100, n / 100.0);
  for (std::uint64_t i = 0; i < n; ++i) {
    ++seeds[static_cast<std::size_t>(RandomStream(i, 0, "x").uniform() * 100)];
    ++replications[static_cast<std::size_t>(RandomStream(1, i, "x").uniform() * 100)];
    ++names[static_cast<std::size_t>(RandomStream(1, 0, "x" + std::to_string(i)).uniform() * 100)];
  }
  for (const auto& cells : {seeds, replications, names})
    EXPECT_GT(chi_square_p(cells, expected), 1e-4);
}

// The ziggurats at ten times the resolution of the other laws' tests: their seams would show here.
template <class Draw, class Cdf> double fine_chi_square_p(const char* name, Draw draw, Cdf cdf) {
  constexpr int n = 4000000, cells = 2000;
  RandomStream stream(7, 1, name);
  std::vector<double> counts(cells), expected(cells, double{n} / cells);
  for (int i = 0; i < n; ++i)
    ++counts[std::min<std::size_t>(cells - 1, static_cast<std::size_t>(cdf(draw(stream)) * cells))];
  return chi_square_p(counts, expected);
}
TEST(RandomStream, ZigguratsHaveNoSeams) {
  EXPECT_GT(fine_chi_square_p(
                "exponential", [](RandomStream& r) { return r.exponential(1); },
                [](double x) { return -std::expm1(-x); }),
            1e-4);
  EXPECT_GT(fine_chi_square_p(
                "normal", [](RandomStream& r) { return r.normal(); },
                [](double x) { return 0.5 * std::erfc(-x / std::numbers::sqrt2); }),
            1e-4);
}
TEST(Ziggurat, LayersCloseWithEqualAreas) {
  const auto check = [](const detail::Ziggurat& z, auto f, double area) {
    for (std::size_t i = 1; i < 256; ++i) {
      EXPECT_NEAR(z.edges[i] * (z.heights[i + 1] - z.heights[i]) / area, 1, 1e-11) << i;
      EXPECT_NEAR(z.heights[i] / f(z.edges[i]), 1, 1e-14) << i;
    }
    EXPECT_NEAR(z.edges[0] * z.heights[1] / area, 1, 1e-14);
  };
  const detail::Ziggurat& e = detail::exponential_ziggurat;
  check(
      e, [](double x) { return std::exp(-x); }, (e.edges[1] + 1) * std::exp(-e.edges[1]));
  const detail::Ziggurat& n = detail::normal_ziggurat;
  const double r = n.edges[1], tail = std::sqrt(std::numbers::pi / 2) * std::erfc(r / std::sqrt(2));
  check(
      n, [](double x) { return std::exp(-x * x / 2); }, r * std::exp(-r * r / 2) + tail);
}
TEST(Ziggurat, TailsBeyondTheBaseLayerAreTheLaws) {
  RandomStream stream(3, 0, "tails");
  std::vector<double> exponential, normal;
  const double e = detail::exponential_ziggurat.edges[1], r = detail::normal_ziggurat.edges[1];
  int positive = 0;
  for (int i = 0; i < 5000000; ++i) {
    if (const double x = stream.exponential(1); x > e) exponential.push_back(x);
    if (const double x = stream.normal(); std::abs(x) > r) {
      normal.push_back(std::abs(x));
      positive += x > 0;
    }
  }
  const auto tail_p = [](const std::vector<double>& samples, double mass, auto survival) {
    const double mean = 5e6 * mass;
    EXPECT_LT(std::abs(static_cast<double>(samples.size()) - mean) / std::sqrt(mean), 4.5);
    return anderson_darling_p(
        samples, [&](double x) { return 1 - survival(x) / mass; },
        [&](double x) { return survival(x) / mass; });
  };
  EXPECT_GT(tail_p(exponential, std::exp(-e), [](double x) { return std::exp(-x); }), 1e-4);
  EXPECT_GT(tail_p(normal, std::erfc(r / std::sqrt(2)),
                   [](double x) { return std::erfc(x / std::sqrt(2)); }),
            1e-4);
  const double count = static_cast<double>(normal.size());
  EXPECT_LT(std::abs(positive - count / 2) / std::sqrt(count / 4), 4.5);
}

TEST(RandomStream, ParametersOutsideTheirLawAreNamed) {
  struct Bad {
    const char* text;
    std::function<void(RandomStream&)> draw;
  };
  const double nan = std::nan("");
  for (const Bad& bad : std::vector<Bad>{
           {"exponential: mean must be positive, got -3", [](auto& r) { r.exponential(-3); }},
           {"exponential: mean must be positive, got nan", [=](auto& r) { r.exponential(nan); }},
           {"below: n must be positive, got 0", [](auto& r) { r.below(0); }},
           {"integer: last must be at least 4, got 3", [](auto& r) { r.integer(4, 3); }},
           {"uniform: low must be finite, got -inf", [](auto& r) { r.uniform(-HUGE_VAL, 1); }},
           {"uniform: high must be finite and at least 2, got 1", [](auto& r) { r.uniform(2, 1); }},
           {"normal: sd must be finite and not negative, got -1", [](auto& r) { r.normal(0, -1); }},
           {"normal: mean must be finite, got nan", [=](auto& r) { r.normal(nan, 1); }},
           {"lognormal: median must be positive and finite, got 0",
            [](auto& r) { r.lognormal(0, 1); }},
           {"lognormal: sigma_ln must be finite and not negative, got -0.5",
            [](auto& r) { r.lognormal(1, -0.5); }},
           {"weibull: shape must be positive and finite, got 0", [](auto& r) { r.weibull(0, 1); }},
           {"weibull: scale must be positive and finite, got inf",
            [](auto& r) { r.weibull(1, HUGE_VAL); }},
           {"gamma: shape must be positive and finite, got -1", [](auto& r) { r.gamma(-1, 1); }},
           {"gamma: scale must be positive and finite, got nan", [=](auto& r) { r.gamma(1, nan); }},
           {"pareto: shape must be positive and finite, got 0", [](auto& r) { r.pareto(0, 1); }},
           {"pareto: minimum must be positive and finite, got 0", [](auto& r) { r.pareto(1, 0); }},
           {"poisson: mean must be in [0, 2^53), got -1", [](auto& r) { r.poisson(-1); }}}) {
    RandomStream stream(1, 0, "bad");
    try {
      bad.draw(stream);
      ADD_FAILURE() << "accepted: " << bad.text;
    } catch (const ModelError& error) {
      EXPECT_STREQ(error.what(), bad.text);
    }
  }
}

TEST(RandomStream, EdgesOfTheParameters) {
  RandomStream stream(1, 0, "edges");
  EXPECT_EQ(stream.exponential(HUGE_VAL), HUGE_VAL); // a rate of 0: never
  EXPECT_EQ(stream.poisson(0), 0u);
  EXPECT_EQ(stream.below(1), 0u);
  EXPECT_EQ(stream.integer(-5, -5), -5);
  EXPECT_EQ(stream.uniform(2, 2), 2);
  EXPECT_EQ(stream.normal(3, 0), 3);
  EXPECT_EQ(stream.lognormal(3, 0), 3);
  stream.integer(INT64_MIN, INT64_MAX);
  for (int i = 0; i < 1000; ++i) {
    const double k = static_cast<double>(stream.poisson(1e15));
    ASSERT_LT(std::abs(k - 1e15) / std::sqrt(1e15), 6);
  }
}

} // namespace
} // namespace windtunnel
