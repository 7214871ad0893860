#include "libsim/base/random.hpp"

#include <Random123/philox.h>
#include <cmath>

#include "libsim/base/check.hpp"

namespace windtunnel {
namespace {

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
    : key_{seed, replication}, counter_{0, 0, stream_hash(name), 0} {}

void RandomStream::refill() {
  const r123::Philox4x64::ctr_type counter{{counter_[0], counter_[1], counter_[2], counter_[3]}};
  const r123::Philox4x64::key_type key{{key_[0], key_[1]}};
  const auto block = r123::Philox4x64()(counter, key);
  for (std::size_t i = 0; i < 4; ++i) block_[i] = block[i];
  if (++counter_[0] == 0) ++counter_[1];
  used_ = 0;
}

std::uint64_t RandomStream::bits() {
  if (used_ == 4) refill();
  return block_[used_++];
}

double RandomStream::uniform() {
  // 52 bits and a half step: the middle of one of 2^52 equal cells, so never 0 or 1.
  return (static_cast<double>(bits() >> 12) + 0.5) * 0x1.0p-52;
}

std::uint64_t RandomStream::below(std::uint64_t n) {
  WT_CHECK(n > 0, "below(0)");
  const std::uint64_t reject = (0 - n) % n; // 2^64 mod n values too many
  for (;;)
    if (const std::uint64_t x = bits(); x >= reject) return x % n;
}

double RandomStream::exponential(double mean) { return -mean * std::log(uniform()); }

double RandomStream::normal() {
  if (has_spare_) {
    has_spare_ = false;
    return spare_normal_;
  }
  const double radius = std::sqrt(-2.0 * std::log(uniform()));
  const double angle = 2.0 * 3.14159265358979323846 * uniform();
  spare_normal_ = radius * std::sin(angle);
  has_spare_ = true;
  return radius * std::cos(angle);
}

double RandomStream::lognormal(double median, double sigma_ln) {
  return median * std::exp(sigma_ln * normal());
}

double RandomStream::weibull(double shape, double scale) {
  return scale * std::pow(-std::log(uniform()), 1.0 / shape);
}

double RandomStream::gamma(double shape, double scale) {
  // Below shape 1: Gamma(shape + 1) times U^(1/shape).
  if (shape < 1) return gamma(shape + 1, scale) * std::pow(uniform(), 1.0 / shape);
  const double d = shape - 1.0 / 3.0, c = 1.0 / std::sqrt(9.0 * d);
  for (;;) {
    const double x = normal(), root = 1.0 + c * x;
    if (root <= 0) continue;
    const double v = root * root * root;
    if (std::log(uniform()) < 0.5 * x * x + d - d * v + d * std::log(v)) return d * v * scale;
  }
}

std::uint64_t RandomStream::poisson(double mean) {
  if (mean <= 0) return 0;
  if (mean < 30) { // multiply uniforms until they fall below e^-mean
    const double limit = std::exp(-mean);
    std::uint64_t count = 0;
    for (double product = uniform(); product > limit; product *= uniform()) ++count;
    return count;
  }
  // Transformed rejection with squeeze, PTRS of Hormann (1993).
  const double slam = std::sqrt(mean), b = 0.931 + 2.53 * slam, a = -0.059 + 0.02483 * b;
  const double inverse_alpha = 1.1239 + 1.1328 / (b - 3.4), v_r = 0.9277 - 3.6224 / (b - 2);
  for (;;) {
    const double u = uniform() - 0.5, v = uniform(), us = 0.5 - std::abs(u);
    const double k = std::floor((2 * a / us + b) * u + mean + 0.43);
    if (us >= 0.07 && v <= v_r) return static_cast<std::uint64_t>(k);
    if (k < 0 || (us < 0.013 && v > us)) continue;
    if (std::log(v) + std::log(inverse_alpha) - std::log(a / (us * us) + b) <=
        k * std::log(mean) - mean - std::lgamma(k + 1))
      return static_cast<std::uint64_t>(k);
  }
}

} // namespace windtunnel
