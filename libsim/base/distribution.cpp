#include "libsim/base/distribution.hpp"

#include <cmath>
#include <limits>
#include <utility>

#include "libsim/base/bisection_impl.hpp"
#include "libsim/base/portable_math.hpp"
#include "libsim/base/special_functions.hpp"
#include "libsim/base/zipf.hpp"

namespace windtunnel {
namespace {

using Law = Distribution::Law;

struct Constant final : Law {
  explicit Constant(double v) : value(v) {}
  double draw(RandomStream&) const override { return value; }
  double cdf(double x) const override { return x >= value; }
  double survival(double x) const override { return x < value; }
  double value;
};

struct Uniform final : Law {
  Uniform(double a, double b) : low(a), high(b) {}
  double draw(RandomStream& random) const override { return random.uniform(low, high); }
  double cdf(double x) const override {
    return x <= low ? 0 : x >= high ? 1 : (x - low) / (high - low);
  }
  double survival(double x) const override {
    return x <= low ? 1 : x >= high ? 0 : (high - x) / (high - low);
  }
  double low, high;
};

struct Exponential final : Law {
  explicit Exponential(double m) : mean(m) {}
  double draw(RandomStream& random) const override { return random.exponential(mean); }
  double cdf(double x) const override { return x > 0 ? -portable::expm1(-x / mean) : 0; }
  double survival(double x) const override { return x > 0 ? portable::exp(-x / mean) : 1; }
  double mean;
};

struct Normal final : Law {
  Normal(double m, double s) : mean(m), sd(s) {}
  double draw(RandomStream& random) const override { return random.normal(mean, sd); }
  double cdf(double x) const override { return portable::normal_above((mean - x) / sd); }
  double survival(double x) const override { return portable::normal_above((x - mean) / sd); }
  double mean, sd;
};

struct Lognormal final : Law {
  Lognormal(double m, double s) : median(m), sigma(s) {}
  double draw(RandomStream& random) const override { return random.lognormal(median, sigma); }
  double z(double x) const { return portable::log(x / median) / sigma; }
  double cdf(double x) const override { return x > 0 ? portable::normal_above(-z(x)) : 0; }
  double survival(double x) const override { return x > 0 ? portable::normal_above(z(x)) : 1; }
  double median, sigma;
};

struct Gamma final : Law {
  Gamma(double k, double s) : shape(k), scale(s) {}
  double draw(RandomStream& random) const override { return random.gamma(shape, scale); }
  double cdf(double x) const override { return portable::gamma_p(shape, x / scale); }
  double survival(double x) const override { return portable::gamma_q(shape, x / scale); }
  double shape, scale;
};

struct Weibull final : Law {
  Weibull(double k, double s) : shape(k), scale(s) {}
  double draw(RandomStream& random) const override { return random.weibull(shape, scale); }
  double hazard(double x) const { return x > 0 ? portable::pow(x / scale, shape) : 0; }
  double cdf(double x) const override { return -portable::expm1(-hazard(x)); }
  double survival(double x) const override { return portable::exp(-hazard(x)); }
  double shape, scale;
};

struct Pareto final : Law {
  Pareto(double k, double m) : shape(k), minimum(m) {}
  double draw(RandomStream& random) const override { return random.pareto(shape, minimum); }
  double hazard(double x) const { return x > minimum ? shape * portable::log(x / minimum) : 0; }
  double cdf(double x) const override { return -portable::expm1(-hazard(x)); }
  double survival(double x) const override { return portable::exp(-hazard(x)); }
  double shape, minimum;
};

struct Poisson final : Law {
  explicit Poisson(double m) : mean(m) {}
  double draw(RandomStream& random) const override {
    return static_cast<double>(random.poisson(mean));
  }
  double cdf(double x) const override {
    return x < 0 ? 0 : portable::gamma_q(std::floor(x) + 1, mean);
  }
  double survival(double x) const override {
    return x < 0 ? 1 : portable::gamma_p(std::floor(x) + 1, mean);
  }
  double mean;
};

struct ZipfLaw final : Law {
  ZipfLaw(std::uint64_t n, double exponent) : zipf(n, exponent) {}
  double draw(RandomStream& random) const override {
    return static_cast<double>(zipf.draw(random));
  }
  double cdf(double x) const override { return zipf.cdf(x); }
  double survival(double x) const override { return zipf.survival(x); }
  Zipf zipf;
};

/// The law of type L; one discarded draw checks the parameters exactly as every draw will.
template <class L, class... Parameters> Distribution make(Parameters... parameters) {
  const auto law = std::make_shared<const L>(parameters...);
  RandomStream check(0, 0, "parameters");
  law->draw(check);
  return Distribution(law);
}

} // namespace

Distribution Distribution::constant(double value) {
  detail::require_finite("constant: value", value);
  return make<Constant>(value);
}
Distribution Distribution::uniform(double low, double high) {
  return low == high ? constant(low) : make<Uniform>(low, high);
}
Distribution Distribution::exponential(double mean) {
  detail::require_positive("exponential: mean", mean);
  return make<Exponential>(mean);
}
Distribution Distribution::normal(double mean, double sd) {
  return sd == 0 ? constant(mean) : make<Normal>(mean, sd);
}
Distribution Distribution::lognormal(double median, double sigma_ln) {
  detail::require_positive("lognormal: median", median);
  return sigma_ln == 0 ? constant(median) : make<Lognormal>(median, sigma_ln);
}
Distribution Distribution::gamma(double shape, double scale) { return make<Gamma>(shape, scale); }
Distribution Distribution::weibull(double shape, double scale) {
  return make<Weibull>(shape, scale);
}
Distribution Distribution::pareto(double shape, double minimum) {
  return make<Pareto>(shape, minimum);
}
Distribution Distribution::poisson(double mean) {
  return mean == 0 ? constant(0) : make<Poisson>(mean);
}
Distribution Distribution::zipf(std::uint64_t n, double exponent) {
  return make<ZipfLaw>(n, exponent);
}

double Distribution::quantile(double p) const {
  if (!(p > 0 && p < 1)) detail::refuse_parameter("quantile: p", "be in (0, 1)", p);
  constexpr double largest = std::numeric_limits<double>::max();
  return detail::least(-largest, largest, [&](double x) { return cdf(x) >= p; });
}

} // namespace windtunnel
