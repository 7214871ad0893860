// KernelTime: what a table answers: a time, its band, and what it stands on.
#pragma once

namespace windtunnel::kernels {

/// A measurement of this very site, those around it, those at the edge of what was measured, or
/// those of other GPUs.
enum class Basis { exact, interpolated, extrapolated, transferred };
const char* to_string(Basis);

struct KernelTime {
  double seconds = 0;
  double p10 = 0, p90 = 0; ///< of what a measurement would give
  Basis basis = Basis::exact;
};

/// Quantiles of log(measured / predicted).
struct LogBand {
  double p10 = 0, p90 = 0;
};

} // namespace windtunnel::kernels
