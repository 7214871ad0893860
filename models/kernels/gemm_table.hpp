// GemmTable: what a matrix product costs on one GPU in one number format, from measurements.
//
// Kept is the logarithm of the measured time over a smooth roofline: how far from ideal the kernel
// is at a site (m, n, k). Sites form a grid; nodes that were not measured are filled by the fit
// (gemm_fit.hpp). Between nodes the logarithm is linear in those of m, n and k; outside it is that
// of the edge.
//
// Time does not fall as m grows, as long as measurements allow: from node to node it is made to
// rise by isotonic regression (pool adjacent violators) wherever that moves no node by more than
// twice the measurements' own spread; between nodes it stays between theirs. So an answer at a
// measured site is the measurement within its errors, and a kernel that is truly slower at a
// smaller m (the library chose another one) stays so.
//
// No answer is below the shortest time measured on the table, the floor of a launch.
//
// The band is made of independent parts, in logarithms, their squares added: the spread of one
// measurement at a measured site (else the fit's, on shapes it had not seen); between nodes of an
// axis a Brownian bridge, whose variance is a b / (a + b) at distances a and b from them; outside,
// an amount for every octave. All are learnt from the table's own nodes, by leaving out every other
// one and the outermost octave; gemm_scores.hpp scores them.
#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "models/kernels/kernel_time.hpp"
#include "models/kernels/log_axis.hpp"

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
  /// `off_site` is the band on shapes held out of the fit. Answers of a table carried over from
  /// other GPUs are Basis::transferred. Throws ModelError when an axis is empty or not ascending,
  /// or the sizes do not agree.
  GemmTable(GemmRoofline roofline, GemmGrid grid, LogBand off_site, bool transferred = false);

  /// Allocates nothing. m, n, k > 0.
  KernelTime time(double m, double n, double k) const;
  const GemmGrid& grid() const { return grid_; }
  const GemmRoofline& roofline() const { return roofline_; }
  LogBand off_site() const { return off_site_; }
  /// Band of one measurement: how far log times are from the line through their neighbours in m,
  /// of those between two multiples of 64, where tiles are the same and time hardly grows.
  LogBand spread() const { return spread_; }
  double floor() const { return floor_; } ///< seconds

private:
  void find_spread();
  void smooth_along_m();
  void learn_bands();

  GemmRoofline roofline_;
  GemmGrid grid_;
  LogAxis m_, n_, k_;
  std::vector<float> log_ratio_; ///< smoothed
  LogBand off_site_, spread_;
  struct AxisBands {
    LogBand between;      ///< where the bridge's variance is one
    LogBand below, above; ///< an octave outside
  };
  std::array<AxisBands, 3> bands_{}; ///< m, n, k
  double floor_ = 0;
  bool transferred_;
};

} // namespace windtunnel::kernels
