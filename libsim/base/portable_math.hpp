// Elementary functions with the same bits on every machine.
//
// The C library's log, exp and pow may differ in the last bit between releases and processors, and
// one bit in a variate is another simulation. These use only +, -, *, / of IEEE 754 doubles, which
// are exact to the last bit everywhere, and are plain series, so that each constant is its own
// source. Guaranteed: equal bits wherever double is binary64, rounding is to nearest, expressions
// are evaluated in double (checked below) and multiply-adds are not fused (-ffp-contract=off).
// Accuracy against long double (portable_math_test.cpp measures it): log and exp 1.1 ulp, log1p and
// expm1 3 ulp, pow(x, y) 2 + |y log x| ulp. Arguments outside the domain give NaN as in <cmath>.
// All are constexpr: tables made from them cost nothing at start-up.
//
//   const double weibull = scale * portable::pow(random.exponential(1), 1 / shape);
#pragma once

#include <array>
#include <bit>
#include <cfloat>
#include <cstdint>
#include <limits>

namespace windtunnel::portable {

static_assert(std::numeric_limits<double>::is_iec559 && FLT_EVAL_METHOD == 0,
              "equal bits need IEEE 754 doubles evaluated as doubles");

namespace detail {

// ln 2 in two parts; the first has 36 bits, so that k * ln2_high is exact for any exponent k.
inline constexpr double ln2_high = 0x1.62e42fefap-1, ln2_low = 0x1.cf79abc9e3b3ap-40;
inline constexpr double infinity = std::numeric_limits<double>::infinity();

/// 1/3, 1/5, ..., 1/25: atanh(s) / s - 1 in powers of s^2; |s| < 0.172 leaves less than 1e-20.
inline constexpr auto atanh_series = [] {
  std::array<double, 12> terms{};
  for (std::size_t i = 0; i < terms.size(); ++i) terms[i] = 1.0 / static_cast<double>(2 * i + 3);
  return terms;
}();

/// 1/2!, 1/3!, ..., 1/13!: |r| < 0.347 leaves less than 1e-17 of exp(r).
inline constexpr auto exp_series = [] {
  std::array<double, 12> terms{};
  double factorial = 1;
  for (std::size_t i = 0; i < terms.size(); ++i)
    terms[i] = 1.0 / (factorial *= static_cast<double>(i + 2));
  return terms;
}();

/// Horner's rule in x^4 on each fourth term: four short chains in place of a long one.
constexpr double polynomial(const std::array<double, 12>& c, double x) {
  const double x2 = x * x, x4 = x2 * x2;
  const double s0 = (c[8] * x4 + c[4]) * x4 + c[0], s1 = (c[9] * x4 + c[5]) * x4 + c[1];
  const double s2 = (c[10] * x4 + c[6]) * x4 + c[2], s3 = (c[11] * x4 + c[7]) * x4 + c[3];
  return (s2 + s3 * x) * x2 + (s0 + s1 * x);
}

/// 2^k for a normal result.
constexpr double power_of_two(int k) {
  return std::bit_cast<double>(static_cast<std::uint64_t>(k + 1023) << 52);
}

} // namespace detail

constexpr double log(double x) {
  if (!(x > 0)) return x == 0 ? -detail::infinity : std::numeric_limits<double>::quiet_NaN();
  if (x == detail::infinity) return x;
  int exponent = 0;
  if (x < 0x1p-1022) { // subnormal
    x *= 0x1p54;
    exponent = -54;
  }
  // x = 2^exponent * (1 + f) with 1 + f within [sqrt(1/2), sqrt(2)).
  const std::uint64_t bits = std::bit_cast<std::uint64_t>(x);
  constexpr std::uint64_t root_half = 0x3fe6a09e667f3bcdu;
  const std::int64_t above = static_cast<std::int64_t>(bits - root_half) >> 52;
  exponent += static_cast<int>(above);
  const double f = std::bit_cast<double>(bits - (static_cast<std::uint64_t>(above) << 52)) - 1;
  // log(1 + f) = 2 atanh(s) with s = f / (2 + f); 2 s = f - s f keeps the exact f in front.
  const double s = f / (2 + f), s2 = s * s;
  const double rest = s * (f - 2 * s2 * detail::polynomial(detail::atanh_series, s2));
  const double k = exponent;
  return k * detail::ln2_high + (f - (rest - k * detail::ln2_low));
}

constexpr double exp(double x) {
  if (!(x < 709.79)) return x >= 709.79 ? detail::infinity : x; // largest double: exp(709.782...)
  if (x < -745.2) return 0;                                     // least: exp(-745.13...)
  // The nearest integer, by an addition that leaves no bits below the point: no branch on a sign.
  constexpr double per_ln2 = 1.0 / 0x1.62e42fefa39efp-1, whole = 0x1.8p52;
  const double shifted = x * per_ln2 + whole, k = shifted - whole;
  const double r = (x - k * detail::ln2_high) - k * detail::ln2_low;
  const double value = 1 + (r + r * r * detail::polynomial(detail::exp_series, r));
  // In two steps: 2^k itself may not be a normal double.
  const int exponent = static_cast<int>(k), half = exponent >> 1;
  return value * detail::power_of_two(half) * detail::power_of_two(exponent - half);
}

/// log(1 + x): the rounding of 1 + x is undone by its own ratio (Kahan).
constexpr double log1p(double x) {
  const double u = 1 + x;
  if (u == 1 || u == detail::infinity) return x;
  return u == 0 ? -detail::infinity : log(u) * (x / (u - 1));
}

/// exp(x) - 1, by the same device.
constexpr double expm1(double x) {
  const double u = exp(x);
  if (u == 1) return x;
  if (u == detail::infinity || u - 1 == -1) return u - 1;
  return (u - 1) * (x / log(u));
}

/// x^y for x >= 0; pow(x, 0) is 1 and pow(x, 1) is x exactly.
constexpr double pow(double x, double y) {
  if (y == 0 || x == 1) return 1;
  return y == 1 ? x : exp(y * log(x));
}

} // namespace windtunnel::portable
