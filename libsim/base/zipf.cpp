#include "libsim/base/zipf.hpp"

#include <algorithm>
#include <cmath>

#include "libsim/base/portable_math.hpp"

namespace windtunnel {

Zipf::Zipf(std::uint64_t n, double exponent) : n_(static_cast<double>(n)), exponent_(exponent) {
  if (n < 1 || n > std::uint64_t{1} << 53)
    detail::refuse_parameter("zipf: n", "be in [1, 2^53]", n_);
  detail::require_not_negative("zipf: exponent", exponent);
  least_ = integral(1.5) - 1;
  most_ = integral(n_ + 0.5);
  sure_ = 2 - inverse(integral(2.5) - portable::pow(2, -exponent));
  total_ = sum(1, n_);
}

double Zipf::integral(double x) const {
  const double q = 1 - exponent_, log_x = portable::log(x);
  return q == 0 ? log_x : portable::expm1(q * log_x) / q;
}

double Zipf::inverse(double area) const {
  const double q = 1 - exponent_;
  if (q == 0) return portable::exp(area);
  return portable::exp(portable::log1p(std::max(area * q, -1.0)) / q);
}

std::uint64_t Zipf::draw(RandomStream& random) const {
  // Invert the hat's area; the rank is x rounded. Between k - 1/2 and k + 1/2 the hat has at least
  // the area k^-exponent (it is convex), and the excess, at the low end, is rejected.
  for (;;) {
    const double area = most_ + random.uniform() * (least_ - most_);
    const double x = inverse(area);
    const double k = std::clamp(std::floor(x + 0.5), 1.0, n_);
    if (k - x <= sure_ || area >= integral(k + 0.5) - portable::pow(k, -exponent_))
      return static_cast<std::uint64_t>(k);
  }
}

double Zipf::cdf(double x) const {
  return x < 1 ? 0 : x >= n_ ? 1 : sum(1, std::floor(x)) / total_;
}

double Zipf::survival(double x) const {
  return x < 1 ? 1 : x >= n_ ? 0 : sum(std::floor(x) + 1, n_) / total_;
}

/// Sum of k^-exponent over first..last: the head term by term, the rest by Euler-Maclaurin, whose
/// terms shrink once k is well above the exponent.
double Zipf::sum(double first, double last) const {
  const double s = exponent_, smooth_from = 32 + 8 * s;
  double total = 0, k = first;
  for (; k <= last && (k < smooth_from || last - k < 32); ++k) {
    const double term = portable::pow(k, -s);
    total += term;
    if (term < total * 0x1p-60) return total;
  }
  if (k > last) return total;
  const auto term = [&](double x, double side) { // half the end and its Bernoulli terms
    const double y = 1 / (x * x), f = portable::pow(x, -s) / x;
    const double third = (s + 1) * (s + 2) * y, fifth = third * (s + 3) * (s + 4) * y;
    const double seventh = fifth * (s + 5) * (s + 6) * y;
    return side * x / 2 * f - s * f * (1.0 / 12 - third / 720 + fifth / 30240 - seventh / 1209600);
  };
  const double q = 1 - s, ratio = portable::log(last / k);
  const double area = portable::pow(k, q) * (q == 0 ? ratio : portable::expm1(q * ratio) / q);
  return total + area + term(last, 1) - term(k, -1);
}

} // namespace windtunnel
