// Every law against closed forms that are not ours: chi-square and Anderson-Darling for its shape,
// moments, and its own probabilities. Seeds are fixed, so outcomes are too; with about 90 tests of
// p > 1e-4 the chance that correct code failed when the seed was chosen was below 1 %.
#include "libsim/base/distribution.hpp"

#include <gtest/gtest.h>

#include <boost/math/distributions.hpp>
#include <cmath>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "libsim/base/error.hpp"
#include "libsim/base/zipf.hpp"
#include "tests/libsim/base/goodness_of_fit.hpp"

namespace windtunnel {
namespace {

namespace bm = boost::math;
constexpr double infinity = HUGE_VAL;

struct Case {
  std::string name;
  Distribution law;
  double mean, variance; ///< closed forms; variance infinity: not tested
  std::function<double(double)> cdf, survival;
  bool discrete = false;
  int draws = 100000;
};

/// A law of Boost.Math as the oracle.
template <class Oracle> Case against(std::string name, Distribution law, Oracle oracle) {
  return {std::move(name),
          std::move(law),
          bm::mean(oracle),
          bm::variance(oracle),
          [=](double x) {
            const auto [low, high] = bm::support(oracle);
            return x < low ? 0 : x > high ? 1 : bm::cdf(oracle, x);
          },
          [=](double x) {
            const auto [low, high] = bm::support(oracle);
            return x < low ? 1 : x > high ? 0 : bm::cdf(bm::complement(oracle, x));
          }};
}

/// The law of values 0, 1, .. (or a shift of it) with these weights.
Case of_weights(std::string name, Distribution law, int first, std::vector<double> weights) {
  double sum = 0, mean = 0, variance = 0;
  for (const double w : weights) sum += w;
  for (std::size_t i = 0; i < weights.size(); ++i)
    mean += (weights[i] /= sum) * (first + static_cast<double>(i));
  for (std::size_t i = 0; i < weights.size(); ++i)
    variance += weights[i] * std::pow(first + static_cast<double>(i) - mean, 2);
  const auto above = [=](double x) {
    double p = 0;
    for (std::size_t i = weights.size(); i-- > 0 && first + static_cast<double>(i) > x;)
      p += weights[i];
    return p;
  };
  return {std::move(name),
          std::move(law),
          mean,
          variance,
          [=](double x) { return 1 - above(x); },
          above,
          true};
}

/// What `base` is given that it lies in [low, high], with the moments of that.
Case given(Case base, double low, double high, double mean, double variance) {
  const bool upper = base.cdf(low) > 0.5; // from the nearer tail
  const auto mass = [=](double a, double b) {
    return upper ? base.survival(a) - base.survival(b) : base.cdf(b) - base.cdf(a);
  };
  Case cut{base.name + " in [" + std::to_string(low) + ", " + std::to_string(high) + "]",
           base.law.truncated(low, high),
           mean,
           variance,
           [=](double x) { return mass(low, x) / mass(low, high); },
           [=](double x) { return mass(x, high) / mass(low, high); }};
  if (mass(low, high) < 0.125) cut.draws = 10000; // bisection
  return cut;
}

Case truncated_normal(double low, double high) {
  const bm::normal z;
  const double a = bm::pdf(z, low), b = bm::pdf(z, high);
  const double mass = high < 0 ? bm::cdf(z, high) - bm::cdf(z, low) // from the nearer tail
                               : bm::cdf(bm::complement(z, low)) - bm::cdf(bm::complement(z, high));
  const double mean = (a - b) / mass;
  return given(against("normal", Distribution::normal(0, 1), z), low, high, mean,
               1 + (low * a - high * b) / mass - mean * mean);
}

std::vector<double> powers(int n, double exponent) {
  std::vector<double> weights;
  for (int k = 1; k <= n; ++k) weights.push_back(std::pow(k, -exponent));
  return weights;
}
std::vector<double> poisson_weights(double mean, int first, int last) {
  std::vector<double> weights;
  for (int k = first; k <= last; ++k) weights.push_back(bm::pdf(bm::poisson(mean), k));
  return weights;
}

std::vector<Case> continuous() {
  using D = Distribution;
  std::vector<Case> all{against("uniform", D::uniform(-1, 3), bm::uniform(-1, 3)),
                        against("exponential", D::exponential(3), bm::exponential(1 / 3.0)),
                        against("normal", D::normal(-2, 0.5), bm::normal(-2, 0.5)),
                        against("lognormal", D::lognormal(2, 0.5), bm::lognormal(std::log(2), 0.5)),
                        against("weibull 0.8", D::weibull(0.8, 2), bm::weibull(0.8, 2)),
                        against("weibull 3", D::weibull(3, 2), bm::weibull(3, 2)),
                        against("gamma 0.1", D::gamma(0.1, 1), bm::gamma_distribution<>(0.1, 1)),
                        against("gamma 0.4", D::gamma(0.4, 2), bm::gamma_distribution<>(0.4, 2)),
                        against("gamma 1", D::gamma(1, 2), bm::gamma_distribution<>(1, 2)),
                        against("gamma 2.5", D::gamma(2.5, 2), bm::gamma_distribution<>(2.5, 2)),
                        against("gamma 80", D::gamma(80, 2), bm::gamma_distribution<>(80, 2)),
                        against("pareto 6", D::pareto(6, 3), bm::pareto(3, 6)),
                        truncated_normal(-1, 2),  // by rejection
                        truncated_normal(4, 4.5), // by inversion, in the tails
                        truncated_normal(-9, -8)};
  all.push_back(against("pareto 1.2", D::pareto(1.2, 3), bm::pareto(3, 2.5)));
  all.back().cdf = [](double x) { return -std::expm1(1.2 * std::log(3 / x)); };
  all.back().survival = [](double x) { return std::pow(3 / x, 1.2); };
  all.back().mean = 3 * 1.2 / 0.2;
  all.back().variance = infinity;
  // An exponential beyond a time is itself again, shifted.
  all.push_back(given(all[1], 90, infinity, 93, 9));
  all.push_back(given(all[1], 0, 3, 3 * (1 - 1 / std::expm1(1)),
                      9 * (1 - std::exp(1) / std::pow(std::expm1(1), 2))));
  const double fourth = 1.0 / 4; // cells of masses 1/8, 5/8, 2/8 on edges 0, 1, 3, 10
  all.push_back(
      {"histogram", D::histogram({0, 1, 3, 10}, {1, 5, 2}), 0.5 / 8 + 2 * 5 / 8.0 + 6.5 / 4,
       (1.0 / 3) / 8 + (13.0 / 3) * 5 / 8 + (139.0 / 3) / 4 -
           std::pow(0.5 / 8 + 2 * 5 / 8.0 + 6.5 / 4, 2),
       [=](double x) {
         return x < 1 ? x / 8 : x < 3 ? 1 / 8.0 + (x - 1) * 5 / 16 : 0.75 + (x - 3) / 7 * fourth;
       },
       [=](double x) {
         return x < 1 ? 1 - x / 8 : x < 3 ? 7 / 8.0 - (x - 1) * 5 / 16 : (10 - x) / 7 * fourth;
       }});
  // Two parts with means 1 and 10 and their own variances.
  all.push_back({"mixture", D::mixture({{3, D::exponential(1)}, {1, D::normal(10, 2)}}), 3.25,
                 0.75 * 2 + 0.25 * 104 - 3.25 * 3.25,
                 [](double x) {
                   return (x > 0 ? 0.75 * -std::expm1(-x) : 0) +
                          0.25 * bm::cdf(bm::normal(10, 2), x);
                 },
                 [](double x) {
                   return (x > 0 ? 0.75 * std::exp(-x) : 0.75) +
                          0.25 * bm::cdf(bm::complement(bm::normal(10, 2), x));
                 }});
  return all;
}

std::vector<Case> discrete() {
  using D = Distribution;
  std::vector<Case> all{
      of_weights("zipf 1.1", D::zipf(100, 1.1), 1, powers(100, 1.1)),
      of_weights("zipf 1", D::zipf(1000, 1), 1, powers(1000, 1)),
      of_weights("zipf 0", D::zipf(10, 0), 1, powers(10, 0)),
      of_weights("zipf 0.5", D::zipf(3000, 0.5), 1, powers(3000, 0.5)),
      of_weights("zipf 3", D::zipf(50, 3), 1, powers(50, 3)),
      of_weights("zipf of 2", D::zipf(2, 0.3), 1, powers(2, 0.3)),
      of_weights("discrete", D::discrete({2, 0, 1, 3, 1}, {5, 1, 2, 0, 1}), 0, {1, 3, 5, 0}),
      of_weights("poisson in [40, 48]", D::poisson(20).truncated(40, 48.5), 40,
                 poisson_weights(20, 40, 48)),
      of_weights("zipf in [5, 9]", D::zipf(100, 1.1).truncated(4.5, 9), 5, [] {
        const auto all_weights = powers(9, 1.1);
        return std::vector<double>(all_weights.begin() + 4, all_weights.end());
      }())};
  for (const double mean : {0.3, 4.0, 9.99, 10.0, 35.0, 4000.0})
    all.push_back(against("poisson", D::poisson(mean), bm::poisson(mean)));
  for (Case& c : all) c.discrete = true;
  return all;
}

std::vector<double> sample(const Case& c) {
  RandomStream stream(15, 0, c.name);
  std::vector<double> values;
  for (int i = 0; i < c.draws; ++i) values.push_back(c.law.draw(stream));
  return values;
}

double continuous_chi_square_p(const Case& c, const std::vector<double>& values) {
  constexpr std::size_t cells = 200;
  std::vector<double> counts(cells), expected(cells, static_cast<double>(c.draws) / cells);
  for (const double x : values)
    ++counts[std::min(cells - 1, static_cast<std::size_t>(c.cdf(x) * double{cells}))];
  return chi_square_p(counts, expected);
}

/// Cells of one value each, joined until 10 are expected; what is above joins the last.
double discrete_chi_square_p(const Case& c, const std::vector<double>& values) {
  std::map<double, int> tally;
  for (const double x : values) ++tally[x];
  std::vector<double> counts, expected;
  double begun = 0, counted = 0, left = c.draws;
  for (double k = 0; left - counted > 0 || begun == 0; ++k) {
    const auto found = tally.find(k);
    if (found != tally.end()) counted += found->second;
    const double mass = (c.cdf(k) - begun) * c.draws;
    const bool end = c.survival(k) * c.draws < 10;
    if (mass < 10 && !end) continue;
    counts.push_back(end ? left : counted);
    expected.push_back(end ? (1 - begun) * c.draws : mass);
    if (end) break;
    begun = c.cdf(k);
    left -= counted;
    counted = 0;
  }
  return chi_square_p(counts, expected);
}

void expect_moments(const Case& c, const std::vector<double>& values) {
  if (c.variance == infinity) return;
  double sum = 0, squares = 0, fourths = 0;
  for (const double x : values) sum += x - c.mean;
  for (const double x : values) {
    const double d = (x - c.mean) * (x - c.mean);
    squares += d;
    fourths += d * d;
  }
  const double n = c.draws, variance = squares / n;
  EXPECT_LT(std::abs(sum / n) / std::sqrt(c.variance / n), 4) << c.name << " mean " << c.mean;
  EXPECT_LT(std::abs(variance - c.variance) / std::sqrt((fourths / n - variance * variance) / n), 4)
      << c.name << " variance " << c.variance << " got " << variance;
}

TEST(Distribution, ContinuousLawsFit) {
  for (const Case& c : continuous()) {
    const std::vector<double> values = sample(c);
    EXPECT_GT(continuous_chi_square_p(c, values), 1e-4) << c.name;
    EXPECT_GT(anderson_darling_p(values, c.cdf, c.survival), 1e-4) << c.name;
    expect_moments(c, values);
  }
}

TEST(Distribution, DiscreteLawsFit) {
  for (const Case& c : discrete()) {
    const std::vector<double> values = sample(c);
    EXPECT_GT(discrete_chi_square_p(c, values), 1e-4) << c.name << ' ' << c.mean;
    expect_moments(c, values);
  }
}

TEST(Distribution, TheTestsOfFitCanFail) { // laws 4 % off are seen
  std::vector<Case> all = continuous();
  all[1].law = Distribution::exponential(3.12);
  const std::vector<double> values = sample(all[1]);
  EXPECT_LT(continuous_chi_square_p(all[1], values), 1e-4);
  EXPECT_LT(anderson_darling_p(values, all[1].cdf, all[1].survival), 1e-4);
  std::vector<Case> counts = discrete();
  counts[0].law = Distribution::zipf(100, 1.13);
  EXPECT_LT(discrete_chi_square_p(counts[0], sample(counts[0])), 1e-4);
}

TEST(Distribution, ProbabilitiesAgreeWithTheOracle) {
  std::vector<Case> all = continuous();
  for (Case& c : discrete()) all.push_back(std::move(c));
  for (const Case& c : all) {
    RandomStream stream(16, 0, c.name);
    for (int i = 0; i < 200; ++i) {
      const double x = c.law.draw(stream), p = stream.uniform();
      ASSERT_NEAR(c.law.cdf(x), c.cdf(x), 1e-10 * c.cdf(x) + 1e-15) << c.name << ' ' << x;
      ASSERT_NEAR(c.law.survival(x), c.survival(x), 1e-10 * c.survival(x) + 1e-15) << c.name << x;
      const double q = c.law.quantile(p);
      ASSERT_GE(c.law.cdf(q), p) << c.name;
      if (c.discrete) {
        ASSERT_LT(c.cdf(q - 1), p) << c.name;
      } else
        ASSERT_NEAR(c.cdf(q), p, 1e-10) << c.name;
    }
    EXPECT_EQ(c.law.cdf(-1e300), 0) << c.name;
    EXPECT_EQ(c.law.survival(1e300), c.variance == infinity ? c.survival(1e300) : 0) << c.name;
  }
}

TEST(Distribution, EmpiricalQuantilesAreTypeSeven) {
  const std::vector<double> samples{3, 1, 7, 2.5, 2.5};
  const Distribution law = Distribution::empirical(samples);
  EXPECT_DOUBLE_EQ(law.quantile(0.125), 1.75); // halfway from 1 to 2.5
  EXPECT_DOUBLE_EQ(law.quantile(0.4), 2.5);
  EXPECT_DOUBLE_EQ(law.quantile(0.875), 5);
  EXPECT_DOUBLE_EQ(law.cdf(2.5), 0.5);
  const Distribution weighted = Distribution::empirical(samples, {2, 2, 2, 2, 2});
  EXPECT_DOUBLE_EQ(weighted.quantile(0.3), law.quantile(0.3));
  RandomStream stream(1, 0, "empirical");
  for (int i = 0; i < 10000; ++i) {
    const double x = law.draw(stream);
    ASSERT_TRUE(x >= 1 && x <= 7);
  }
}

TEST(Distribution, ZeroWeightIsNeverDrawn) {
  const Distribution law = Distribution::discrete({0, 1, 2, 3}, {0, 0.1, 0, 1e-3});
  RandomStream stream(1, 0, "zero weight");
  for (int i = 0; i < 100000; ++i) {
    const double x = law.draw(stream);
    ASSERT_TRUE(x == 1 || x == 3);
  }
}

TEST(Distribution, TruncationStaysInsideAndReachesFarTails) {
  RandomStream stream(1, 0, "far");
  const auto inside = [&](const Distribution& law, double low, double high) {
    const Distribution cut = law.truncated(low, high);
    for (int i = 0; i < 300; ++i) {
      const double x = cut.draw(stream);
      ASSERT_TRUE(x >= low && x <= high) << x;
    }
  };
  inside(Distribution::normal(0, 1), 30, infinity); // a probability of 5e-198
  inside(Distribution::normal(0, 1), -37, -36);
  inside(Distribution::gamma(0.5, 1), 500, 501);
  inside(Distribution::pareto(1.1, 1), 1e200, 1e201);
  inside(Distribution::zipf(1u << 30, 1.2), 1e9, infinity);
  inside(Distribution::constant(3), 3, 3);
  inside(Distribution::exponential(1).truncated(5, 9), 6, 7); // of a truncated law
}

TEST(Distribution, DegenerateParametersAreConstants) {
  RandomStream stream(1, 0, "constants");
  EXPECT_EQ(Distribution::lognormal(4, 0).draw(stream), 4);
  EXPECT_EQ(Distribution::normal(4, 0).cdf(3.9), 0);
  EXPECT_EQ(Distribution::uniform(4, 4).quantile(0.5), 4);
  EXPECT_EQ(Distribution::poisson(0).survival(0), 0);
}

TEST(Distribution, BadParametersAreNamed) {
  using D = Distribution;
  struct Bad {
    const char* text;
    std::function<void()> make;
  };
  for (const Bad& bad : std::vector<Bad>{
           {"constant: value must be finite, got nan", [] { D::constant(std::nan("")); }},
           {"uniform: high must be finite and at least 2, got 1", [] { D::uniform(2, 1); }},
           {"exponential: mean must be positive and finite, got 0", [] { D::exponential(0); }},
           {"normal: sd must be finite and not negative, got -1", [] { D::normal(0, -1); }},
           {"lognormal: median must be positive and finite, got 0", [] { D::lognormal(0, 0); }},
           {"gamma: shape must be positive and finite, got 0", [] { D::gamma(0, 1); }},
           {"weibull: scale must be positive and finite, got -2", [] { D::weibull(1, -2); }},
           {"pareto: minimum must be positive and finite, got 0", [] { D::pareto(1, 0); }},
           {"poisson: mean must be in [0, 2^53), got nan", [] { D::poisson(std::nan("")); }},
           {"zipf: n must be in [1, 2^53], got 0", [] { D::zipf(0, 1); }},
           {"zipf: exponent must be finite and not negative, got -1", [] { D::zipf(5, -1); }},
           {"discrete: weights must be 2 in number, got 1",
            [] {
              D::discrete({1, 2}, {1});
            }},
           {"discrete: each value must be finite, got inf", [] { D::discrete({HUGE_VAL}, {1}); }},
           {"weights: each must be finite and not negative, got -1",
            [] {
              D::discrete({1, 2}, {2, -1});
            }},
           {"weights: their sum must be positive and finite, got 0", [] { D::discrete({1}, {0}); }},
           {"weights: their sum must be positive and finite, got 0", [] { D::mixture({}); }},
           {"histogram: edges must be 2 in number, got 1", [] { D::histogram({1}, {1}); }},
           {"histogram: each edge must be no less than the one before, got 1",
            [] {
              D::histogram({2, 1}, {1});
            }},
           {"empirical: number of samples must be at least 2, got 1", [] { D::empirical({1}); }},
           {"quantile: p must be in (0, 1), got 1", [] { D::constant(1).quantile(1); }},
           {"truncated: low must be at most high, got [2, 1]",
            [] { D::exponential(1).truncated(2, 1); }},
           {"truncated: low must be at most high, got [nan, 1]",
            [] { D::exponential(1).truncated(std::nan(""), 1); }},
           {"truncated: the law has no probability in [-2, -1]",
            [] { D::exponential(1).truncated(-2, -1); }},
           {"truncated: the law has no probability in [1.2, 1.8]",
            [] { D::poisson(3).truncated(1.2, 1.8); }}})
    try {
      bad.make();
      ADD_FAILURE() << "accepted: " << bad.text;
    } catch (const ModelError& error) {
      EXPECT_STREQ(error.what(), bad.text);
    }
}

} // namespace
} // namespace windtunnel
