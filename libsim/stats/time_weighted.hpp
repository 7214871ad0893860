// TimeWeighted: a level that changes in steps over simulated time (queue length, busy GPUs, nodes
// held), its time integral and average.
//
//   integral(now) = sum of level x span it was held,   average(now) = integral(now) / span
//
// The integral is exact: spans are whole nanoseconds and products are summed without rounding
// (ExactSum), so it does not depend on how often the level was set and adding up monitors gives
// what one monitor of the sum would. reset(now) forgets everything before now but the level: the
// end of the warm-up. The level holds from its instant onward, and a level held for no time has no
// weight, though it counts for minimum and maximum. An instant before the last one and a
// level that is not finite throw ModelError.
//
//   TimeWeighted queue(sim.now(), 0);
//   queue.add(sim.now(), +1);
//   queue.reset(warm_up_end);
//   double mean_length = queue.average(sim.now());
#pragma once

#include "libsim/base/units.hpp"
#include "libsim/stats/exact_sum.hpp"

namespace windtunnel::stats {

class TimeWeighted {
public:
  explicit TimeWeighted(Time start = {}, double level = 0);
  void set(Time now, double level);
  void add(Time now, double change) { set(now, level_ + change); }
  void reset(Time now); ///< averages start here, at the present level

  double level() const { return level_; }
  Time span(Time now) const;       ///< since start or reset
  double integral(Time now) const; ///< level x seconds
  double average(Time now) const;  ///< the present level when the span is zero
  double minimum() const { return minimum_; }
  double maximum() const { return maximum_; }

private:
  void require_not_before_last(Time now) const;
  ExactSum area(Time now) const; ///< level x nanoseconds

  Time start_, last_;
  double level_, minimum_, maximum_;
  ExactSum area_; // up to last_
};

} // namespace windtunnel::stats
