// Timing: warm-up, CUDA events around replays of a graph of launches, repeats until the median is
// known to 1 % or time is up.
#pragma once

#include <memory>
#include <vector>

#include "provenance.hpp"
#include "raw_csv.hpp"
#include "subject.hpp"

namespace windtunnel::calibration {

/// Measures what `prepare` made of a case. Throws Unsupported when the result is wrong.
class Timer {
public:
  Timer(Device&, Nvml&, double cap_seconds);
  ~Timer();
  Timer(const Timer&) = delete;
  Timer& operator=(const Timer&) = delete;

  Row measure(const Subject&);

private:
  class Graph;
  /// Seconds of one launch, roughly, from a few of them.
  double rough_seconds(const Subject&);
  /// Fills `samples` with a batch, each the mean over `launches`.
  void take_batch(const Subject&, const Graph*, std::size_t launches, bool flush, int count,
                  std::vector<double>& samples);
  /// Takes batches until the median is known or time is up, and fills the row's numbers.
  void repeat(Row&, const std::function<void(std::vector<double>&)>& batch);

  Device& device_;
  Nvml& nvml_;
  double cap_;
  DeviceBuffer flush_; ///< twice the L2
  std::vector<cudaEvent_t> events_;
  double enqueue_seconds_ = 1e-3; ///< of the last batch, on the host
  std::size_t next_set_ = 0;
  Nvml::Reading reading_; ///< during the last batch
};

} // namespace windtunnel::calibration
