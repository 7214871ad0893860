#include "libsim/stats/exact_sum.hpp"

#include <bit>
#include <cmath>

#include "libsim/base/error.hpp"
#include "libsim/base/units.hpp"

namespace windtunnel::stats {

namespace {

constexpr int lowest_exponent = -1074; // of the smallest subnormal double

void add_with_carry(std::uint64_t& limb, std::uint64_t addend, bool& carry) {
  const std::uint64_t sum = limb + addend;
  const std::uint64_t result = sum + carry;
  carry = sum < limb || result < sum;
  limb = result;
}

} // namespace

void ExactSum::add(double value, std::int64_t times) {
  if (!std::isfinite(value)) throw ModelError("a sum was given a value that is not finite");
  if (value == 0 || times == 0) return;
  // value = mantissa x 2^(shift + lowest_exponent), from the bits of the double.
  const auto bits = std::bit_cast<std::uint64_t>(value);
  const int biased = static_cast<int>(bits >> 52 & 0x7ff);
  std::int64_t mantissa = static_cast<std::int64_t>(bits & 0xfffffffffffff);
  if (biased > 0) mantissa |= std::int64_t{1} << 52;
  if (value < 0) mantissa = -mantissa;
  const int shift = biased > 0 ? biased - 1 : 0;

  const Int128 product = static_cast<Int128>(mantissa) * times; // below 2^116
  const auto limb = static_cast<std::size_t>(shift / 64);
  const int bit = shift % 64;
  const auto low = product << bit;
  const Int128 high = bit == 0 ? product >> 127 : product >> (128 - bit); // with the sign
  const std::uint64_t sign = product < 0 ? ~std::uint64_t{0} : 0;
  const std::uint64_t parts[3] = {static_cast<std::uint64_t>(low),
                                  static_cast<std::uint64_t>(low >> 64),
                                  static_cast<std::uint64_t>(high)};
  bool carry = false;
  for (std::size_t i = limb; i < limbs_.size(); ++i) {
    const bool inside = i < limb + 3;
    if (!inside && carry == (product < 0)) break; // the rest adds 0, or -1 + 1
    add_with_carry(limbs_[i], inside ? parts[i - limb] : sign, carry);
  }
}

void ExactSum::add(const ExactSum& other) {
  bool carry = false;
  for (std::size_t i = 0; i < limbs_.size(); ++i) add_with_carry(limbs_[i], other.limbs_[i], carry);
}

double ExactSum::value() const {
  const bool negative = limbs_.back() >> 63;
  std::array<std::uint64_t, limbs> magnitude = limbs_;
  if (negative) {
    bool carry = true; // ~x + 1
    for (std::uint64_t& limb : magnitude) {
      limb = ~limb;
      add_with_carry(limb, 0, carry);
    }
  }
  int top = limbs - 1;
  while (top >= 0 && magnitude[static_cast<std::size_t>(top)] == 0) --top;
  if (top < 0) return 0;
  const auto at = [&](int i) { return i < 0 ? 0 : magnitude[static_cast<std::size_t>(i)]; };
  // The 64 leading bits, the lowest of them sticky for all below: 11 bits more than a double has,
  // so that rounding them to a double rounds the whole number.
  const int lead = std::countl_zero(at(top));
  std::uint64_t leading = at(top) << lead;
  std::uint64_t below = at(top - 1);
  if (lead > 0) {
    leading |= at(top - 1) >> (64 - lead);
    below <<= lead;
  }
  for (int i = top - 2; i >= 0; --i) below |= at(i);
  if (below != 0) leading |= 1;
  // Subnormal sums are multiples of 2^-1074 with few bits: no rounding in ldexp.
  const double result = std::ldexp(static_cast<double>(leading), top * 64 - lead + lowest_exponent);
  return negative ? -result : result;
}

} // namespace windtunnel::stats
