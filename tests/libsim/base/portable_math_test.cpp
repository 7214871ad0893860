#include "libsim/base/portable_math.hpp"

#include <gtest/gtest.h>

#include <boost/math/distributions/poisson.hpp>
#include <boost/math/special_functions/gamma.hpp>
#include <cmath>

#include "libsim/base/bisection_impl.hpp"
#include "libsim/base/random.hpp"
#include "libsim/base/special_functions.hpp"

namespace windtunnel {
namespace {

static_assert(portable::exp(0) == 1 && portable::log(1) == 0 && portable::pow(7, 1) == 7);

/// The largest error of `ours` in units in the last place, against the 64-bit mantissa of
/// long double, at arguments spread by `argument(u)` over u in (0, 1).
template <class Ours, class Exact, class Argument>
double worst_ulp(Ours ours, Exact exact, Argument argument) {
  RandomStream random(1, 0, "ulp");
  double worst = 0;
  for (int i = 0; i < 200000; ++i) {
    const double x = argument(random.uniform());
    const long double truth = exact(static_cast<long double>(x));
    const double nearest = std::abs(static_cast<double>(truth));
    const double ulp = std::nextafter(nearest, HUGE_VAL) - nearest;
    worst = std::max(worst, std::abs(static_cast<double>((ours(x) - truth) / ulp)));
  }
  return worst;
}

double from_to(double low, double high, double u) { return low + (high - low) * u; }

TEST(PortableMath, ErrorsAreThoseTheHeaderStates) {
  const auto wide = [](double u) { return std::exp(from_to(-700, 700, u)); };
  const auto small = [](double u) { return std::exp(from_to(-40, 0, u)); };
  const auto log_l = [](long double x) { return std::log(x); };
  const auto exp_l = [](long double x) { return std::exp(x); };
  EXPECT_LT(worst_ulp(portable::log, log_l, wide), 1.1);
  EXPECT_LT(worst_ulp(portable::log, log_l, [](double u) { return 0.5 + u; }), 1.1);
  EXPECT_LT(worst_ulp(portable::exp, exp_l, [](double u) { return from_to(-708, 709, u); }), 1.1);
  EXPECT_LT(worst_ulp(portable::exp, exp_l, [](double u) { return from_to(-1, 1, u); }), 1.1);
  const auto log1p_l = [](long double x) { return std::log1p(x); };
  EXPECT_LT(worst_ulp(portable::log1p, log1p_l, [](double u) { return from_to(-0.9, 3, u); }), 3);
  EXPECT_LT(worst_ulp(portable::log1p, log1p_l, small), 3);
  const auto expm1_l = [](long double x) { return std::expm1(x); };
  EXPECT_LT(worst_ulp(portable::expm1, expm1_l, [](double u) { return from_to(-3, 3, u); }), 3);
  EXPECT_LT(worst_ulp(portable::expm1, expm1_l, small), 3);
  for (const double y : {-3.0, 0.1, 1 / 0.7, 20.0}) {
    const auto pow_l = [&](long double x) { return std::pow(x, static_cast<long double>(y)); };
    EXPECT_LT(worst_ulp([&](double x) { return portable::pow(x, y); }, pow_l,
                        [](double u) { return std::exp(from_to(-5, 5, u)); }),
              2 + 5 * std::abs(y))
        << y;
  }
}

TEST(PortableMath, EdgesOfTheDomain) {
  const double infinity = HUGE_VAL, least = 4.9406564584124654e-324;
  EXPECT_EQ(portable::log(0), -infinity);
  EXPECT_EQ(portable::log(infinity), infinity);
  EXPECT_TRUE(std::isnan(portable::log(-1)) && std::isnan(portable::log(NAN)));
  EXPECT_NEAR(portable::log(least), std::log(least), 1e-12);
  EXPECT_EQ(portable::exp(infinity), infinity);
  EXPECT_EQ(portable::exp(710), infinity);
  EXPECT_EQ(portable::exp(-infinity), 0);
  EXPECT_EQ(portable::exp(-746), 0);
  EXPECT_EQ(portable::exp(-745.1), least);
  EXPECT_NEAR(portable::exp(709.78) / std::exp(709.78), 1, 1e-15);
  EXPECT_TRUE(std::isnan(portable::exp(NAN)));
  EXPECT_EQ(portable::log1p(-1), -infinity);
  EXPECT_EQ(portable::expm1(-100), -1);
  EXPECT_EQ(portable::expm1(1000), infinity);
  EXPECT_EQ(portable::pow(0, 2), 0);
  EXPECT_EQ(portable::pow(0, 0), 1);
}

TEST(SpecialFunctions, AgreeWithBoost) {
  for (double x = 0.01; x < 1e6; x *= 1.3)
    EXPECT_NEAR(portable::log_gamma(x), std::lgamma(x), 1e-13 * (1 + std::abs(std::lgamma(x))));
  for (const double shape : {1e-3, 0.1, 0.5, 1.0, 3.0, 15.5, 16.0, 100.0, 1e3, 1e5})
    for (const double ratio : {1e-4, 0.01, 0.5, 0.9, 0.99, 1.0, 1.01, 1.1, 2.0, 10.0}) {
      const double x = shape * ratio;
      const double p = boost::math::gamma_p(shape, x), q = boost::math::gamma_q(shape, x);
      if (p > 1e-290) {
        EXPECT_NEAR(portable::gamma_p(shape, x) / p, 1, 1e-11) << shape << ' ' << x;
      }
      if (q > 1e-290) {
        EXPECT_NEAR(portable::gamma_q(shape, x) / q, 1, 1e-11) << shape << ' ' << x;
      }
    }
  for (double z = -37; z < 37; z += 0.37)
    EXPECT_NEAR(portable::normal_above(z) / (0.5 * std::erfc(z / std::sqrt(2.0))), 1, 1e-12) << z;
  for (const double k : {0.0, 1.0, 15.0, 16.0, 400.0})
    EXPECT_NEAR(std::exp(portable::log_poisson_term(k, 20.5)),
                boost::math::pdf(boost::math::poisson(20.5), k), 1e-14);
}

TEST(Bisection, FindsTheExactDoubleInSixtyFourSteps) {
  for (const double edge : {-1e300, -1.0, -5e-324, 5e-324, 1e-200, 0.1, 3.0, 1e308}) {
    int steps = 0;
    const double found = detail::least(-1.5e308, 1.5e308, [&](double x) {
      ++steps;
      return x >= edge;
    });
    EXPECT_EQ(found, edge);
    EXPECT_LE(steps, 65);
  }
}

} // namespace
} // namespace windtunnel
