// Zipf: rank k in 1..n with probability proportional to k^-exponent.
//
// The popularity of prefixes, models, files and users. Drawn by rejection-inversion, which needs no
// table: constant time and memory for any n, and at least 98 % of the tries are accepted (the least
// ratio of the areas over exponents 0 to 8 is 0.983). Any exponent >= 0 is valid, also 1 and below;
// exponent 0 is uniform.
//
// Source: W. Hormann and G. Derflinger, Rejection-inversion to generate variates from monotone
// discrete distributions, ACM TOMACS 6 (3), 1996. Sums by Euler-Maclaurin, right to 1e-12.
//
//   const Zipf popularity(100'000, 1.1);
//   const std::uint64_t rank = popularity.draw(random);
#pragma once

#include <cstdint>

#include "libsim/base/random.hpp"

namespace windtunnel {

class Zipf {
public:
  /// n in [1, 2^53]; exponent finite and >= 0; else ModelError.
  Zipf(std::uint64_t n, double exponent);

  std::uint64_t draw(RandomStream& random) const;
  double cdf(double x) const;      ///< P(rank <= x)
  double survival(double x) const; ///< P(rank > x), accurate where it is small

private:
  double integral(double x) const; ///< of t^-exponent from 1 to x
  double inverse(double area) const;
  double sum(double first, double last) const;

  double n_, exponent_;
  double least_ = 0, most_ = 0; ///< the areas inverted lie between these
  double sure_ = 0;             ///< ranks less than this above their x are accepted unseen
  double total_ = 0;            ///< sum(1, n)
};

} // namespace windtunnel
