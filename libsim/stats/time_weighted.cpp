#include "libsim/stats/time_weighted.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "libsim/base/error.hpp"

namespace windtunnel::stats {
namespace {

double finite(double level) {
  if (!std::isfinite(level)) throw ModelError(fmt::format("a level of {} over time", level));
  return level;
}

} // namespace

TimeWeighted::TimeWeighted(Time start, double level)
    : start_(start), last_(start), level_(finite(level)), minimum_(level), maximum_(level) {}

void TimeWeighted::set(Time now, double level) {
  require_not_before_last(now);
  finite(level);
  area_.add(level_, (now - last_).ns());
  last_ = now;
  level_ = level;
  minimum_ = std::min(minimum_, level);
  maximum_ = std::max(maximum_, level);
}

void TimeWeighted::reset(Time now) {
  require_not_before_last(now);
  *this = TimeWeighted(now, level_);
}

Time TimeWeighted::span(Time now) const {
  require_not_before_last(now);
  return now - start_;
}

double TimeWeighted::integral(Time now) const { return area(now).value() / 1e9; }

double TimeWeighted::average(Time now) const {
  const Time held = span(now);
  if (held == Time{}) return level_;
  return area(now).value() / static_cast<double>(held.ns());
}

ExactSum TimeWeighted::area(Time now) const {
  require_not_before_last(now);
  ExactSum area = area_;
  area.add(level_, (now - last_).ns());
  return area;
}

void TimeWeighted::require_not_before_last(Time now) const {
  if (now < last_)
    throw ModelError(fmt::format("a time-weighted level was asked about {} ns after {} ns",
                                 now.ns(), last_.ns()));
}

} // namespace windtunnel::stats
