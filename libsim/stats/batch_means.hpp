// BatchMeans: the mean of a correlated stationary series (waiting times of one long run), with an
// interval that does not pretend its values are independent.
//
// The series is cut into k batches of b consecutive values; for b well above the correlation time
// the batch means are nearly independent and normal, and
//   mean +- t(confidence, k - 1) sqrt(S / k),   S the variance of the k batch means.
// The batch size chooses itself: it starts at 1, and whenever 64 batches are full they are joined
// in pairs and b doubles. The interval joins pairs once more, which leaves 16 to 31 batches: more
// gain almost nothing once t is paid for, and larger batches are less correlated (Schmeiser, Oper.
// Res. 30(3), 1982). Constant memory, one addition a value.
//
// Whether the run was long enough is tested on the 32 to 63 finer batches, which are more
// correlated than those the interval rests on: von Neumann's ratio
//   C = 1 - sum (Y_i+1 - Y_i)^2 / (2 sum (Y_i - mean)^2),   approx. N(0, (k - 2) / (k^2 - 1))
// under independence (Fishman, Principles of Discrete Event Simulation, 1978) must not show
// positive correlation at the 5 % level. Where it does, `independent` is false and the interval is
// likely too narrow: simulate longer. Remove the warm-up first (warm_up.hpp).
//
//   BatchMeans waits;
//   waits.add(wait_s);
//   if (const auto result = waits.result(); result && result->independent) use(result->mean);
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "libsim/stats/intervals.hpp"

namespace windtunnel::stats {

class BatchMeans {
public:
  struct Result {
    Interval mean; ///< of all values in full batches; at most one value in 16 is left over
    int batches = 0;
    std::int64_t batch_size = 0;
    bool independent = false; ///< no correlation found between batches half that size
  };

  void add(double value);
  std::int64_t count() const { return count_; }
  /// Absent below 32 values.
  std::optional<Result> result(double confidence = 0.95) const;

private:
  static constexpr std::size_t capacity = 64;

  std::int64_t count_ = 0;
  std::int64_t batch_size_ = 1;
  std::vector<double> means_{}; // of full batches
  Tally open_{};                // the batch that is filling
};

} // namespace windtunnel::stats
