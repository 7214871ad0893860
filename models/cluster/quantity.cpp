#include "models/cluster/quantity.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <limits>
#include <optional>

namespace windtunnel::cluster {
namespace {

__extension__ using Int128 = __int128;

constexpr Int128 nano_per_unit = 1'000'000'000;
constexpr Int128 most_nano = Int128{std::numeric_limits<std::int64_t>::max()} * nano_per_unit;
/// Decimal digits in 2^63-1.
constexpr std::int64_t most_digits = 19;
/// Exponents beyond this give zero's neighbour or the cap whatever the digits of a sane text.
constexpr std::int64_t far = 1'000'000'000;

struct Suffix {
  std::string_view text;
  int power; ///< of 10 or of 1024
};
constexpr std::array<Suffix, 10> decimal_suffixes{{{"n", -9},
                                                   {"u", -6},
                                                   {"m", -3},
                                                   {"", 0},
                                                   {"k", 3},
                                                   {"M", 6},
                                                   {"G", 9},
                                                   {"T", 12},
                                                   {"P", 15},
                                                   {"E", 18}}};
constexpr std::array<Suffix, 6> binary_suffixes{
    {{"Ki", 1}, {"Mi", 2}, {"Gi", 3}, {"Ti", 4}, {"Pi", 5}, {"Ei", 6}}};

bool is_digit(char c) { return c >= '0' && c <= '9'; }

/// `digits` times 1024, in decimal.
void times_1024(std::string& digits) {
  int carry = 0;
  for (std::size_t i = digits.size(); i-- > 0;) {
    const int product = (digits[i] - '0') * 1024 + carry;
    digits[i] = static_cast<char>('0' + product % 10);
    carry = product / 10;
  }
  const std::string front = carry > 0 ? std::to_string(carry) : std::string();
  digits.insert(0, front);
}

/// digits x 10^exponent in nano-units: away from zero below one, capped above the most.
Int128 nano_of(std::string_view digits, std::int64_t exponent) {
  digits.remove_prefix(std::min(digits.find_first_not_of('0'), digits.size()));
  if (digits.empty()) return 0;
  const std::int64_t shift = exponent + 9;
  const std::int64_t length = static_cast<std::int64_t>(digits.size()) + shift;
  if (length > most_digits + 9) return most_nano;
  Int128 nano = 0;
  for (std::int64_t i = 0; i < length; ++i)
    nano = nano * 10 + (i < static_cast<std::int64_t>(digits.size())
                            ? digits[static_cast<std::size_t>(i)] - '0'
                            : 0);
  const std::size_t kept = static_cast<std::size_t>(
      std::clamp<std::int64_t>(length, 0, static_cast<std::int64_t>(digits.size())));
  if (digits.find_first_not_of('0', kept) != std::string_view::npos) ++nano;
  return std::min(nano, most_nano);
}

/// amount / unit, rounded away from zero, within int64.
std::int64_t divided(Int128 amount, Int128 unit) {
  Int128 result = amount / unit;
  if (result * unit != amount) result += amount > 0 ? 1 : -1;
  constexpr Int128 most = std::numeric_limits<std::int64_t>::max();
  return static_cast<std::int64_t>(std::clamp(result, -most, most));
}

std::string decimal_text(Int128 value) {
  if (value == 0) return "0";
  std::string text;
  for (Int128 rest = value < 0 ? -value : value; rest > 0; rest /= 10)
    text += static_cast<char>('0' + static_cast<int>(rest % 10));
  if (value < 0) text += '-';
  std::reverse(text.begin(), text.end());
  return text;
}

std::optional<std::int64_t> exponent_of(std::string_view text) {
  if (text.empty()) return std::nullopt;
  const bool negative = text.front() == '-';
  if (text.front() == '+' || text.front() == '-') text.remove_prefix(1);
  if (text.empty() || !std::all_of(text.begin(), text.end(), is_digit)) return std::nullopt;
  std::int64_t exponent = 0;
  const auto parsed = std::from_chars(text.data(), text.data() + text.size(), exponent);
  if (parsed.ec != std::errc() || exponent > far) return std::nullopt;
  return negative ? -exponent : exponent;
}

} // namespace

Quantity::Quantity(std::int64_t units) : nano_(Int128{units} * nano_per_unit) {}

Quantity Quantity::milli(std::int64_t thousandths) {
  Quantity quantity;
  quantity.nano_ = Int128{thousandths} * 1'000'000;
  return quantity;
}

Result<Quantity, std::string> Quantity::parse(std::string_view text) {
  const auto refused = [&](const char* why) {
    return tl::unexpected("quantity '" + std::string(text.substr(0, 60)) + "': " + why);
  };
  std::string_view rest = text;
  bool negative = false;
  if (!rest.empty() && (rest.front() == '+' || rest.front() == '-')) {
    negative = rest.front() == '-';
    rest.remove_prefix(1);
  }
  const auto take_digits = [&] {
    const auto end = std::find_if_not(rest.begin(), rest.end(), is_digit);
    const std::string_view digits = rest.substr(0, static_cast<std::size_t>(end - rest.begin()));
    rest.remove_prefix(digits.size());
    return digits;
  };
  std::string digits(take_digits());
  std::int64_t exponent = 0;
  if (!rest.empty() && rest.front() == '.') {
    rest.remove_prefix(1);
    const std::string_view fraction = take_digits();
    exponent = -static_cast<std::int64_t>(fraction.size());
    digits += fraction;
  }
  if (digits.empty()) return refused("there is no number before the suffix");
  Quantity quantity;
  const auto same = [&](const Suffix& suffix) { return suffix.text == rest; };
  const auto decimal = std::find_if(decimal_suffixes.begin(), decimal_suffixes.end(), same);
  const auto binary = std::find_if(binary_suffixes.begin(), binary_suffixes.end(), same);
  if (decimal != decimal_suffixes.end()) {
    exponent += decimal->power;
  } else if (binary != binary_suffixes.end()) {
    quantity.format_ = Format::binary;
    for (int i = 0; i < binary->power; ++i) times_1024(digits);
  } else if (rest.front() == 'e' || rest.front() == 'E') {
    const std::optional<std::int64_t> power = exponent_of(rest.substr(1));
    if (!power) return refused("the exponent is no whole number");
    quantity.format_ = Format::exponent;
    exponent += *power;
  } else {
    return refused("the suffix is none of n, u, m, k, M, G, T, P, E, Ki, Mi, Gi, Ti, Pi, Ei, e<N>");
  }
  const Int128 nano = nano_of(digits, exponent);
  quantity.nano_ = negative ? -nano : nano;
  return quantity;
}

std::int64_t Quantity::value() const { return divided(nano_, nano_per_unit); }
std::int64_t Quantity::milli_value() const { return divided(nano_, 1'000'000); }

Quantity& Quantity::operator+=(const Quantity& other) {
  if (nano_ == 0) format_ = other.format_;
  nano_ += other.nano_;
  return *this;
}

Quantity& Quantity::operator-=(const Quantity& other) {
  if (nano_ == 0) format_ = other.format_;
  nano_ -= other.nano_;
  return *this;
}

std::string Quantity::to_string() const {
  if (nano_ == 0) return "0";
  constexpr Int128 kibi = 1024;
  const Int128 magnitude = nano_ < 0 ? -nano_ : nano_;
  if (format_ == Format::binary && magnitude >= kibi * nano_per_unit) {
    Int128 units = (magnitude + nano_per_unit - 1) / nano_per_unit;
    int power = 0;
    for (; power < 6 && units % kibi == 0; ++power) units /= kibi;
    const std::string_view suffix = power == 0 ? "" : binary_suffixes[power - 1U].text;
    return decimal_text(nano_ < 0 ? -units : units).append(suffix);
  }
  Int128 mantissa = nano_;
  int power = -9;
  for (; power < 18 && mantissa % 1000 == 0; power += 3) mantissa /= 1000;
  std::string text = decimal_text(mantissa);
  if (format_ == Format::exponent) return power == 0 ? text : text + "e" + std::to_string(power);
  const auto suffix = std::find_if(decimal_suffixes.begin(), decimal_suffixes.end(),
                                   [&](const Suffix& s) { return s.power == power; });
  return text.append(suffix->text);
}

} // namespace windtunnel::cluster
