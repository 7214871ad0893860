// RandomStream: a reproducible stream of random variates with a name.
//
// Counter-based Philox4x64-10 (Salmon et al., SC'11; Random123), keyed by (seed, replication) and
// the hash of the stream's name, so adding a model never perturbs another model's draws, and a
// replication's draws do not depend on the thread that runs it. A copy repeats the original's
// draws; the period is 2^66 words. Equal bits on every platform we build on: samplers and the
// functions they call (portable_math.hpp) are ours, std::*_distribution is never used.
//
// Laws with tables or parts (Zipf, empirical, truncated, mixtures) are values that draw from a
// stream: distribution.hpp; arrival times at a changing rate: poisson_arrivals.hpp.
//
// Contract: a parameter outside its law throws ModelError naming it and the value. Continuous laws
// on (0, inf) never return 0 but by underflow. The number of words a draw consumes is not fixed.
//
//   RandomStream faults(seed, replication, "failures/gpu");
//   Time next = seconds(faults.exponential(mean_s));
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

#include "libsim/base/parameter.hpp"
#include "libsim/base/ziggurat.hpp"

namespace windtunnel {

class RandomStream {
public:
  RandomStream(std::uint64_t seed, std::uint64_t replication, std::string_view name);

  std::uint64_t bits();                    ///< 64 uniform bits
  double uniform();                        ///< in (0, 1): never 0 or 1; 52 bits
  double uniform(double low, double high); ///< low <= high, both finite
  std::uint64_t below(std::uint64_t n);    ///< uniform integer in [0, n), unbiased; n > 0
  std::int64_t integer(std::int64_t first, std::int64_t last); ///< uniform in [first, last]
  double exponential(double mean);                  ///< mean > 0; infinite mean: infinity (never)
  double normal();                                  ///< standard normal
  double normal(double mean, double sd);            ///< sd >= 0
  double lognormal(double median, double sigma_ln); ///< exp(N(ln median, sigma_ln^2)); median > 0
  double weibull(double shape, double scale);       ///< both > 0
  double gamma(double shape, double scale);         ///< both > 0; mean shape * scale
  double pareto(double shape, double minimum);      ///< P(X > x) = (minimum / x)^shape
  std::uint64_t poisson(double mean);               ///< exact; mean in [0, 2^53)

private:
  void refill();
  double exponential_outside(std::uint64_t word);
  double normal_outside(std::uint64_t word);
  std::uint64_t poisson_small(double mean);
  std::uint64_t poisson_large(double mean);

  std::array<std::uint64_t, 2> key_;
  std::uint64_t name_hash_, next_block_ = 0;
  std::array<std::uint64_t, 4> block_{};
  std::uint32_t used_ = 4;
};

/// 64-bit FNV-1a of a name, finished with a SplitMix64 mix: stable across platforms and releases.
std::uint64_t stream_hash(std::string_view name);

inline std::uint64_t RandomStream::bits() {
  if (used_ == block_.size()) refill();
  return block_[used_++];
}

inline double RandomStream::uniform() {
  // The middle of one of 2^52 equal cells (an odd number of halves), so never 0 or 1.
  return static_cast<double>(static_cast<std::int64_t>(bits() >> 11 | 1)) * 0x1p-53;
}

// The ziggurats: the low 8 bits name the layer, the high 53 are the abscissa, again the middle of a
// cell. Conversions go through int64 because x86-64 has no instruction for uint64.
inline double RandomStream::exponential(double mean) {
  if (!(mean > 0)) [[unlikely]]
    detail::refuse_mean_of_exponential(mean);
  const std::uint64_t word = bits();
  const auto& layer = detail::exponential_ziggurat.layers[word & 255];
  const auto cell = static_cast<std::int64_t>(word >> 11 | 1);
  if (cell < layer.inside) [[likely]]
    return static_cast<double>(cell) * layer.unit * mean;
  return exponential_outside(word) * mean;
}

inline double RandomStream::normal() {
  const std::uint64_t word = bits();
  const auto& layer = detail::normal_ziggurat.layers[word & 255];
  const std::int64_t cell = static_cast<std::int64_t>(word) >> 11 | 1;
  if (cell < layer.inside && -cell < layer.inside) [[likely]]
    return static_cast<double>(cell) * layer.unit;
  return normal_outside(word);
}

} // namespace windtunnel
