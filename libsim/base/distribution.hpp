// Distribution: a probability law as a value, for parameters that come from data.
//
// Immutable and cheap to copy (a shared pointer); it holds no random state and draws from the
// stream it is given. The unit is the caller's: build it in seconds, draw seconds(law.draw(r)).
// Parameters are checked when a law is made, and a bad one throws ModelError naming it and the
// value. For a law fixed in code, RandomStream's own functions are the same draws without the call.
//
// Every law also knows its probabilities, right in both tails; truncation and quantiles stand on
// them, for any law, those a user derives from Distribution::Law included.
//
//   const Distribution boot = Distribution::lognormal(60, 0.3).truncated(20, 600);
//   const Distribution step = Distribution::mixture({{0.9, boot}, {0.1,
//   Distribution::constant(0)}}); Time t = seconds(step.draw(random));
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "libsim/base/random.hpp"

namespace windtunnel {

struct MixturePart;

class Distribution {
public:
  class Law {
  public:
    virtual ~Law() = default;
    virtual double draw(RandomStream& random) const = 0;
    virtual double cdf(double x) const = 0;      ///< P(X <= x), accurate where it is small
    virtual double survival(double x) const = 0; ///< P(X > x), accurate where it is small
  };
  explicit Distribution(std::shared_ptr<const Law> law) : law_(std::move(law)) {}

  static Distribution constant(double value);
  static Distribution uniform(double low, double high);
  static Distribution exponential(double mean);
  static Distribution normal(double mean, double sd);
  static Distribution lognormal(double median, double sigma_ln);
  static Distribution gamma(double shape, double scale);
  static Distribution weibull(double shape, double scale);
  static Distribution pareto(double shape, double minimum);
  static Distribution poisson(double mean);                   ///< draws in O(1)
  static Distribution zipf(std::uint64_t n, double exponent); ///< zipf.hpp

  /// One of `values`, with its weight's probability.
  static Distribution discrete(std::vector<double> values, const std::vector<double>& weights);
  /// Cell i lies between edges[i] and edges[i + 1], uniform within; its weight is its mass.
  static Distribution histogram(const std::vector<double>& edges,
                                const std::vector<double>& weights);
  /// Continuous law through samples: the CDF is linear between neighbours and its quantiles are
  /// those of stats::quantile (Hyndman-Fan type 7). With weights, the mass between two neighbours
  /// is the mean of theirs; equal weights are no weights. At least two samples.
  static Distribution empirical(std::vector<double> samples, std::vector<double> weights = {});

  /// Each draw from one of the parts, with its weight's probability.
  static Distribution mixture(std::vector<MixturePart> parts);
  /// This law given that it lies in [low, high]; either bound may be infinite. Throws ModelError
  /// when the interval has no probability. A draw costs at most 8 draws of this law on average, or
  /// 64 evaluations of its CDF where the interval is rarer than 1/8, however rare it is.
  Distribution truncated(double low, double high) const;

  double draw(RandomStream& random) const { return law_->draw(random); }
  double cdf(double x) const { return law_->cdf(x); }
  double survival(double x) const { return law_->survival(x); }
  /// The least x with cdf(x) >= p, for p in (0, 1): bisection, at most 64 evaluations.
  double quantile(double p) const;

private:
  std::shared_ptr<const Law> law_;
};

struct MixturePart {
  double weight;
  Distribution law;
};

} // namespace windtunnel
