// QuantileSketch: all quantiles of a sample in bounded memory, each within a relative error that
// is guaranteed, mergeable in any order.
//
// Values fall into buckets that cut each octave [2^e, 2^(e+1)) into 2^k equal parts; the bucket is
// the leading bits of the double, so no logarithm is taken and every platform counts alike. Two
// mirrored sets serve positive and negative values; magnitudes below 2^-1022 count as zero.
//
// Theorem. Let x be the order statistic of rank floor(p (n - 1)), counted from 0, of the n values
// added. Then |quantile(p) - x| <= a |x| with a = 2^-(k+1), for x = 0 and x < 0 too (and
// |quantile(p) - x| < 2^-1022 where |x| < 2^-1022).
// Proof. The bucket of a value is monotone in it, so walking the counts in order of value ends in
// the very bucket that holds x, and the answer is that bucket's middle. A bucket beginning at
// magnitude m = 2^e (1 + j / 2^k) is w = 2^(e-k) <= m / 2^k wide and |x| >= m: the middle is off by
// at most w / 2 <= m / 2^(k+1) <= a |x|. Clamping to the exact minimum and maximum only lowers
// that. Counts are sums over values, so a merged sketch equals, count for count, the sketch of all
// values: the bound and the answer depend neither on the order of values nor on that of merges. []
//
// The relative-error guarantee is that of DDSketch (Masson, Rim and Lee, VLDB 2019); buckets by
// leading bits are those of HdrHistogram and cost 1.44 times DDSketch's memory. Here no bucket is
// ever collapsed, so the guarantee has no exceptions. Memory: 2^k counters of 8 bytes for each
// octave between the smallest and the largest magnitude (a = 1/256: 1 KiB an octave, 30 octaves
// from a nanosecond to a second). Values that are not finite throw ModelError.
//
//   QuantileSketch waits(0.005);
//   waits.add(3.2);
//   waits.merge(other);
//   double p99 = waits.quantile(0.99);
#pragma once

#include <cstdint>
#include <vector>

namespace windtunnel::stats {

class QuantileSketch {
public:
  /// The bound is the largest power of two not above `relative_error`, in [2^-17, 1/4].
  explicit QuantileSketch(double relative_error = 1.0 / 256);
  void add(double value);
  void merge(const QuantileSketch& other); ///< throws ModelError for another error bound

  std::uint64_t count() const { return count_; }
  double relative_error() const;   ///< a of the theorem
  double quantile(double p) const; ///< p in [0, 1] and not empty, or ModelError; 0 and 1 are exact
  double minimum() const { return minimum_; } ///< exact; 0 when empty
  double maximum() const { return maximum_; }
  friend bool operator==(const QuantileSketch&, const QuantileSketch&) = default;

private:
  /// Counts of consecutive buckets, from bucket number `first` on, in whole octaves.
  struct Side {
    std::uint64_t first = 0;
    std::vector<std::uint64_t> counts{};
    void add(std::uint64_t bucket, std::uint64_t count, unsigned bits);
    friend bool operator==(const Side&, const Side&) = default;
  };
  double middle(std::uint64_t bucket) const;
  double value_at(std::uint64_t rank) const;

  unsigned bits_; // k
  std::uint64_t count_ = 0, zeros_ = 0;
  double minimum_ = 0, maximum_ = 0;
  Side positive_{}, negative_{};
};

} // namespace windtunnel::stats
