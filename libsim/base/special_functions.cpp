#include "libsim/base/special_functions.hpp"

#include "libsim/base/portable_math.hpp"

namespace windtunnel::portable {
namespace {

constexpr double half_log_two_pi = 0.91893853320467274178;
constexpr double stirling_from = 16; // the first term left out is below 1e-14 from here

/// ln Gamma(x) - ((x - 1/2) ln x - x + ln sqrt(2 pi)), x >= stirling_from: the Bernoulli terms.
double stirling_rest(double x) {
  const double y = 1 / (x * x);
  return (1.0 / 12 - y * (1.0 / 360 - y * (1.0 / 1260 - y * (1.0 / 1680 - y * (1.0 / 1188))))) / x;
}

/// log(x / k) - d with d = x / k - 1, without cancellation near d = 0.
double log_ratio_less(double x, double k) {
  const double d = (x - k) / k;
  if (d > 0.1 || d < -0.1) return log(x / k) - d;
  double power = -d * d, sum = power / 2;
  for (int n = 3; n <= 18; ++n) { // 0.1^17 / 19 is below one part in 2^53 of d^2 / 2
    power *= -d;
    sum += power / n;
  }
  return sum;
}

/// P by its series about 0: quick while x < shape + 1.
double series_p(double shape, double x) {
  double term = 1, sum = 1;
  for (double n = shape + 1; term > sum * 0x1p-54; ++n) sum += term *= x / n;
  return sum * exp(log_poisson_term(shape, x));
}

/// Q by its continued fraction, evaluated forwards (Lentz): quick while x > shape + 1.
double fraction_q(double shape, double x) {
  constexpr double tiny = 0x1p-1000;
  double b = x + 1 - shape, c = 1 / tiny, d = 1 / b, value = d;
  for (double n = 1;; ++n) {
    const double a = n * (shape - n);
    b += 2;
    d = b + a * d;
    c = b + a / c;
    d = 1 / (d == 0 ? tiny : d);
    if (c == 0) c = tiny;
    const double factor = c * d;
    value *= factor;
    if (factor - 1 < 0x1p-52 && 1 - factor < 0x1p-52) break;
  }
  return value * shape * exp(log_poisson_term(shape, x));
}

} // namespace

double log_gamma(double x) {
  double product = 1;
  for (; x < stirling_from; ++x) product *= x;
  return (x - 0.5) * log(x) - x + half_log_two_pi + stirling_rest(x) - log(product);
}

double log_poisson_term(double k, double mean) {
  if (k < stirling_from) return (k == 0 ? 0 : k * log(mean)) - mean - log_gamma(k + 1);
  return k * log_ratio_less(mean, k) - half_log_two_pi - 0.5 * log(k) - stirling_rest(k);
}

double gamma_p(double shape, double x) {
  if (!(x > 0)) return 0;
  if (x > 1e300) return 1;
  return x < shape + 1 ? series_p(shape, x) : 1 - fraction_q(shape, x);
}

double gamma_q(double shape, double x) {
  if (!(x > 0)) return 1;
  if (x > 1e300) return 0;
  return x < shape + 1 ? 1 - series_p(shape, x) : fraction_q(shape, x);
}

double normal_above(double z) {
  // erfc(t) = Q(1/2, t^2).
  return z > 0 ? 0.5 * gamma_q(0.5, 0.5 * z * z) : 1 - 0.5 * gamma_q(0.5, 0.5 * z * z);
}

} // namespace windtunnel::portable
