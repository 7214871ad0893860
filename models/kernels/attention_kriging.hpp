// Kriging of attention kernels: head shapes that were not measured from those that were.
//
// Flash-attention kernels give one block of threads the query rows of all heads that share a
// key-value head ("packed" grouped queries), so a launch is batch x key-value heads blocks, of rows
// that grow with the group (heads / key-value heads). Launches of equal count and group cost nearly
// the same whatever batch and heads their count is the product of: 24 query and 8 key-value heads
// in a batch of 2 are 48 and 16 in a batch of 1. So launches are alike by their distances, in
// octaves, in the count of blocks or of query heads, the group, the batch alone (what is done once
// a sequence) and the head dimension.
//
// Ordinary kriging (Gaussian-process regression about an unknown mean) of the log ratio to the
// roofline from the most alike measurements of the same length: Rasmussen and Williams, Gaussian
// Processes for Machine Learning, section 2.7. The distances were chosen once, by the errors on
// held-out head shapes of the H100 with split seed 0, and are the same for every GPU and format.
#pragma once

#include <cstdint>
#include <vector>

#include "models/kernels/attention_samples.hpp"

namespace windtunnel::kernels {

/// What was measured: head shapes, each on the nodes of batch and length.
struct AttentionGrid {
  std::vector<std::int64_t> batch, length; ///< ascending
  std::vector<AttentionShape> shapes;      ///< ascending
  /// log(measured / roofline), [shape][batch][length]; NaN where it was not measured.
  std::vector<float> log_ratio;
  std::size_t at(std::size_t shape, std::size_t i_batch, std::size_t i_length) const {
    return (shape * batch.size() + i_batch) * length.size() + i_length;
  }
};

class AttentionKriging {
public:
  /// A launch, by the logarithms of what it is alike in.
  struct Launch {
    double blocks = 0, group = 0, batch = 0, head_dim = 0;
  };
  AttentionKriging(const AttentionGrid& grid, AttentionPhase phase);

  struct Node {
    double log_ratio = 0;
    bool inside =
        false; ///< of the span of blocks, groups and head dimensions measured at the length
  };
  /// Predictions for a head shape, [batch][length]; NaN where no shape was measured on the node.
  std::vector<Node> predict(const AttentionGrid& grid, const AttentionShape& shape) const;

private:
  /// Lengths at which the same launches were measured.
  struct Columns {
    std::vector<std::size_t> lengths, launches;
    Launch low, high; ///< the ends of their span
  };
  double covariance(const Launch& a, const Launch& b) const;
  void solve(const AttentionGrid& grid, const Columns& columns, const Launch& target,
             std::vector<Node>& row) const;

  AttentionPhase phase_;
  std::vector<Launch> launches_; ///< [shape][batch]
  std::vector<Columns> columns_;
};

} // namespace windtunnel::kernels
