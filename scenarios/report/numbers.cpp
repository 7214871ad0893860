#include "scenarios/report/numbers.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <fmt/format.h>
#include <numeric>

#include "libsim/base/unit_strings.hpp"

namespace windtunnel::scenarios {
namespace {

constexpr const char* unknown = "-";

/// Decimals that leave three significant digits.
int decimals_for(double value) {
  const double size = std::abs(value);
  if (size == 0) return 0;
  return std::clamp(2 - static_cast<int>(std::floor(std::log10(size))), 0, 12);
}

double to_three_digits(double value) {
  if (value == 0) return 0;
  const double scale = std::pow(10.0, 2 - std::floor(std::log10(std::abs(value))));
  return std::round(value * scale) / scale;
}

struct Scale {
  double size;
  const char* suffix;
};

std::string scaled(double value, const char* thousand, const char* billion) {
  const double rounded = to_three_digits(value);
  const std::array<Scale, 4> scales{Scale{1e12, "T"}, Scale{1e9, billion}, Scale{1e6, "M"},
                                    Scale{1e3, thousand}};
  for (const Scale& scale : scales)
    if (rounded >= scale.size) return three_digits(rounded / scale.size) + scale.suffix;
  return three_digits(rounded);
}

} // namespace

std::string grouped(double value, int decimals) {
  if (!std::isfinite(value)) return unknown;
  std::string text = fmt::format("{:.{}f}", std::abs(value), decimals);
  for (std::size_t at = std::min(text.find('.'), text.size()); at > 3;) text.insert(at -= 3, ",");
  const bool zero = text.find_first_not_of("0.,") == std::string::npos;
  return (value < 0 && !zero ? "-" : "") + text;
}

std::string three_digits(double value) {
  if (!std::isfinite(value)) return unknown;
  const double rounded = to_three_digits(value);
  return grouped(rounded, decimals_for(rounded));
}

std::string percent(double share) {
  return std::isfinite(share) ? grouped(share * 100, 1) + "%" : unknown;
}

std::string usd_cents(double dollars) {
  if (!std::isfinite(dollars)) return unknown;
  // Less than a cent keeps its digits: a unit price of $0.0004 must not read as nothing.
  if (dollars != 0 && std::abs(dollars) < 0.01)
    return fmt::format("{}${:.4g}", dollars < 0 ? "-" : "", std::abs(dollars));
  return (dollars < 0 ? "-$" : "$") + grouped(std::abs(dollars), 2);
}

std::string usd_short(double dollars) {
  if (!std::isfinite(dollars)) return unknown;
  return (dollars < 0 ? "-$" : "$") + scaled(std::abs(dollars), "k", "B");
}

std::string usd_change(double dollars) {
  if (dollars == 0) return "$0.00";
  return (dollars > 0 ? "+" : "") + usd_cents(dollars);
}

std::string duration(double seconds) {
  constexpr double longest = 9.2e9; // what Time holds, in seconds
  if (!(std::abs(seconds) < longest)) return unknown;
  return to_string(windtunnel::seconds(seconds));
}

std::string duration_change(double seconds) {
  const std::string text = duration(seconds);
  return seconds > 0 ? "+" + text : text;
}

std::string moment(std::optional<std::int64_t> start, double seconds) {
  if (!start || !std::isfinite(seconds)) return duration(seconds);
  return format_instant(*start + std::llround(seconds)).substr(0, 10);
}

std::string moment_and_duration(std::optional<std::int64_t> start, double seconds) {
  if (!start || !std::isfinite(seconds)) return duration(seconds);
  return moment(start, seconds) + " (" + duration(seconds) + ")";
}

std::string count_short(double count) {
  return std::isfinite(count) ? scaled(count, "k", "B") : unknown;
}

std::vector<std::string> shares(const std::vector<Money>& parts, Money total) {
  if (total == Money{}) return std::vector<std::string>(parts.size(), unknown);
  std::vector<double> exact;
  std::vector<std::int64_t> tenths;
  for (const Money part : parts) {
    exact.push_back(1000 * (part / total));
    tenths.push_back(static_cast<std::int64_t>(std::floor(exact.back())));
  }
  std::vector<std::size_t> order(parts.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::stable_sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) {
    return exact[a] - static_cast<double>(tenths[a]) > exact[b] - static_cast<double>(tenths[b]);
  });
  const double sum = std::accumulate(exact.begin(), exact.end(), 0.0);
  const auto wanted = static_cast<std::int64_t>(std::llround(sum));
  std::int64_t missing = wanted - std::accumulate(tenths.begin(), tenths.end(), std::int64_t{0});
  for (const std::size_t i : order)
    if (missing-- > 0) ++tenths[i];
  std::vector<std::string> result;
  for (const std::int64_t t : tenths) result.push_back(percent(static_cast<double>(t) / 1000));
  return result;
}

} // namespace windtunnel::scenarios
