#include "libsim/base/check.hpp"

#include <cstdio>
#include <cstdlib>

namespace windtunnel::detail {

void check_failed(const char* condition, const char* message, std::source_location where) {
  std::fprintf(stderr, "windtunnel bug: %s:%u: %s: (%s) is false; please report it\n",
               where.file_name(), static_cast<unsigned>(where.line()), message, condition);
  std::abort();
}

} // namespace windtunnel::detail
