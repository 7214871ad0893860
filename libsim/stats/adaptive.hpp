// replicate_until(): replications until an interval is as narrow as asked.
//
// The sequential procedure of Chow and Robbins (Ann. Math. Statist. 36(2), 1965): run `minimum`
// replications, then `batch` more at a time, until the half-width meets every target given or
// `maximum` is reached. A relative target g is met when half-width <= g / (1 + g) |estimate|, which
// bounds the error relative to the true value by g (Law, Simulation Modeling and Analysis, 9.4.1).
// Coverage reaches the confidence as the target shrinks; stopping early on a small variance by
// chance costs some of it, so keep `minimum` at 30 or more.
//
// Batches have fixed sizes and replication i is run(i) whatever came before, so results, interval
// and count depend neither on the number of threads nor on their speed. Failures and stops are
// those of replicate(); progress() is told `maximum` as the total.
//
//   const auto waits = replicate_until<double>(
//       {.relative = 0.02}, {}, [&](int i) { return simulate(seed, i); },
//       [](const std::vector<double>& all) { return mean_interval(all); });
//   if (!waits.reached) warn(waits.interval.half_width());
#pragma once

#include <algorithm>
#include <iterator>
#include <optional>
#include <utility>
#include <vector>

#include "libsim/stats/intervals.hpp"
#include "libsim/stats/replications.hpp"

namespace windtunnel::stats {

/// Targets for the half-width, and how many replications may be spent on them.
struct Precision {
  std::optional<double> absolute{}; ///< in the unit of the estimate
  std::optional<double> relative{}; ///< of the estimate, in (0, 1)
  int minimum = 32, batch = 32, maximum = 10'000;
};

/// Throws ModelError unless there is a target, targets and counts are positive, 2 <= minimum <=
/// maximum.
void require_valid(const Precision& precision);

/// Whether the interval meets all targets.
bool meets(const Interval& interval, const Precision& precision);

template <class T> struct AdaptiveReplications {
  std::vector<T> results;
  Interval interval;
  bool reached = false; ///< false: `maximum` came first
};

/// `measure(results)` gives the Interval from all results so far: a mean, a quantile, a ratio.
template <class T, class Run, class Measure>
AdaptiveReplications<T> replicate_until(const Precision& precision,
                                        const ReplicationOptions& options, Run&& run,
                                        Measure&& measure) {
  require_valid(precision);
  AdaptiveReplications<T> all;
  int count = 0, more = precision.minimum;
  ReplicationOptions batch_options = options;
  if (options.progress)
    batch_options.progress = [&](int done, int) {
      options.progress(count + done, precision.maximum);
    };
  while (true) {
    std::vector<T> batch = replicate_from<T>(count, more, batch_options, run);
    std::move(batch.begin(), batch.end(), std::back_inserter(all.results));
    count += more;
    all.interval = measure(std::as_const(all.results));
    all.reached = meets(all.interval, precision);
    more = std::min(precision.batch, precision.maximum - count);
    if (all.reached || more == 0) return all;
  }
}

} // namespace windtunnel::stats
