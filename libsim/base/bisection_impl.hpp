// The least double of an interval for which a monotone predicate holds, in at most 64 steps.
//
// Doubles of one sign order as their bit patterns do, so halving the pattern, not the value, finds
// the exact boundary among all doubles, whatever the scale, and for step functions too.
#pragma once

#include <bit>
#include <cstdint>
#include <limits>
#include <numeric>

namespace windtunnel::detail {

/// Integers in the order of the doubles; both zeros are 0.
constexpr std::int64_t to_ordered(double x) {
  const auto bits = std::bit_cast<std::int64_t>(x);
  return bits < 0 ? std::numeric_limits<std::int64_t>::min() - bits : bits;
}
constexpr double from_ordered(std::int64_t n) {
  return std::bit_cast<double>(n < 0 ? std::numeric_limits<std::int64_t>::min() - n : n);
}
constexpr double previous(double x) { return from_ordered(to_ordered(x) - 1); }

/// `holds` is false, then true, over [low, high]; high itself when it holds for none below.
template <class Predicate> double least(double low, double high, Predicate holds) {
  if (holds(low)) return low;
  std::int64_t below = to_ordered(low), above = to_ordered(high);
  while (below + 1 < above) {
    const std::int64_t middle = std::midpoint(below, above);
    (holds(from_ordered(middle)) ? above : below) = middle;
  }
  return from_ordered(above);
}

} // namespace windtunnel::detail
