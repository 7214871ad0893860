// Any text as each kind of unit string: a value, printed without a fault, or a sentence.
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "libsim/base/unit_strings.hpp"

namespace {

/// What was parsed can be printed, and is neither negative nor NaN; a complaint says something.
template <class T> void expect(const windtunnel::Parsed<T>& parsed) {
  if (!parsed) {
    if (parsed.error().empty()) std::abort();
  } else if constexpr (std::is_same_v<T, double>) {
    if (!(*parsed >= 0)) std::abort();
  } else if constexpr (std::is_same_v<T, std::int64_t>) {
    if (windtunnel::parse_instant(windtunnel::format_instant(*parsed)) != *parsed) std::abort();
  } else {
    if (!(parsed->raw() >= 0) || to_string(*parsed).empty()) std::abort();
  }
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace windtunnel;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  expect(parse_time(text));
  expect(parse_bytes(text));
  expect(parse_bandwidth(text));
  expect(parse_flop_rate(text));
  expect(parse_money(text));
  expect(parse_price(text));
  expect(parse_ratio(text));
  expect(parse_count(text));
  expect(parse_instant(text));
  return 0;
}
