#include "models/kernels/gemm_table.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

#include "libsim/base/error.hpp"
#include "models/kernels/held_out.hpp"

namespace windtunnel::kernels {
namespace {

/// Typical shares of the data sheet's figures, and the cost of one launch.
constexpr double share_of_peak = 0.75, share_of_bandwidth = 0.8, start = 3e-6;
/// Rows of the tiles that kernels work in, or a divisor of them.
constexpr std::int64_t tile_rows = 64;
/// Octaves: nearer nodes lie on the two sides of one tile's edge and tell little of what is
/// between.
constexpr double apart = 0.25;
constexpr std::size_t learnt_nodes = 4096; ///< that interpolation errors are learnt from

/// Sums of the squares of independent bands.
struct LogSquares {
  double low = 0, high = 0;
  void add(const LogBand& band, double variance) {
    low += band.p10 * band.p10 * variance;
    high += band.p90 * band.p90 * variance;
  }
};

LogBand band_of(std::vector<double> logs) {
  std::sort(logs.begin(), logs.end());
  return {std::min(0.0, quantile(logs, 0.1)), std::max(0.0, quantile(logs, 0.9))};
}

/// Pool adjacent violators: `values` made to ascend, in place, where that moves none of them by
/// more than `most`; a fall that is larger stays.
void make_ascend(std::vector<double>& values, const LogBand& most) {
  struct Pool {
    double sum, low, high;
    std::size_t count;
    double mean() const { return sum / static_cast<double>(count); }
  };
  std::vector<Pool> pools;
  for (const double value : values) {
    pools.push_back({value, value, value, 1});
    while (pools.size() > 1) {
      const Pool &a = pools[pools.size() - 2], &b = pools.back();
      if (a.mean() <= b.mean()) break;
      const Pool both{a.sum + b.sum, std::min(a.low, b.low), std::max(a.high, b.high),
                      a.count + b.count};
      if (both.mean() - both.low > most.p90 || both.mean() - both.high < most.p10) break;
      pools.pop_back();
      pools.back() = both;
    }
  }
  auto out = values.begin();
  for (const Pool& pool : pools) out = std::fill_n(out, pool.count, pool.mean());
}

} // namespace

double GemmRoofline::seconds(double m, double n, double k) const {
  const double compute = 2 * m * n * k / (share_of_peak * flops_per_second);
  const double bytes = input_bytes * (m * k + k * n) + output_bytes * m * n;
  const double memory = bytes / (share_of_bandwidth * bytes_per_second);
  return std::cbrt(compute * compute * compute + memory * memory * memory) + start;
}

double GemmRoofline::plain_seconds(double m, double n, double k) const {
  const double bytes = input_bytes * (m * k + k * n) + output_bytes * m * n;
  return std::max(2 * m * n * k / flops_per_second, bytes / bytes_per_second);
}

GemmTable::GemmTable(GemmRoofline roofline, GemmGrid grid, LogBand off_site, bool transferred)
    : roofline_(roofline), grid_(std::move(grid)), m_(grid_.m), n_(grid_.n), k_(grid_.k),
      log_ratio_(grid_.log_ratio), off_site_(off_site), transferred_(transferred) {
  const std::size_t nodes = grid_.m.size() * grid_.n.size() * grid_.k.size();
  if (grid_.log_ratio.size() != nodes || grid_.measured.size() != nodes)
    throw ModelError("a kernel table has another size than its axes");
  find_spread();
  smooth_along_m();
  learn_bands();
}

void GemmTable::find_spread() {
  const std::vector<std::int64_t>& m = grid_.m;
  std::vector<double> logs;
  for (std::size_t i = 1; i + 1 < m.size(); ++i) {
    if ((m[i - 1] - 1) / tile_rows != (m[i + 1] - 1) / tile_rows) continue;
    const double weight =
        static_cast<double>(m[i] - m[i - 1]) / static_cast<double>(m[i + 1] - m[i - 1]);
    // The difference from the line has the variances of all three.
    const double scale = 1 / std::sqrt(1 + weight * weight + (1 - weight) * (1 - weight));
    for (std::size_t shape = 0; shape < grid_.log_ratio.size(); shape += m.size()) {
      const float* const ratio = &grid_.log_ratio[shape + i];
      if (!transferred_ && !(grid_.measured[shape + i - 1] && grid_.measured[shape + i] &&
                             grid_.measured[shape + i + 1]))
        continue;
      const auto at = [&](std::ptrdiff_t step) { return static_cast<double>(ratio[step]); };
      logs.push_back(scale * (at(0) - (1 - weight) * at(-1) - weight * at(1)));
    }
  }
  // Too few neighbours to tell: as wide as off site.
  spread_ = logs.size() < 30 ? off_site_ : band_of(std::move(logs));
}

void GemmTable::smooth_along_m() {
  floor_ = std::numeric_limits<double>::infinity();
  std::vector<double> log_time(grid_.m.size()), smooth;
  std::vector<double> log_ideal(grid_.m.size());
  for (std::size_t i_n = 0; i_n < grid_.n.size(); ++i_n)
    for (std::size_t i_k = 0; i_k < grid_.k.size(); ++i_k) {
      float* const ratio = &log_ratio_[grid_.at(i_n, i_k, 0)];
      for (std::size_t i = 0; i < log_time.size(); ++i) {
        log_ideal[i] = std::log(roofline_.seconds(static_cast<double>(grid_.m[i]),
                                                  static_cast<double>(grid_.n[i_n]),
                                                  static_cast<double>(grid_.k[i_k])));
        log_time[i] = log_ideal[i] + static_cast<double>(ratio[i]);
      }
      smooth = log_time;
      // Twice the band P10-P90 of normal errors holds 99 % of them.
      make_ascend(smooth, {2 * spread_.p10, 2 * spread_.p90});
      for (std::size_t i = 0; i < smooth.size(); ++i) {
        if (smooth[i] != log_time[i]) ratio[i] = static_cast<float>(smooth[i] - log_ideal[i]);
        if (transferred_ || grid_.measured[grid_.at(i_n, i_k, i)])
          floor_ = std::min(floor_, std::exp(log_time[i]));
      }
    }
  if (!std::isfinite(floor_)) floor_ = 0; // nothing measured
}

void GemmTable::learn_bands() {
  const std::array<const LogAxis*, 3> axes{&m_, &n_, &k_};
  const std::array<std::size_t, 3> strides{1, grid_.m.size() * grid_.k.size(), grid_.m.size()};
  const std::size_t every = std::max<std::size_t>(1, log_ratio_.size() / learnt_nodes) | 1U;
  for (std::size_t which = 0; which < 3; ++which) {
    const std::vector<double>& axis = axes[which]->logs();
    const std::size_t stride = strides[which];
    const auto ratio = [&](std::size_t node, std::size_t from, std::size_t to) {
      return static_cast<double>(log_ratio_[node + (to - from) * stride]);
    };
    std::vector<double> bridge;
    for (std::size_t node = 0; node < log_ratio_.size(); node += every) {
      const std::size_t i = node / stride % axis.size();
      std::size_t below = i, above = i;
      while (below > 0 && axis[i] - axis[below] < apart) --below;
      while (above + 1 < axis.size() && axis[above] - axis[i] < apart) ++above;
      const double a = axis[i] - axis[below], b = axis[above] - axis[i];
      if (a < apart || b < apart) continue;
      const double line = (b * ratio(node, i, below) + a * ratio(node, i, above)) / (a + b);
      bridge.push_back((ratio(node, i, i) - line) / std::sqrt(a * b / (a + b)));
    }
    if (!bridge.empty()) bands_[which].between = band_of(std::move(bridge));

    for (const bool high : {false, true}) {
      const std::size_t outer = high ? axis.size() - 1 : 0;
      std::vector<double> edge;
      for (std::size_t inner = 0; inner < axis.size(); ++inner) {
        const double octaves = std::abs(axis[inner] - axis[outer]);
        if (octaves < 1 || octaves > 2) continue;
        for (std::size_t node = 0; node < log_ratio_.size(); ++node)
          if (node / stride % axis.size() == outer)
            edge.push_back((ratio(node, outer, outer) - ratio(node, outer, inner)) / octaves);
      }
      // Nowhere an octave to learn from: the band again with every octave.
      (high ? bands_[which].above : bands_[which].below) =
          edge.empty() ? off_site_ : band_of(std::move(edge));
    }
  }
}

KernelTime GemmTable::time(double m, double n, double k) const {
  const LogAxis::Place in_m = m_.find(m), in_n = n_.find(n), in_k = k_.find(k);
  const bool between_n = in_n.weight > 0, between_k = in_k.weight > 0, between_m = in_m.weight > 0;
  const auto along_shapes = [&](std::size_t i_m) {
    const auto along_k = [&](std::size_t i_n) {
      const std::size_t node = grid_.at(i_n, in_k.low, i_m);
      const auto low = static_cast<double>(log_ratio_[node]);
      if (!between_k) return low;
      return low + in_k.weight * (static_cast<double>(log_ratio_[node + grid_.m.size()]) - low);
    };
    const double low = along_k(in_n.low);
    return between_n ? low + in_n.weight * (along_k(in_n.low + 1) - low) : low;
  };
  const double low = along_shapes(in_m.low);
  double seconds = 0;
  if (!between_m) {
    seconds = roofline_.seconds(m, n, k) * std::exp(low);
  } else {
    const double high = along_shapes(in_m.low + 1);
    seconds = roofline_.seconds(m, n, k) * std::exp(low + in_m.weight * (high - low));
    if (high < low) { // the line sags below its ends: no less than the smaller of the two
      const auto end = [&](std::size_t i, double log_ratio) {
        return roofline_.seconds(static_cast<double>(grid_.m[i]), n, k) * std::exp(log_ratio);
      };
      seconds = std::max(seconds, std::min(end(in_m.low, low), end(in_m.low + 1, high)));
    }
  }
  seconds = std::max(seconds, floor_);

  const bool measured = grid_.measured[grid_.at(in_n.low, in_k.low, in_m.low)];
  LogSquares band;
  band.add(measured ? spread_ : off_site_, 1);
  const auto add = [&](const LogAxis::Place& place, const LogAxis& axis, const AxisBands& of) {
    if (place.weight > 0)
      band.add(of.between, place.weight * (1 - place.weight) *
                               (axis.logs()[place.low + 1] - axis.logs()[place.low]));
    if (place.below > 0) band.add(of.below, place.below * place.below);
    if (place.above > 0) band.add(of.above, place.above * place.above);
  };
  add(in_m, m_, bands_[0]);
  add(in_n, n_, bands_[1]);
  add(in_k, k_, bands_[2]);

  Basis basis = Basis::interpolated;
  if (transferred_)
    basis = Basis::transferred;
  else if (in_m.outside() || in_n.outside() || in_k.outside())
    basis = Basis::extrapolated;
  else if (measured && !between_m && !between_n && !between_k)
    basis = Basis::exact;
  return {seconds, std::max(seconds * std::exp(-std::sqrt(band.low)), floor_),
          seconds * std::exp(std::sqrt(band.high)), basis};
}

} // namespace windtunnel::kernels
