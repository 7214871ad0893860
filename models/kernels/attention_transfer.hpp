// Attention on a GPU that was never measured: its roofline, and how far its relatives
// (relatives.hpp) are from theirs with the same heads, batch and length.
#pragma once

#include <span>
#include <vector>

#include "models/kernels/attention_json.hpp"
#include "models/kernels/relatives.hpp"
#include "models/kernels/table_score.hpp"

namespace windtunnel::kernels {

/// Tables of one phase, cache format and window.
struct MeasuredAttention {
  const catalog::GpuSpec* gpu = nullptr;
  const AttentionTable* table = nullptr;
};

/// One head shape.
class TransferredAttention {
public:
  TransferredAttention(const AttentionRoofline& roofline, const AttentionShape& shape,
                       std::span<const MeasuredAttention> measured,
                       const std::vector<Relative>& relatives, LogBand band);
  /// Allocates nothing. batch, length > 0.
  KernelTime time(double batch, double length) const;

private:
  struct Source {
    AttentionCurve curve;
    AttentionRoofline roofline;
    double weight;
  };
  AttentionRoofline roofline_;
  AttentionShape shape_;
  std::vector<Source> sources_;
  LogBand band_;
};

/// One head shape of `gpu`, whose roofline is given. Throws ModelError when it has no relative.
TransferredAttention transfer_attention(const catalog::GpuSpec& gpu,
                                        const AttentionRoofline& roofline,
                                        const AttentionShape& shape,
                                        std::span<const MeasuredAttention> measured);

/// The table `measured[held_out]` predicted from the others, on the nodes that all its relatives
/// were measured on.
TableScore score_transfer(std::size_t held_out, std::span<const MeasuredAttention> measured);

} // namespace windtunnel::kernels
