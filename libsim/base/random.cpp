#include "libsim/base/random.hpp"

#include <Random123/philox.h>

#include <cmath>
#include <limits>

#include "libsim/base/parameter.hpp"
#include "libsim/base/portable_math.hpp"
#include "libsim/base/special_functions.hpp"

namespace windtunnel {
namespace {

__extension__ typedef unsigned __int128 UInt128;

std::uint64_t mix(std::uint64_t x) { // SplitMix64's finaliser
  x += 0x9e3779b97f4a7c15u;
  x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9u;
  x = (x ^ (x >> 27)) * 0x94d049bb133111ebu;
  return x ^ (x >> 31);
}

} // namespace

std::uint64_t stream_hash(std::string_view name) {
  std::uint64_t hash = 0xcbf29ce484222325u; // FNV-1a
  for (const char c : name) hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3u;
  return mix(hash);
}

RandomStream::RandomStream(std::uint64_t seed, std::uint64_t replication, std::string_view name)
    : key_{seed, replication}, name_hash_(stream_hash(name)) {}

// One call a block of four words; measured, neither Philox2x64 nor several blocks at once gain 15
// %.
void RandomStream::refill() {
  const auto block = r123::Philox4x64()({{next_block_++, 0, name_hash_, 0}}, {{key_[0], key_[1]}});
  for (std::size_t i = 0; i < block_.size(); ++i) block_[i] = block[i];
  used_ = 0;
}

double RandomStream::uniform(double low, double high) {
  detail::require_finite("uniform: low", low);
  if (!(high >= low && high - low < std::numeric_limits<double>::infinity()))
    detail::refuse_parameter("uniform: high", "be finite and at least " + detail::shortest(low),
                             high);
  return low + (high - low) * uniform();
}

std::uint64_t RandomStream::below(std::uint64_t n) {
  if (n == 0) detail::refuse_parameter("below: n", "be positive", 0);
  // Lemire 2019: the high word of bits * n; the low words of 2^64 mod n products are too many.
  UInt128 product = UInt128{bits()} * n;
  if (static_cast<std::uint64_t>(product) < n) {
    const std::uint64_t too_many = (0 - n) % n;
    while (static_cast<std::uint64_t>(product) < too_many) product = UInt128{bits()} * n;
  }
  return static_cast<std::uint64_t>(product >> 64);
}

std::int64_t RandomStream::integer(std::int64_t first, std::int64_t last) {
  if (last < first)
    detail::refuse_parameter("integer: last", "be at least " + std::to_string(first),
                             static_cast<double>(last));
  const std::uint64_t count =
      static_cast<std::uint64_t>(last) - static_cast<std::uint64_t>(first) + 1;
  const std::uint64_t offset = count == 0 ? bits() : below(count); // 0: all 2^64 of them
  return static_cast<std::int64_t>(static_cast<std::uint64_t>(first) + offset);
}

double RandomStream::exponential_outside(std::uint64_t word) {
  const detail::Ziggurat& z = detail::exponential_ziggurat;
  const std::size_t i = word & 255;
  if (i == 0) return z.edges[1] + exponential(1); // the tail is the law again: no memory
  const double x =
      static_cast<double>(static_cast<std::int64_t>(word >> 11 | 1)) * z.layers[i].unit;
  const double y = z.heights[i] + uniform() * (z.heights[i + 1] - z.heights[i]);
  return y < portable::exp(-x) ? x : exponential(1);
}

double RandomStream::normal_outside(std::uint64_t word) {
  const detail::Ziggurat& z = detail::normal_ziggurat;
  const std::size_t i = word & 255;
  const double x =
      static_cast<double>(static_cast<std::int64_t>(word) >> 11 | 1) * z.layers[i].unit;
  if (i == 0) { // the tail, by Marsaglia 1964: exact rejection from an exponential
    const double edge = z.edges[1];
    for (;;) {
      const double beyond = exponential(1 / edge), height = exponential(1);
      if (2 * height > beyond * beyond) return std::copysign(edge + beyond, x);
    }
  }
  const double y = z.heights[i] + uniform() * (z.heights[i + 1] - z.heights[i]);
  return y < portable::exp(-0.5 * x * x) ? x : normal();
}

double RandomStream::normal(double mean, double sd) {
  detail::require_finite("normal: mean", mean);
  detail::require_not_negative("normal: sd", sd);
  return mean + sd * normal();
}

double RandomStream::lognormal(double median, double sigma_ln) {
  detail::require_positive("lognormal: median", median);
  detail::require_not_negative("lognormal: sigma_ln", sigma_ln);
  return median * portable::exp(sigma_ln * normal());
}

double RandomStream::weibull(double shape, double scale) {
  detail::require_positive("weibull: shape", shape);
  detail::require_positive("weibull: scale", scale);
  return scale * portable::pow(exponential(1), 1 / shape);
}

double RandomStream::pareto(double shape, double minimum) {
  detail::require_positive("pareto: shape", shape);
  detail::require_positive("pareto: minimum", minimum);
  return minimum * portable::exp(exponential(1) / shape);
}

double RandomStream::gamma(double shape, double scale) {
  detail::require_positive("gamma: shape", shape);
  detail::require_positive("gamma: scale", scale);
  if (shape < 1) { // Gamma(shape + 1) times U^(1 / shape), drawn in an order the standard fixes
    const double above = gamma(shape + 1, scale);
    return above * portable::exp(-exponential(1) / shape);
  }
  // Marsaglia and Tsang 2000.
  const double d = shape - 1.0 / 3.0, c = 1.0 / std::sqrt(9.0 * d);
  for (;;) {
    const double x = normal(), root = 1.0 + c * x;
    if (root <= 0) continue;
    const double v = root * root * root, u = uniform(), x2 = x * x;
    if (u < 1 - 0.0331 * x2 * x2) return d * v * scale; // their squeeze: no logarithms
    if (portable::log(u) < 0.5 * x2 + d * (1 - v + portable::log(v))) return d * v * scale;
  }
}

std::uint64_t RandomStream::poisson(double mean) {
  if (!(mean >= 0 && mean < 0x1p53))
    detail::refuse_parameter("poisson: mean", "be in [0, 2^53)", mean);
  return mean < 10 ? poisson_small(mean) : poisson_large(mean);
}

/// Counts arrivals of rate 1 up to `mean`, as a product of uniforms.
std::uint64_t RandomStream::poisson_small(double mean) {
  const double limit = portable::exp(-mean);
  std::uint64_t count = 0;
  for (double product = uniform(); product > limit; product *= uniform()) ++count;
  return count;
}

/// Transformed rejection with squeeze: PTRS of W. Hormann, Insurance: Mathematics and Economics 12
/// (1993), whose constants these are; valid for mean >= 10.
std::uint64_t RandomStream::poisson_large(double mean) {
  const double b = 0.931 + 2.53 * std::sqrt(mean), a = -0.059 + 0.02483 * b;
  const double inverse_alpha = 1.1239 + 1.1328 / (b - 3.4), v_r = 0.9277 - 3.6224 / (b - 2);
  for (;;) {
    const double u = uniform() - 0.5, v = uniform(), us = 0.5 - std::abs(u);
    const double k = std::floor((2 * a / us + b) * u + mean + 0.43);
    if (us >= 0.07 && v <= v_r) return static_cast<std::uint64_t>(k);
    if (k < 0 || (us < 0.013 && v > us)) continue;
    if (portable::log(v * inverse_alpha / (a / (us * us) + b)) <=
        portable::log_poisson_term(k, mean))
      return static_cast<std::uint64_t>(k);
  }
}

} // namespace windtunnel
