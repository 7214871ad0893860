// WT_CHECK(condition, "message"): an assertion for our own bugs, on in every build. Input must
// never reach one: bad input is an InputError, an impossible request a ModelError.
#pragma once

namespace windtunnel::detail {
[[noreturn]] void check_failed(const char* condition, const char* message, const char* file,
                               int line);
}

#define WT_CHECK(condition, message)                                                               \
  do {                                                                                             \
    if (!(condition)) [[unlikely]]                                                                 \
      ::windtunnel::detail::check_failed(#condition, message, __FILE__, __LINE__);                 \
  } while (false)
