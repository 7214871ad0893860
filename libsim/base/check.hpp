// WT_CHECK(condition, "message"): an assertion for our own bugs, on in every build. Input must
// never reach one: bad input is an InputError, an impossible request a ModelError.
#pragma once

#include <source_location>

namespace windtunnel::detail {
[[noreturn]] void check_failed(const char* condition, const char* message,
                               std::source_location where = std::source_location::current());
}

#define WT_CHECK(condition, message)                                                               \
  do {                                                                                             \
    if (!(condition)) [[unlikely]]                                                                 \
      ::windtunnel::detail::check_failed(#condition, message);                                     \
  } while (false)
