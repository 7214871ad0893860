// ExactSum: the sum of products double x int64 without any rounding.
//
// Every finite double is an integer times 2^-1074, so a fixed-point number wide enough for the
// largest product holds every sum exactly (Kulisch, Computer Arithmetic and Validity, 2008): 64-bit
// limbs in two's complement from 2^-1074 up to 2^1151, room for 2^63 products of the largest kind.
// The sum therefore does not depend on the order of its terms, and what is added and then taken
// away leaves nothing behind. value() rounds once, to nearest. Adding a NaN or an infinity throws
// ModelError. An addition touches three limbs and the carry behind them.
//
//   ExactSum area;
//   area.add(0.1, 3'600'000'000'000);
//   area.add(0.1, -3'600'000'000'000);
//   bool nothing_left = area.value() == 0;
#pragma once

#include <array>
#include <cstdint>

namespace windtunnel::stats {

class ExactSum {
public:
  void add(double value, std::int64_t times = 1);
  void add(const ExactSum& other);
  double value() const; ///< nearest double; infinite beyond the largest
  friend bool operator==(const ExactSum&, const ExactSum&) = default;

private:
  static constexpr int limbs = 35; // 35 x 64 = 2240 bits, the lowest worth 2^-1074
  std::array<std::uint64_t, limbs> limbs_{};
};

} // namespace windtunnel::stats
