// RandomStream: a reproducible stream of random variates with a name.
//
// Counter-based Philox4x64-10 (Salmon et al., SC'11; Random123), keyed by (seed, replication) and
// the hash of the stream's name, so adding a model never perturbs another model's draws, and a
// replication's draws do not depend on the thread that runs it. Equal bits on every platform we
// build on (samplers are ours; std::*_distribution is never used; see also -ffp-contract=off).
//
//   RandomStream faults(seed, replication, "failures/gpu");
//   Time next = seconds(faults.exponential(mean_s));
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

namespace windtunnel {

class RandomStream {
public:
  RandomStream(std::uint64_t seed, std::uint64_t replication, std::string_view name);

  std::uint64_t bits();                             ///< 64 uniform bits
  double uniform();                                 ///< in (0, 1): never 0 or 1; 52 bits
  std::uint64_t below(std::uint64_t n);             ///< uniform integer in [0, n), unbiased; n > 0
  double exponential(double mean);                  ///< mean > 0
  double normal();                                  ///< standard normal (Box-Muller pairs)
  double lognormal(double median, double sigma_ln); ///< exp(N(ln median, sigma_ln^2))
  double weibull(double shape, double scale);       ///< inversion
  double gamma(double shape, double scale);         ///< Marsaglia-Tsang 2000
  std::uint64_t poisson(double mean); ///< exact: inversion below 30, else PTRS (Hormann 1993)

private:
  void refill();
  std::array<std::uint64_t, 2> key_;
  std::array<std::uint64_t, 4> counter_;
  std::array<std::uint64_t, 4> block_{};
  unsigned used_ = 4;
  double spare_normal_ = 0;
  bool has_spare_ = false;
};

/// 64-bit FNV-1a of a name, finished with a SplitMix64 mix: stable across platforms and releases.
std::uint64_t stream_hash(std::string_view name);

} // namespace windtunnel
