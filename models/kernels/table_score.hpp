// TableScore: how far what a table says is off what was measured, and how often its band holds it.
#pragma once

#include <cstddef>
#include <vector>

#include "models/kernels/held_out.hpp"
#include "models/kernels/kernel_time.hpp"

namespace windtunnel::kernels {

struct TableScore {
  FitErrors model, roofline; ///< roofline: max(flops / peak, bytes / bandwidth)
  double covered = 0;        ///< share of the measurements within P10-P90
  std::size_t sites = 0;     ///< shapes with a measurement
};

/// Predictions beside measurements, all in seconds.
class ScoredRows {
public:
  void add(const KernelTime& predicted, double roofline, double measured);
  /// Of these rows.
  TableScore score(std::size_t sites) const;

private:
  std::vector<double> model_, roofline_;
  double covered_ = 0;
};

} // namespace windtunnel::kernels
