// GemmTable: what a matrix product costs on one GPU in one number format, from measurements.
//
// Kept is the logarithm of the measured time over a smooth roofline: how far from ideal the kernel
// is at a site (m, n, k). Sites form a grid; nodes that were not measured are filled by the fit
// (gemm_fit.hpp). Between nodes the logarithm is linear in those of m, n and k; outside it is that
// of the edge. So an answer at a measured site is the measurement.
#pragma once

#include <cstdint>
#include <vector>

namespace windtunnel::kernels {

/// t = ((flops / peak)^3 + (bytes / bandwidth)^3)^(1/3) + start: the shape of a GEMM's cost, from
/// the data sheet. Shares of the peaks and the start are typical ones; the table corrects them.
struct GemmRoofline {
  double flops_per_second = 0; ///< dense peak at the format
  double bytes_per_second = 0; ///< memory
  double input_bytes = 2;      ///< of an element of A and B
  double output_bytes = 2;     ///< of an element of C
  /// Seconds; m, n, k > 0.
  double seconds(double m, double n, double k) const;
  /// The textbook one, max(flops / peak, bytes / bandwidth), to compare with.
  double plain_seconds(double m, double n, double k) const;
};

/// What an answer stands on.
enum class Basis { exact, interpolated, extrapolated };
const char* to_string(Basis);

struct GemmTime {
  double seconds = 0;
  double p10 = 0, p90 = 0; ///< by the errors on shapes held out of the fit
  Basis basis = Basis::exact;
};

/// The grid and what is known on it.
struct GemmGrid {
  std::vector<std::int64_t> m, n, k; ///< ascending
  /// log(measured / roofline), [n][k][m]; nodes that were not measured are filled.
  std::vector<float> log_ratio;
  std::vector<bool> measured; ///< the same order
  std::size_t at(std::size_t i_n, std::size_t i_k, std::size_t i_m) const {
    return (i_n * k.size() + i_k) * m.size() + i_m;
  }
};

class GemmTable {
public:
  /// `p10` and `p90` are quantiles of log(measured / predicted) on shapes held out. Throws
  /// ModelError when an axis is empty or not ascending, or the sizes do not agree.
  GemmTable(GemmRoofline roofline, GemmGrid grid, double p10, double p90);

  /// Allocates nothing. m, n, k > 0.
  GemmTime time(double m, double n, double k) const;
  const GemmGrid& grid() const { return grid_; }
  const GemmRoofline& roofline() const { return roofline_; }

private:
  GemmRoofline roofline_;
  GemmGrid grid_;
  std::vector<double> log_m_, log_n_, log_k_;
  double p10_, p90_;
};

} // namespace windtunnel::kernels
