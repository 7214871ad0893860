// The graphs of scaled dot-product attention that cuDNN's flash kernels are chosen for.
#pragma once

#include "../cudnn_graph.hpp"

namespace windtunnel::calibration {

/// Queries, keys and values in bf16. Keys and values of fewer heads are shared (GQA).
struct AttentionShape {
  std::int64_t batch = 0, heads = 0, kv_heads = 0, q_len = 0, kv_len = 0, dim = 0;
  bool causal = false; ///< the last query sees all keys, each before it one less
};

/// O = softmax(scale Q K' + mask) V.
struct AttentionForward {
  CudnnGraph graph;
  CudnnGraph::Tensor q = 0, k = 0, v = 0, o = 0;
  CudnnGraph::Tensor stats = 0; ///< log of the sum of exp of each row, for training; else 0
  // Of a paged cache; else 0.
  CudnnGraph::Tensor q_lengths = 0, kv_lengths = 0, page_table_k = 0, page_table_v = 0;
};

/// Tensors of [batch][length][head][dim] in memory; with `training` also the statistics of
/// [batch][head][length].
void build_attention_forward(AttentionForward&, const AttentionShape&, bool training, float scale);

/// One query a sequence; containers of [page][head][place][dim], page tables of [sequence][pages].
/// kv_len is the longest.
void build_paged_attention(AttentionForward&, const AttentionShape&, std::int64_t page_count,
                           std::int64_t page, float scale);

/// dQ, dK, dV from dO. `q_sum` (fp32 of dQ's size, [batch][head][length][dim]) and `row_sum` (fp32
/// of the statistics' size) are memory it works in.
struct AttentionBackward {
  CudnnGraph graph;
  CudnnGraph::Tensor q = 0, k = 0, v = 0, o = 0, d_o = 0, stats = 0, d_q = 0, d_k = 0, d_v = 0;
  CudnnGraph::Tensor q_sum = 0, row_sum = 0;
};
void build_attention_backward(AttentionBackward&, const AttentionShape&, float scale);

} // namespace windtunnel::calibration
