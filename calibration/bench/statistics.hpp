// The median of repeats and how sure it is.
#pragma once

#include <cstddef>
#include <vector>

namespace windtunnel::calibration {

struct Summary {
  double median = 0, min = 0, p95 = 0;
  /// Half the width of the 95 % interval of the median, over the median. Infinite for fewer than
  /// six samples, which hold no such interval.
  double ci = 0;
  std::size_t repeats = 0;
};

/// Distribution-free: the interval is that between the order statistics whose ranks a fair coin
/// thrown `n` times leaves outside with less than 2.5 % on each side. Throws std::invalid_argument
/// for no samples.
Summary summarize(std::vector<double> samples);

} // namespace windtunnel::calibration
