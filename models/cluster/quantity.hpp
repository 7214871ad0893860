// Quantity: an amount of a resource, with Kubernetes' exact arithmetic and spelling
// ("100m", "1.5Gi", "12e6", "0.5"; apimachinery's resource.Quantity).
//
// Contract. Exact to one nano-unit: what is finer is rounded away from zero when it is read, and
// what is beyond +-(2^63-1) is capped there, as the API server does. value() and milli_value()
// round away from zero too. Sums and comparisons are exact. to_string() is Kubernetes' canonical
// form: no fraction, the largest suffix; the family of suffixes is that of the text it was read
// from (of a sum: of its first term that is not zero).
#pragma once

#include <compare>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>

#include "libsim/base/error.hpp"

namespace windtunnel::cluster {

class Quantity {
public:
  Quantity() = default;
  explicit Quantity(std::int64_t units);
  static Quantity milli(std::int64_t thousandths);
  /// The quantity, or why the text is none.
  static Result<Quantity, std::string> parse(std::string_view text);

  std::int64_t value() const;
  std::int64_t milli_value() const;
  bool is_zero() const { return nano_ == 0; }
  std::string to_string() const;

  Quantity& operator+=(const Quantity& other);
  Quantity& operator-=(const Quantity& other);
  friend bool operator==(const Quantity& a, const Quantity& b) { return a.nano_ == b.nano_; }
  friend std::strong_ordering operator<=>(const Quantity& a, const Quantity& b) {
    return a.nano_ < b.nano_   ? std::strong_ordering::less
           : a.nano_ > b.nano_ ? std::strong_ordering::greater
                               : std::strong_ordering::equal;
  }

private:
  __extension__ using Nano = __int128;
  enum class Format : std::uint8_t { decimal, binary, exponent };

  Nano nano_ = 0;
  Format format_ = Format::decimal;
};

/// Amounts by the resource's name ("cpu", "memory", "nvidia.com/gpu").
using ResourceList = std::map<std::string, Quantity, std::less<>>;

} // namespace windtunnel::cluster
