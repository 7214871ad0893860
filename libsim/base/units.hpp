// Dimensioned numbers: time, money, bytes, bandwidth, work and rates of work.
//
// A number with a dimension never travels naked. Each type holds one scalar and offers only the
// products that mean something: Bytes / Bandwidth is a Time, Price * Time is Money, and
// Time + Bytes does not compile (tests/libsim/base/units_compile_fail.cpp proves it).
//
// Exactness: Time is int64 nanoseconds (292 years), Money int64 nano-dollars ($9.2 billion), Bytes
// int64; they add without error. Bandwidth, Flops and FlopRate are doubles in SI base units.
// Conversions from doubles round to nearest and throw std::range_error outside int64 or for NaN.
//
//   Time t = 64_MiB / gigabytes_per_second(50);   // 1.342 ms
//   Money m = charge(Price::usd_per_hour(55.04), hours(24 * 64));
#pragma once

#include <cmath>
#include <compare>
#include <cstdint>
#include <limits>
#include <stdexcept>
#include <string>

namespace windtunnel {

__extension__ typedef __int128 Int128;

/// Nearest int64 to `value`, halves away from zero; throws std::range_error for NaN or a value
/// int64 cannot hold. As std::llround, without its call.
inline std::int64_t round_to_int64(double value) {
  constexpr double limit = 9223372036854774784.0; // largest double below 2^63
  if (!(std::abs(value) <= limit)) [[unlikely]]
    throw std::range_error("value does not fit 64 bits");
  // The largest double below a half: a half itself would carry the value just below a half to 1.
  constexpr double below_half = 0x1.fffffffffffffp-2;
  return static_cast<std::int64_t>(value + std::copysign(below_half, value));
}

namespace detail {

/// What all quantities share: ordering, sums within one dimension, scaling by plain numbers.
template <class Self, class Rep> class Quantity {
public:
  using rep = Rep;
  friend constexpr auto operator<=>(const Self& a, const Self& b) { return a.raw_ <=> b.raw_; }
  friend constexpr bool operator==(const Self& a, const Self& b) { return a.raw_ == b.raw_; }
  friend constexpr Self operator+(Self a, Self b) { return Self::from_raw(a.raw_ + b.raw_); }
  friend constexpr Self operator-(Self a, Self b) { return Self::from_raw(a.raw_ - b.raw_); }
  friend constexpr Self operator-(Self a) { return Self::from_raw(-a.raw_); }
  constexpr Self& operator+=(Self b) { return raw_ += b.raw_, static_cast<Self&>(*this); }
  constexpr Self& operator-=(Self b) { return raw_ -= b.raw_, static_cast<Self&>(*this); }
  friend constexpr double operator/(Self a, Self b) {
    return static_cast<double>(a.raw_) / static_cast<double>(b.raw_);
  }
  static constexpr Self from_raw(Rep raw) {
    Self s;
    s.raw_ = raw;
    return s;
  }
  constexpr Rep raw() const { return raw_; }

protected:
  Rep raw_{};
};

} // namespace detail

/// A span of simulated time, or an instant measured from the start of the simulation; nanoseconds.
class Time : public detail::Quantity<Time, std::int64_t> {
public:
  static constexpr Time max() { return from_raw(std::numeric_limits<std::int64_t>::max()); }
  constexpr std::int64_t ns() const { return raw_; }
  constexpr double seconds() const { return static_cast<double>(raw_) / 1e9; }
  constexpr double hours() const { return static_cast<double>(raw_) / 3.6e12; }
  constexpr double days() const { return static_cast<double>(raw_) / 8.64e13; }
};
inline Time operator*(Time t, double k) {
  return Time::from_raw(round_to_int64(static_cast<double>(t.raw()) * k));
}
inline Time operator*(double k, Time t) { return t * k; }
constexpr Time operator*(Time t, std::int64_t k) { return Time::from_raw(t.raw() * k); }
constexpr Time operator*(Time t, int k) { return Time::from_raw(t.raw() * k); }
inline Time operator/(Time t, double k) {
  return Time::from_raw(round_to_int64(static_cast<double>(t.raw()) / k));
}
constexpr Time nanoseconds(std::int64_t n) { return Time::from_raw(n); }
inline Time seconds(double s) { return Time::from_raw(round_to_int64(s * 1e9)); }
inline Time microseconds(double us) { return Time::from_raw(round_to_int64(us * 1e3)); }
inline Time milliseconds(double ms) { return Time::from_raw(round_to_int64(ms * 1e6)); }
inline Time minutes(double m) { return seconds(m * 60); }
inline Time hours(double h) { return seconds(h * 3600); }
inline Time days(double d) { return seconds(d * 86400); }

/// An amount of data; bytes.
class Bytes : public detail::Quantity<Bytes, std::int64_t> {
public:
  constexpr std::int64_t count() const { return raw_; }
  constexpr double as_double() const { return static_cast<double>(raw_); }
  constexpr double gigabytes() const { return static_cast<double>(raw_) * 1e-9; }
  constexpr double gibibytes() const { return static_cast<double>(raw_) / 1073741824.0; }
};
constexpr Bytes bytes(std::int64_t n) { return Bytes::from_raw(n); }
inline Bytes bytes_from(double n) { return Bytes::from_raw(round_to_int64(n)); }
inline Bytes operator*(Bytes b, double k) { return bytes_from(b.as_double() * k); }
inline Bytes operator/(Bytes b, double k) { return bytes_from(b.as_double() / k); }
constexpr Bytes operator*(Bytes b, std::int64_t k) { return bytes(b.count() * k); }
constexpr Bytes operator*(Bytes b, int k) { return bytes(b.count() * k); }
inline Bytes gibibytes(double n) { return bytes_from(n * 1073741824.0); }
inline Bytes gigabytes(double n) { return bytes_from(n * 1e9); }

/// Data per time; bytes per second.
class Bandwidth : public detail::Quantity<Bandwidth, double> {
public:
  constexpr double bytes_per_second() const { return raw_; }
  constexpr double gigabytes_per_second() const { return raw_ * 1e-9; }
};
constexpr Bandwidth bytes_per_second(double v) { return Bandwidth::from_raw(v); }
constexpr Bandwidth gigabytes_per_second(double v) { return bytes_per_second(v * 1e9); }
constexpr Bandwidth gigabits_per_second(double v) { return bytes_per_second(v * 0.125e9); }
constexpr Bandwidth operator*(Bandwidth b, double k) { return bytes_per_second(b.raw() * k); }
constexpr Bandwidth operator*(double k, Bandwidth b) { return b * k; }
constexpr Bandwidth operator/(Bandwidth b, double k) { return bytes_per_second(b.raw() / k); }
inline Time operator/(Bytes size, Bandwidth rate) {
  return seconds(size.as_double() / rate.bytes_per_second());
}
inline Bytes operator*(Bandwidth rate, Time t) {
  return bytes_from(rate.bytes_per_second() * t.seconds());
}

/// Floating-point work; operations (a multiply-add is two).
class Flops : public detail::Quantity<Flops, double> {
public:
  constexpr double count() const { return raw_; }
};
constexpr Flops flops(double n) { return Flops::from_raw(n); }
constexpr Flops operator*(Flops f, double k) { return flops(f.raw() * k); }
constexpr Flops operator*(double k, Flops f) { return f * k; }

/// Floating-point work per time; operations per second.
class FlopRate : public detail::Quantity<FlopRate, double> {
public:
  constexpr double per_second() const { return raw_; }
  constexpr double teraflops() const { return raw_ * 1e-12; }
};
constexpr FlopRate teraflops(double v) { return FlopRate::from_raw(v * 1e12); }
constexpr FlopRate operator*(FlopRate r, double k) { return FlopRate::from_raw(r.raw() * k); }
inline Time operator/(Flops work, FlopRate rate) {
  return seconds(work.count() / rate.per_second());
}

/// A pure number between things of one dimension (a share, an efficiency).
class Ratio : public detail::Quantity<Ratio, double> {
public:
  constexpr double value() const { return raw_; }
};
constexpr Ratio ratio(double v) { return Ratio::from_raw(v); }

/// US dollars; nano-dollars.
class Money : public detail::Quantity<Money, std::int64_t> {
public:
  constexpr std::int64_t nano_dollars() const { return raw_; }
  constexpr double dollars() const { return static_cast<double>(raw_) * 1e-9; }
};
constexpr Money nano_dollars(std::int64_t n) { return Money::from_raw(n); }
inline Money dollars(double v) { return Money::from_raw(round_to_int64(v * 1e9)); }
constexpr Money operator*(Money m, std::int64_t k) { return nano_dollars(m.raw() * k); }
inline Money operator*(Money m, double k) {
  return Money::from_raw(round_to_int64(static_cast<double>(m.raw()) * k));
}

/// Money per hour of one unit (an instance, a cluster, a stored byte); nano-dollars per hour.
class Price : public detail::Quantity<Price, std::int64_t> {
public:
  static Price usd_per_hour(double v) { return from_raw(round_to_int64(v * 1e9)); }
  constexpr std::int64_t nano_dollars_per_hour() const { return raw_; }
  constexpr double usd_per_hour() const { return static_cast<double>(raw_) * 1e-9; }
};
inline Price operator*(Price p, double k) {
  return Price::from_raw(round_to_int64(static_cast<double>(p.raw()) * k));
}

/// Cost of `unit_ns` unit-nanoseconds (instances x time, summed) at `price`, rounded once to the
/// nearest nano-dollar. Accumulate time first and price once: pricing each nanosecond rounds to 0.
inline Money charge(Price price, Int128 unit_ns) {
  constexpr Int128 ns_per_hour = 3'600'000'000'000;
  const long double near = static_cast<long double>(price.raw()) *
                           static_cast<long double>(unit_ns) /
                           static_cast<long double>(ns_per_hour);
  if (!(near < 9.2e18L && near > -9.2e18L))
    throw std::range_error("an amount above $9.2 billion does not fit");
  const Int128 exact = Int128{price.raw()} * unit_ns;
  const Int128 half = exact >= 0 ? ns_per_hour / 2 : -ns_per_hour / 2;
  return nano_dollars(static_cast<std::int64_t>((exact + half) / ns_per_hour));
}
inline Money charge(Price price, Time unit_time) { return charge(price, Int128{unit_time.ns()}); }
inline Money operator*(Price price, Time t) { return charge(price, t); }

inline namespace literals {
constexpr Bytes operator""_B(unsigned long long n) { return bytes(static_cast<std::int64_t>(n)); }
constexpr Bytes operator""_KiB(unsigned long long n) {
  return bytes(static_cast<std::int64_t>(n) << 10);
}
constexpr Bytes operator""_MiB(unsigned long long n) {
  return bytes(static_cast<std::int64_t>(n) << 20);
}
constexpr Bytes operator""_GiB(unsigned long long n) {
  return bytes(static_cast<std::int64_t>(n) << 30);
}
constexpr Time operator""_ns(unsigned long long n) {
  return nanoseconds(static_cast<std::int64_t>(n));
}
constexpr Time operator""_us(unsigned long long n) {
  return nanoseconds(static_cast<std::int64_t>(n) * 1'000);
}
constexpr Time operator""_ms(unsigned long long n) {
  return nanoseconds(static_cast<std::int64_t>(n) * 1'000'000);
}
constexpr Time operator""_s(unsigned long long n) {
  return nanoseconds(static_cast<std::int64_t>(n) * 1'000'000'000);
}
constexpr Time operator""_min(unsigned long long n) {
  return nanoseconds(static_cast<std::int64_t>(n) * 60'000'000'000);
}
constexpr Time operator""_h(unsigned long long n) {
  return nanoseconds(static_cast<std::int64_t>(n) * 3'600'000'000'000);
}
} // namespace literals

} // namespace windtunnel
