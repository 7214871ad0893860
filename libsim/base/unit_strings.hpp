// Unit strings: "400Gbps", "64GiB", "1h30m", "$4M", "1.5T" to strong types, and back for people.
//
// Parsing is exact about case, because case is the unit: "400Gbps" is bits, "400GBps" bytes. A bare
// number where a unit belongs is an error whose text names the units allowed. Printing gives three
// significant digits for people; machine output uses suffixed columns instead (start_s, cost_usd).
#pragma once

#include <string>
#include <string_view>
#include <tl/expected.hpp>

#include "libsim/base/units.hpp"

namespace windtunnel {

/// A value, or a sentence that says what was wrong and what is allowed.
template <class T> using Parsed = tl::expected<T, std::string>;

/// "250ns" "12us" "3ms" "90s" "30m" "720h" "60d" "2w", and sums of them: "1h30m". Not negative.
Parsed<Time> parse_time(std::string_view text);
/// "512B" "64KiB".."PiB" (powers of 1024), "22kB" "22KB" "22MB".."22PB" (powers of 1000), and the
/// Kubernetes spellings "64Ki".."64Pi". Not negative.
Parsed<Bytes> parse_bytes(std::string_view text);
/// "400Gbps" (bits) or "50GBps" "50GB/s" "50GiB/s" (bytes), with k, M, G, T. Not negative.
Parsed<Bandwidth> parse_bandwidth(std::string_view text);
/// "989TFLOPS" "1.5PFLOPS"; operations per second. Not negative.
Parsed<FlopRate> parse_flop_rate(std::string_view text);
/// "$4M" "$1.25" "$900k" "4M USD". Not negative.
Parsed<Money> parse_money(std::string_view text);
/// "$55.04/h". Not negative.
Parsed<Price> parse_price(std::string_view text);
/// "5%" or "0.05"; may exceed one.
Parsed<Ratio> parse_ratio(std::string_view text);
/// A large count: "1.5T" tokens, "300B", "20k", "15000000"; k, M, B (or G), T are powers of 1000.
Parsed<double> parse_count(std::string_view text);
/// RFC 3339 instant in UTC, "2026-12-01T00:00:00Z", as seconds since 1970-01-01T00:00:00Z.
Parsed<std::int64_t> parse_instant(std::string_view text);

/// "27.4d", "3h12m", "4m5s", "1.34ms": the age style of kubectl, three significant digits.
std::string to_string(Time);
std::string to_string(Bytes);     ///< "22.0GiB"
std::string to_string(Bandwidth); ///< "50.0GB/s"
std::string to_string(FlopRate);  ///< "989TFLOPS"
std::string to_string(Money);     ///< "$3,712,345.12"
std::string to_string(Price);     ///< "$55.0400/h"
std::string to_string(Ratio);     ///< "41.3%"
/// All nine decimals of an amount in dollars, for machines: "3712345.123456789".
std::string exact_dollars(Money);
/// Inverse of parse_instant, seconds resolution.
std::string format_instant(std::int64_t unix_seconds);

} // namespace windtunnel
