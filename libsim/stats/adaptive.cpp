#include "libsim/stats/adaptive.hpp"

#include <fmt/format.h>

#include <cmath>

#include "libsim/base/error.hpp"

namespace windtunnel::stats {

void require_valid(const Precision& p) {
  if (!p.absolute && !p.relative)
    throw ModelError("replications until a precision need a target: absolute or relative");
  if (p.absolute && !(*p.absolute > 0))
    throw ModelError(fmt::format("an absolute half-width of {} is not above 0", *p.absolute));
  if (p.relative && !(*p.relative > 0 && *p.relative < 1))
    throw ModelError(fmt::format("a relative half-width of {} is not inside (0, 1)", *p.relative));
  if (p.minimum < 2 || p.batch < 1 || p.maximum < p.minimum)
    throw ModelError(
        fmt::format("{} to {} replications, {} at a time", p.minimum, p.maximum, p.batch));
}

bool meets(const Interval& interval, const Precision& p) {
  const double half = interval.half_width();
  if (!std::isfinite(half)) return false;
  if (p.absolute && !(half <= *p.absolute)) return false;
  return !p.relative || half <= *p.relative / (1 + *p.relative) * std::abs(interval.estimate);
}

} // namespace windtunnel::stats
