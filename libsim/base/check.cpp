#include "libsim/base/check.hpp"

#include <cstdio>
#include <cstdlib>

namespace windtunnel::detail {

void check_failed(const char* condition, const char* message, const char* file, int line) {
  std::fprintf(stderr, "windtunnel bug: %s:%d: %s: (%s) is false; please report it\n", file, line,
               message, condition);
  std::abort();
}

} // namespace windtunnel::detail
