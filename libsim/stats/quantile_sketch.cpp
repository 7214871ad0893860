#include "libsim/stats/quantile_sketch.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <bit>
#include <cmath>
#include <limits>

#include "libsim/base/error.hpp"

namespace windtunnel::stats {
namespace {

constexpr unsigned significand_bits = 52;

unsigned bucket_bits(double relative_error) {
  if (!(relative_error >= std::ldexp(1, -17) && relative_error <= 0.25))
    throw ModelError(fmt::format("a quantile sketch's relative error is in [2^-17, 1/4], not {}",
                                 relative_error));
  unsigned k = 1;
  while (std::ldexp(0.5, -static_cast<int>(k)) > relative_error) ++k;
  return k;
}

} // namespace

QuantileSketch::QuantileSketch(double relative_error) : bits_(bucket_bits(relative_error)) {}

double QuantileSketch::relative_error() const { return std::ldexp(0.5, -static_cast<int>(bits_)); }

void QuantileSketch::Side::add(std::uint64_t bucket, std::uint64_t count, unsigned bits) {
  const std::uint64_t octave_size = std::uint64_t{1} << bits;
  const std::uint64_t octave = bucket & ~(octave_size - 1);
  if (counts.empty()) first = octave;
  if (octave < first) {
    counts.insert(counts.begin(), first - octave, 0);
    first = octave;
  }
  counts.resize(std::max<std::uint64_t>(counts.size(), octave + octave_size - first));
  counts[bucket - first] += count;
}

void QuantileSketch::add(double value) {
  if (!std::isfinite(value))
    throw ModelError(fmt::format("a quantile sketch was given the value {}", value));
  minimum_ = count_ == 0 ? value : std::min(minimum_, value);
  maximum_ = count_ == 0 ? value : std::max(maximum_, value);
  ++count_;
  const double magnitude = std::abs(value);
  if (magnitude < std::numeric_limits<double>::min()) {
    ++zeros_;
    return;
  }
  const std::uint64_t bucket =
      std::bit_cast<std::uint64_t>(magnitude) >> (significand_bits - bits_);
  (value > 0 ? positive_ : negative_).add(bucket, 1, bits_);
}

void QuantileSketch::merge(const QuantileSketch& other) {
  if (bits_ != other.bits_)
    throw ModelError(fmt::format("quantile sketches of relative error {} and {} do not merge",
                                 relative_error(), other.relative_error()));
  if (other.count_ == 0) return;
  minimum_ = count_ == 0 ? other.minimum_ : std::min(minimum_, other.minimum_);
  maximum_ = count_ == 0 ? other.maximum_ : std::max(maximum_, other.maximum_);
  count_ += other.count_;
  zeros_ += other.zeros_;
  const auto add_all = [this](Side& to, const Side& from) {
    for (std::size_t i = 0; i < from.counts.size(); ++i)
      if (from.counts[i] > 0) to.add(from.first + i, from.counts[i], bits_);
  };
  add_all(positive_, Side(other.positive_)); // copies: other may be this
  add_all(negative_, Side(other.negative_));
}

double QuantileSketch::quantile(double p) const {
  if (count_ == 0 || !(p >= 0 && p <= 1))
    throw ModelError(fmt::format("quantile {} of {} values", p, count_));
  if (p == 1) return maximum_;
  const auto rank = static_cast<std::uint64_t>(p * static_cast<double>(count_ - 1));
  return std::clamp(value_at(std::min(rank, count_ - 1)), minimum_, maximum_);
}

double QuantileSketch::value_at(std::uint64_t rank) const {
  if (rank == 0) return minimum_;
  for (std::size_t i = negative_.counts.size(); i-- > 0;) {
    if (rank < negative_.counts[i]) return -middle(negative_.first + i);
    rank -= negative_.counts[i];
  }
  if (rank < zeros_) return 0;
  rank -= zeros_;
  for (std::size_t i = 0; i < positive_.counts.size(); ++i) {
    if (rank < positive_.counts[i]) return middle(positive_.first + i);
    rank -= positive_.counts[i];
  }
  return maximum_;
}

double QuantileSketch::middle(std::uint64_t bucket) const {
  const unsigned rest = significand_bits - bits_;
  return std::bit_cast<double>(bucket << rest | std::uint64_t{1} << (rest - 1));
}

} // namespace windtunnel::stats
