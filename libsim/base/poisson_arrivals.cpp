#include "libsim/base/poisson_arrivals.hpp"

#include <algorithm>
#include <cmath>
#include <iterator>

namespace windtunnel {

PoissonArrivals::PoissonArrivals(std::vector<Piece> pieces, Time period)
    : pieces_(std::move(pieces)), period_(period) {
  if (pieces_.empty()) detail::refuse_parameter("arrivals: number of pieces", "be positive", 0);
  if (!(period_ > Time{}))
    detail::refuse_parameter("arrivals: period (s)", "be positive", period_.seconds());
  Time least;
  for (const Piece& piece : pieces_) {
    detail::require_not_negative("arrivals: per_second", piece.per_second);
    if (piece.start < least || piece.start >= period_)
      detail::refuse_parameter("arrivals: start (s)", "ascend, from 0 and below the period",
                               piece.start.seconds());
    least = piece.start + nanoseconds(1);
  }
  if (repeats()) per_period_ = expected_in_period(period_);
}

double PoissonArrivals::expected_in_period(Time to) const {
  double sum = 0;
  for (std::size_t i = 0; i < pieces_.size() && pieces_[i].start < to; ++i) {
    const Time end = i + 1 < pieces_.size() ? std::min(pieces_[i + 1].start, to) : to;
    sum += pieces_[i].per_second * (end - pieces_[i].start).seconds();
  }
  return sum;
}

double PoissonArrivals::expected(Time from, Time to) const {
  const auto from_zero = [&](Time t) {
    if (!repeats()) return expected_in_period(t);
    return static_cast<double>(t.ns() / period_.ns()) * per_period_ +
           expected_in_period(nanoseconds(t.ns() % period_.ns()));
  };
  return from_zero(to) - from_zero(from);
}

Time PoissonArrivals::next(Time now, RandomStream& random) const {
  if (now < Time{}) detail::refuse_parameter("arrivals: now (s)", "not be negative", now.seconds());
  double left = random.exponential(1); // expected arrivals until the next one
  // Instants stay int64 and sums double: `ahead` is the span walked, in seconds.
  double ahead = 0;
  if (repeats()) {
    if (per_period_ <= 0) return Time::max();
    const double whole = std::floor(left / per_period_);
    ahead = whole * period_.seconds();
    left = std::max(0.0, left - whole * per_period_);
  }
  Time at = repeats() ? nanoseconds(now.ns() % period_.ns()) : now;
  auto piece = std::upper_bound(pieces_.begin(), pieces_.end(), at,
                                [](Time t, const Piece& p) { return t < p.start; });
  for (;;) { // `piece` is the one after the present rate
    const double rate = piece == pieces_.begin() ? 0 : std::prev(piece)->per_second;
    const bool last = piece == pieces_.end();
    if (last && !repeats()) { // the rate holds for ever
      ahead += left / rate;   // infinite for rate 0
      break;
    }
    const double span = ((last ? period_ : piece->start) - at).seconds();
    if (rate > 0 && rate * span >= left) {
      ahead += left / rate;
      break;
    }
    left -= rate * span;
    ahead += span;
    at = last ? Time{} : piece->start;
    piece = last ? pieces_.begin() : piece + 1;
    if (last && piece->start == Time{}) ++piece; // its rate is the present one at once
  }
  constexpr double representable_s = 9.2e9; // of int64 nanoseconds
  if (!(ahead + now.seconds() < representable_s)) return Time::max();
  return now + seconds(ahead);
}

} // namespace windtunnel
