// PoissonArrivals: arrival times of a Poisson process whose rate is a step function of time.
//
// The daily curve of requests, a burst, a maintenance window. Exact, by the change of time: the
// arrivals of the process, counted by expected arrivals instead of by the clock, are one unit
// exponential apart; no thinning, so a burst costs nothing elsewhere. A draw visits the pieces
// between two arrivals; whole periods without one are skipped at once.
//
// Contract: the rate is 0 before the first piece; each piece holds until the next, the last one for
// ever, or, with a period, until the pieces start again. next(now) is the first arrival after now:
// never before it, and equal to it only when the gap rounds to 0 ns; Time::max() when there is none
// within representable time. It keeps no state: interleave, copy and replay as you please.
//
//   const PoissonArrivals day({{0_h, 2.0}, {8_h, 20.0}, {18_h, 2.0}}, 24_h); // a second
//   for (Time t = day.next({}, random); t < end; t = day.next(t, random)) ...
#pragma once

#include <vector>

#include "libsim/base/random.hpp"
#include "libsim/base/units.hpp"

namespace windtunnel {

class PoissonArrivals {
public:
  struct Piece {
    Time start;
    double per_second; ///< arrivals, from `start` on
  };
  /// At least one piece; starts ascend from 0 or later and lie below `period`; else ModelError.
  explicit PoissonArrivals(std::vector<Piece> pieces, Time period = Time::max());

  Time next(Time now, RandomStream& random) const;
  double expected(Time from, Time to) const; ///< mean number of arrivals in (from, to], from >= 0

private:
  bool repeats() const { return period_ != Time::max(); }
  double expected_in_period(Time to) const; ///< from 0 to `to` <= period

  std::vector<Piece> pieces_;
  Time period_;
  double per_period_ = 0; ///< expected arrivals in one period
};

} // namespace windtunnel
