#include "libsim/base/unit_strings.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <optional>

namespace windtunnel {
namespace {

struct Unit {
  std::string_view name;
  double factor;
};

/// A decimal number at the front of `text` (no sign, no exponent, no inf), which is then removed.
std::optional<double> take_number(std::string_view& text) {
  std::size_t length = 0;
  bool digit = false, point = false;
  for (; length < text.size(); ++length) {
    const char c = text[length];
    if (c >= '0' && c <= '9')
      digit = true;
    else if (c == '.' && !point)
      point = true;
    else
      break;
  }
  if (!digit) return std::nullopt;
  double value = 0;
  const auto result = std::from_chars(text.data(), text.data() + length, value);
  if (result.ec != std::errc{} || result.ptr != text.data() + length) return std::nullopt;
  text.remove_prefix(length);
  return value;
}

void skip_spaces(std::string_view& text) {
  while (!text.empty() && text.front() == ' ') text.remove_prefix(1);
}

std::string complain(std::string_view text, std::string_view allowed) {
  std::string_view rest = text;
  const bool bare = take_number(rest) && rest.empty();
  return fmt::format("must be {}, got {}\"{}\"", allowed, bare ? "the bare number " : "", text);
}

/// "<number><unit>" with one of `units`; the whole text must match.
template <std::size_t N> Parsed<double>
parse_one(std::string_view text, const std::array<Unit, N>& units, std::string_view allowed) {
  std::string_view rest = text;
  const std::optional<double> value = take_number(rest);
  skip_spaces(rest);
  if (value)
    for (const Unit& unit : units)
      if (rest == unit.name) return *value * unit.factor;
  return tl::unexpected(complain(text, allowed));
}

constexpr double kibi = 1024.0;
constexpr std::array<Unit, 18> byte_units{{
    {"B", 1},
    {"kB", 1e3},
    {"KB", 1e3},
    {"MB", 1e6},
    {"GB", 1e9},
    {"TB", 1e12},
    {"PB", 1e15},
    {"KiB", kibi},
    {"MiB", kibi* kibi},
    {"GiB", kibi* kibi* kibi},
    {"TiB", kibi* kibi* kibi* kibi},
    {"PiB", kibi* kibi* kibi* kibi* kibi},
    {"Ki", kibi},
    {"Mi", kibi* kibi},
    {"Gi", kibi* kibi* kibi},
    {"Ti", kibi* kibi* kibi* kibi},
    {"Pi", kibi* kibi* kibi* kibi* kibi},
    {"EiB", kibi* kibi* kibi* kibi* kibi* kibi},
}};
constexpr std::array<Unit, 17> bandwidth_units{{
    {"bps", 0.125},
    {"kbps", 0.125e3},
    {"Kbps", 0.125e3},
    {"Mbps", 0.125e6},
    {"Gbps", 0.125e9},
    {"Tbps", 0.125e12},
    {"MBps", 1e6},
    {"GBps", 1e9},
    {"TBps", 1e12},
    {"MB/s", 1e6},
    {"GB/s", 1e9},
    {"TB/s", 1e12},
    {"MiB/s", kibi* kibi},
    {"GiB/s", kibi* kibi* kibi},
    {"TiB/s", kibi* kibi* kibi* kibi},
    {"B/s", 1},
    {"Bps", 1},
}};
constexpr std::array<Unit, 5> flop_units{
    {{"FLOPS", 1}, {"GFLOPS", 1e9}, {"TFLOPS", 1e12}, {"PFLOPS", 1e15}, {"EFLOPS", 1e18}}};
constexpr std::array<Unit, 9> time_units{{{"ns", 1},
                                          {"us", 1e3},
                                          {"µs", 1e3},
                                          {"ms", 1e6},
                                          {"s", 1e9},
                                          {"m", 6e10},
                                          {"h", 3.6e12},
                                          {"d", 8.64e13},
                                          {"w", 6.048e14}}};
constexpr std::array<Unit, 7> count_units{
    {{"", 1}, {"k", 1e3}, {"K", 1e3}, {"M", 1e6}, {"B", 1e9}, {"G", 1e9}, {"T", 1e12}}};

/// `value` as int64 base units, or the complaint.
template <class T>
Parsed<T> as_integer(const Parsed<double>& value, std::string_view text, std::string_view allowed) {
  if (!value) return tl::unexpected(value.error());
  if (!(*value < 9.2e18)) return tl::unexpected(complain(text, allowed) + ", which is too large");
  return T::from_raw(round_to_int64(*value));
}

constexpr std::string_view time_allowed =
    "a duration with its unit (ns, us, ms, s, m, h, d, w), like \"30m\" or \"1h30m\"";
constexpr std::string_view money_allowed = "an amount in US dollars, like \"$4M\" or \"$1.25\"";
constexpr std::string_view instant_allowed = "an instant in UTC, like \"2026-12-01T00:00:00Z\"";

/// Days since 1970-01-01 of a proleptic Gregorian date (Hinnant's public-domain algorithm, derived
/// from 400-year eras of 146,097 days that begin on 1 March).
std::int64_t days_from_civil(std::int64_t year, int month, int day) {
  year -= month <= 2;
  const std::int64_t era = (year >= 0 ? year : year - 399) / 400;
  const std::int64_t year_of_era = year - era * 400;
  const std::int64_t day_of_year = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;
  const std::int64_t day_of_era =
      year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
  return era * 146097 + day_of_era - 719468;
}

bool digits_at(std::string_view text, std::size_t begin, std::size_t count, int& value) {
  const char* first = text.data() + begin;
  const auto result = std::from_chars(first, first + count, value);
  return result.ec == std::errc{} && result.ptr == first + count && *first != '-';
}

std::string significant(double value) {
  const double magnitude = std::abs(value);
  if (magnitude >= 99.95) return fmt::format("{:.0f}", value);
  if (magnitude >= 9.995) return fmt::format("{:.1f}", value);
  return fmt::format("{:.2f}", value);
}

} // namespace

Parsed<Time> parse_time(std::string_view text) {
  std::string_view rest = text;
  double total = 0;
  do {
    const std::optional<double> value = take_number(rest);
    if (!value) return tl::unexpected(complain(text, time_allowed));
    std::size_t length = 0;
    while (length < rest.size() && !(rest[length] >= '0' && rest[length] <= '9')) ++length;
    const std::string_view name = rest.substr(0, length);
    const auto unit = std::find_if(time_units.begin(), time_units.end(),
                                   [&](const Unit& u) { return u.name == name; });
    if (unit == time_units.end()) return tl::unexpected(complain(text, time_allowed));
    total += *value * unit->factor;
    rest.remove_prefix(length);
  } while (!rest.empty());
  return as_integer<Time>(total, text, time_allowed);
}

Parsed<Bytes> parse_bytes(std::string_view text) {
  constexpr std::string_view allowed = "a size with its unit, like \"64GiB\" or \"22GB\"";
  return as_integer<Bytes>(parse_one(text, byte_units, allowed), text, allowed);
}

Parsed<Bandwidth> parse_bandwidth(std::string_view text) {
  constexpr std::string_view allowed =
      "a rate with its unit, like \"400Gbps\" (bits) or \"50GBps\" (bytes)";
  return parse_one(text, bandwidth_units, allowed).map(bytes_per_second);
}

Parsed<FlopRate> parse_flop_rate(std::string_view text) {
  constexpr std::string_view allowed = "a rate of work, like \"989TFLOPS\"";
  return parse_one(text, flop_units, allowed).map(FlopRate::from_raw);
}

Parsed<Money> parse_money(std::string_view text) {
  std::string_view rest = text;
  const bool sign = rest.starts_with('$');
  if (sign) rest.remove_prefix(1);
  const bool suffix = rest.ends_with("USD");
  if (suffix) rest.remove_suffix(3);
  while (suffix && rest.ends_with(' ')) rest.remove_suffix(1);
  if (sign == suffix) return tl::unexpected(complain(text, money_allowed));
  const Parsed<double> value = parse_one(rest, count_units, money_allowed);
  if (!value) return tl::unexpected(complain(text, money_allowed));
  return as_integer<Money>(*value * 1e9, text, money_allowed);
}

Parsed<Price> parse_price(std::string_view text) {
  constexpr std::string_view allowed = "a price per hour, like \"$55.04/h\"";
  if (!text.starts_with('$') || !text.ends_with("/h"))
    return tl::unexpected(complain(text, allowed));
  const Parsed<Money> money = parse_money(text.substr(0, text.size() - 2));
  if (!money) return tl::unexpected(complain(text, allowed));
  return Price::from_raw(money->nano_dollars());
}

Parsed<Ratio> parse_ratio(std::string_view text) {
  constexpr std::array<Unit, 2> units{{{"", 1}, {"%", 0.01}}};
  return parse_one(text, units, "a share, like \"5%\" or \"0.05\"").map(Ratio::from_raw);
}

Parsed<double> parse_count(std::string_view text) {
  return parse_one(text, count_units, "a count, like \"1.5T\", \"300B\" or \"20k\"");
}

Parsed<std::int64_t> parse_instant(std::string_view text) {
  int year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0;
  const bool shape = text.size() == 20 && text[4] == '-' && text[7] == '-' && text[10] == 'T' &&
                     text[13] == ':' && text[16] == ':' && text[19] == 'Z' &&
                     digits_at(text, 0, 4, year) && digits_at(text, 5, 2, month) &&
                     digits_at(text, 8, 2, day) && digits_at(text, 11, 2, hour) &&
                     digits_at(text, 14, 2, minute) && digits_at(text, 17, 2, second);
  const bool leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
  const std::array<int, 13> lengths{0, 31, leap ? 29 : 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
  if (!shape || month < 1 || month > 12 || day < 1 ||
      day > lengths[static_cast<std::size_t>(month)] || hour > 23 || minute > 59 || second > 59)
    return tl::unexpected(complain(text, instant_allowed));
  return days_from_civil(year, month, day) * 86400 + hour * 3600 + minute * 60 + second;
}

std::string format_instant(std::int64_t unix_seconds) {
  std::int64_t day_number = unix_seconds / 86400, rest = unix_seconds % 86400;
  if (rest < 0) {
    rest += 86400;
    --day_number;
  }
  // Inverse of days_from_civil().
  day_number += 719468;
  const std::int64_t era = (day_number >= 0 ? day_number : day_number - 146096) / 146097;
  const std::int64_t day_of_era = day_number - era * 146097;
  const std::int64_t year_of_era =
      (day_of_era - day_of_era / 1460 + day_of_era / 36524 - day_of_era / 146096) / 365;
  const std::int64_t day_of_year =
      day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
  const std::int64_t shifted_month = (5 * day_of_year + 2) / 153;
  const std::int64_t day = day_of_year - (153 * shifted_month + 2) / 5 + 1;
  const std::int64_t month = shifted_month + (shifted_month < 10 ? 3 : -9);
  const std::int64_t year = year_of_era + era * 400 + (month <= 2 ? 1 : 0);
  return fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}Z", year, month, day, rest / 3600,
                     rest / 60 % 60, rest % 60);
}

std::string to_string(Time t) {
  if (t < Time{}) return "-" + to_string(-t);
  const double s = t.seconds();
  if (t.ns() == 0) return "0s";
  if (s < 1e-6) return fmt::format("{}ns", t.ns());
  if (s < 1e-3) return significant(s * 1e6) + "us";
  if (s < 1) return significant(s * 1e3) + "ms";
  if (s < 60) return significant(s) + "s";
  const auto whole = static_cast<std::int64_t>(std::llround(s));
  if (s < 3600) return fmt::format("{}m{}s", whole / 60, whole % 60);
  if (s < 86400) return fmt::format("{}h{}m", whole / 3600, whole / 60 % 60);
  return significant(t.days()) + "d";
}

std::string to_string(Bytes b) {
  if (b < Bytes{}) return "-" + to_string(-b);
  constexpr std::array<const char*, 6> names{"B", "KiB", "MiB", "GiB", "TiB", "PiB"};
  double value = b.as_double();
  std::size_t i = 0;
  for (; value >= 1024 && i + 1 < names.size(); ++i) value /= 1024;
  return (i == 0 ? fmt::format("{}", b.count()) : significant(value)) + names[i];
}

std::string to_string(Bandwidth b) {
  const double rate = b.bytes_per_second();
  if (rate >= 1e12) return significant(rate * 1e-12) + "TB/s";
  if (rate >= 1e9) return significant(rate * 1e-9) + "GB/s";
  return significant(rate * 1e-6) + "MB/s";
}

std::string to_string(FlopRate r) {
  if (r.per_second() >= 1e15) return significant(r.per_second() * 1e-15) + "PFLOPS";
  return significant(r.per_second() * 1e-12) + "TFLOPS";
}

std::string to_string(Money m) {
  if (m < Money{}) return "-" + to_string(-m);
  // Cents, but what costs less than a cent keeps its digits: "$0.0004".
  if (m.nano_dollars() != 0 && m < dollars(0.01)) return fmt::format("${:.4g}", m.dollars());
  const std::int64_t cents = (m.nano_dollars() + 5'000'000) / 10'000'000;
  std::string whole = std::to_string(cents / 100);
  for (std::size_t at = whole.size(); at > 3;) whole.insert(at -= 3, ",");
  return fmt::format("${}.{:02}", whole, cents % 100);
}

std::string to_string(Price p) { return fmt::format("${:.4f}/h", p.usd_per_hour()); }
std::string to_string(Ratio r) { return fmt::format("{:.1f}%", r.value() * 100); }

std::string exact_dollars(Money m) {
  const std::int64_t n = m.nano_dollars();
  const std::uint64_t magnitude =
      n < 0 ? std::uint64_t{0} - static_cast<std::uint64_t>(n) : static_cast<std::uint64_t>(n);
  return fmt::format("{}{}.{:09}", n < 0 ? "-" : "", magnitude / 1'000'000'000,
                     magnitude % 1'000'000'000);
}

} // namespace windtunnel
