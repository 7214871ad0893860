// AttentionTable: what an attention kernel costs on one GPU, in one phase, with one number format
// of the cache and one window, from measurements.
//
// Kept is the logarithm of the measured time over a smooth roofline for each head shape (query
// heads, key-value heads, elements a head) that was measured, on a grid of batch and length. A
// head shape that was not measured is predicted from those that were (attention_kriging.hpp). An
// AttentionCurve is what is known of one head shape: made once a model, asked many times.
#pragma once

#include <cstdint>
#include <vector>

#include "models/kernels/attention_kriging.hpp"
#include "models/kernels/attention_samples.hpp"
#include "models/kernels/kernel_time.hpp"
#include "models/kernels/log_axis.hpp"

namespace windtunnel::kernels {

/// t = ((flops / peak)^3 + (bytes / bandwidth)^3)^(1/3) + start. The two matrix products of
/// attention do 4 x head_dim floating-point operations for each query head and pair of a query and
/// a token it attends to: length (length + 1) / 2 pairs a sequence in causal prefill, length in
/// decode, fewer with a window. Tiles are 128 x 128: those at the edges are computed whole. Keys
/// and values of a key-value head are read once for all its query heads. Shares of the peaks and
/// the start are typical ones; the table corrects them.
struct AttentionRoofline {
  AttentionPhase phase = AttentionPhase::prefill;
  double flops_per_second = 0; ///< dense peak in 16 bits
  double bytes_per_second = 0; ///< memory
  double cache_bytes = 2;      ///< of an element of keys and values
  std::int64_t window = 0;     ///< tokens a query attends to at most; 0: all before it
  /// Seconds; batch, length > 0.
  double seconds(const AttentionShape&, double batch, double length) const;
  /// The textbook one, max(flops / peak, bytes / bandwidth) without tiles, to compare with.
  double plain_seconds(const AttentionShape&, double batch, double length) const;

private:
  /// Pairs of a query and a token it attends to, over the queries.
  double keys_a_query(double length) const;
  double bytes(const AttentionShape&, double batch, double length) const;
};

/// One head shape. Between nodes the log ratio is linear in the logarithms of batch and length, in
/// prefill along lines of as many tokens, batch x length, since those fill the GPU alike. Outside
/// the grid it is that of the edge. So an answer at a measured node is the measurement.
class AttentionCurve {
public:
  /// Allocates nothing. batch, length > 0.
  KernelTime time(double batch, double length) const;

private:
  friend class AttentionTable;
  enum class Node : std::uint8_t { measured, filled, beyond };
  AttentionCurve(const AttentionRoofline& roofline, const AttentionShape& shape, LogAxis batch,
                 LogAxis length)
      : roofline_(roofline), shape_(shape), batch_(std::move(batch)), length_(std::move(length)) {}
  /// Along the batches at one length; `worst` becomes the least known node, `on_node` stays true on
  /// a node.
  double at_length(std::size_t i_length, double batch, Node& worst, bool& on_node) const;
  AttentionRoofline roofline_;
  AttentionShape shape_;
  LogAxis batch_, length_;
  std::vector<float> log_ratio_; ///< [batch][length]
  std::vector<Node> nodes_;      ///< the same order
  double p10_ = 0, p90_ = 0;
};

class AttentionTable {
public:
  /// `p10` and `p90` are quantiles of log(measured / predicted) on head shapes held out. Throws
  /// ModelError when an axis is empty or not ascending, the shapes are not in order, or the sizes
  /// do not agree.
  AttentionTable(AttentionRoofline roofline, AttentionGrid grid, double p10, double p90);

  /// Throws ModelError unless all are positive and the key-value heads divide the heads.
  AttentionCurve curve(const AttentionShape&) const;
  const AttentionGrid& grid() const { return grid_; }
  const AttentionRoofline& roofline() const { return roofline_; }
  /// Log ratios of a head shape by its likeness to all that were measured, itself included, on all
  /// nodes [batch][length] where any was; NaN elsewhere.
  std::vector<double> smoothed(const AttentionShape&) const;

private:
  AttentionRoofline roofline_;
  AttentionGrid grid_;
  LogAxis batch_, length_;
  AttentionKriging kriging_;
  double p10_, p90_;
};

} // namespace windtunnel::kernels
