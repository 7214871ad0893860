// Numbers as people read them in tables and prose: thousands separators, cents in tables, three
// significant digits in prose, dates when the scenario has a start and durations when it has none.
// Text here is never parsed back; JSON and CSV carry full precision instead.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "libsim/base/units.hpp"

namespace windtunnel::scenarios {

/// "12,345.60"; "-" for NaN and infinities, as in all functions here.
std::string grouped(double value, int decimals = 0);
/// Three significant digits, grouped: "0.0123", "41.2", "12,300".
std::string three_digits(double value);
/// "41.3%" of 0.413.
std::string percent(double share);
/// "$3,712,345.12"
std::string usd_cents(double dollars);
/// "$3.71M", "$12.3k", "$743"
std::string usd_short(double dollars);
/// "+$12,300.00", "-2.1d": a difference always shows its sign, and "0" when there is none.
std::string usd_change(double dollars);
std::string duration_change(double seconds);
/// "64.2d", "3h12m"
std::string duration(double seconds);
/// "2027-02-03" when `start` (unix seconds) is there, else a duration.
std::string moment(std::optional<std::int64_t> start, double seconds);
/// "2027-02-03 (64.2d)" when `start` is there, else a duration.
std::string moment_and_duration(std::optional<std::int64_t> start, double seconds);
/// A count that is mostly large: "1.5T", "300B", "15M", "512".
std::string count_short(double count);

/// Percentages of `total` with one decimal that add up to 100.0 when the parts add up to the total:
/// remainders go to the largest fractions first. "-" for each when the total is zero.
std::vector<std::string> shares(const std::vector<Money>& parts, Money total);

} // namespace windtunnel::scenarios
