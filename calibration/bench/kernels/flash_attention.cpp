// cuDNN recognises attention by the operations it is made of, so these are in the form, with the
// number formats and virtual tensors, that its documentation gives for the fused patterns.
#include "flash_attention.hpp"

#include <limits>

namespace windtunnel::calibration {
namespace {

using Tensor = CudnnGraph::Tensor;
constexpr cudnnDataType_t bf16 = CUDNN_DATA_BFLOAT16, fp32 = CUDNN_DATA_FLOAT,
                          int32 = CUDNN_DATA_INT32, boolean = CUDNN_DATA_BOOLEAN;

/// [batch][length][head][dim] seen as batch, head, length, dim; and the same with the last two
/// exchanged.
Dims strides_of(std::int64_t length, std::int64_t heads, std::int64_t dim) {
  return {length * heads * dim, dim, heads * dim, 1};
}
Dims transposed(Dims d) {
  std::swap(d[2], d[3]);
  return d;
}

/// What a masked score becomes; before cuDNN 9.10 its kernels expect the lowest number.
float masked() {
  return cudnnGetVersion() < 91000 ? std::numeric_limits<float>::lowest()
                                   : -std::numeric_limits<float>::infinity();
}

/// The scores, batch x heads x q_len x kv_len, and what is as large.
struct Scores {
  CudnnGraph& graph;
  Dims dims, strides, row_dims, row_strides;
  Scores(CudnnGraph& g, const AttentionShape& s)
      : graph(g), dims{s.batch, s.heads, s.q_len, s.kv_len}, strides{s.heads * s.q_len * s.kv_len,
                                                                     s.q_len * s.kv_len, s.kv_len,
                                                                     1},
        row_dims{s.batch, s.heads, s.q_len, 1}, row_strides{s.heads * s.q_len, s.q_len, 1, 1} {}
  Tensor make(cudnnDataType_t type = fp32) const { return graph.intermediate(type, dims, strides); }
  Tensor make_row() const { return graph.intermediate(fp32, row_dims, row_strides); }
  Tensor apply(cudnnPointwiseMode_t mode, Tensor x, Tensor b = 0) const {
    const Tensor out = make();
    graph.pointwise(mode, fp32, out, x, b);
    return out;
  }
};

/// -inf where the key lies after the query.
Tensor causal_mask(const Scores& scores, const AttentionShape& s, Tensor x) {
  CudnnGraph& graph = scores.graph;
  Tensor row = scores.make(int32);
  const Tensor column = scores.make(int32);
  graph.index(2, fp32, row, x);
  graph.index(3, fp32, column, x);
  if (s.q_len != s.kv_len) { // the queries are the last ones
    const Tensor moved = scores.make(int32), place = scores.make(int32);
    graph.pointwise(CUDNN_POINTWISE_ADD, int32, moved, row,
                    graph.scalar(static_cast<std::int32_t>(s.kv_len)));
    graph.pointwise(CUDNN_POINTWISE_SUB, int32, place, moved,
                    graph.scalar(static_cast<std::int32_t>(s.q_len)));
    row = place;
  }
  const Tensor seen = scores.make(boolean), out = scores.make();
  graph.pointwise(CUDNN_POINTWISE_CMP_GE, boolean, seen, row, column);
  graph.pointwise(CUDNN_POINTWISE_BINARY_SELECT, fp32, out, x, graph.scalar(masked()), seen);
  return out;
}

/// -inf past the end of each sequence.
Tensor padding_mask(const Scores& scores, Tensor x, Tensor q_lengths, Tensor kv_lengths) {
  CudnnGraph& graph = scores.graph;
  const Tensor row = scores.make(int32), column = scores.make(int32);
  const Tensor row_in = scores.make(boolean), column_in = scores.make(boolean);
  const Tensor in = scores.make(boolean), out = scores.make();
  graph.index(2, int32, row, x);
  graph.index(3, int32, column, x);
  graph.pointwise(CUDNN_POINTWISE_CMP_LT, boolean, row_in, row, q_lengths);
  graph.pointwise(CUDNN_POINTWISE_CMP_LT, boolean, column_in, column, kv_lengths);
  graph.pointwise(CUDNN_POINTWISE_LOGICAL_AND, boolean, in, row_in, column_in);
  graph.pointwise(CUDNN_POINTWISE_BINARY_SELECT, fp32, out, x, graph.scalar(masked()), in);
  return out;
}

/// Softmax of the rows in bf16; `stats` takes the log of the sum of exp.
Tensor softmax(const Scores& scores, Tensor x, Tensor stats) {
  CudnnGraph& graph = scores.graph;
  const Tensor max = scores.make_row(), sum = scores.make_row(), log = scores.make_row();
  graph.reduction(CUDNN_REDUCE_TENSOR_MAX, max, x);
  const Tensor less = scores.apply(CUDNN_POINTWISE_SUB, x, max);
  const Tensor exp = scores.apply(CUDNN_POINTWISE_EXP, less);
  graph.reduction(CUDNN_REDUCE_TENSOR_ADD, sum, exp);
  graph.pointwise(CUDNN_POINTWISE_LOG, fp32, log, sum);
  graph.pointwise(CUDNN_POINTWISE_ADD, fp32, stats, max, log);
  const Tensor out = scores.make(bf16);
  graph.pointwise(CUDNN_POINTWISE_DIV, fp32, out, exp, sum);
  return out;
}

} // namespace

void build_attention_forward(AttentionForward& a, const AttentionShape& s, bool training,
                             float scale) {
  CudnnGraph& graph = a.graph;
  const Scores scores(graph, s);
  const Dims kv{s.batch, s.kv_heads, s.kv_len, s.dim}, q{s.batch, s.heads, s.q_len, s.dim};
  const Dims kv_strides = strides_of(s.kv_len, s.kv_heads, s.dim);
  const Dims q_strides = strides_of(s.q_len, s.heads, s.dim);
  a.q = graph.tensor(bf16, q, q_strides);
  a.k = graph.tensor(bf16, transposed(kv), transposed(kv_strides));
  a.v = graph.tensor(bf16, kv, kv_strides);
  a.o = graph.tensor(bf16, q, q_strides);
  if (training) a.stats = graph.tensor(fp32, scores.row_dims, scores.row_strides);

  const Tensor product = scores.make();
  graph.matmul(a.q, a.k, product, {});
  Tensor last = scores.apply(CUDNN_POINTWISE_MUL, product, graph.scalar(scale));
  if (s.causal) last = causal_mask(scores, s, last);
  const Tensor weights = softmax(scores, last, training ? a.stats : scores.make_row());
  graph.matmul(weights, a.v, a.o, {});
}

void build_paged_attention(AttentionForward& a, const AttentionShape& s, std::int64_t page_count,
                           std::int64_t page, float scale) {
  CudnnGraph& graph = a.graph;
  const Scores scores(graph, s);
  const std::int64_t pages = (s.kv_len + page - 1) / page;
  const Dims q{s.batch, s.heads, 1, s.dim}, q_strides{s.heads * s.dim, s.dim, s.dim, 1};
  const Dims container{page_count, s.kv_heads, page, s.dim};
  const Dims container_strides{s.kv_heads * page * s.dim, page * s.dim, s.dim, 1};
  const Dims table{s.batch, 1, pages, 1}, table_strides{pages, pages, 1, 1};
  a.q = graph.tensor(bf16, q, q_strides);
  a.o = graph.tensor(bf16, q, q_strides);
  a.k = graph.tensor(bf16, container, container_strides);
  a.v = graph.tensor(bf16, container, container_strides);
  a.page_table_k = graph.tensor(int32, table, table_strides);
  a.page_table_v = graph.tensor(int32, table, table_strides);
  a.q_lengths = graph.tensor(int32, {s.batch, 1, 1, 1}, {1, 1, 1, 1});
  a.kv_lengths = graph.tensor(int32, {s.batch, 1, 1, 1}, {1, 1, 1, 1});

  const std::int64_t head = s.dim * s.kv_len;
  const Tensor keys = graph.intermediate(bf16, {s.batch, s.kv_heads, s.dim, s.kv_len},
                                         {head * s.kv_heads, head, 1, s.dim});
  const Tensor values = graph.intermediate(bf16, {s.batch, s.kv_heads, s.kv_len, s.dim},
                                           {head * s.kv_heads, head, s.dim, 1});
  graph.load_pages(keys, a.k, a.page_table_k, a.kv_lengths);
  const Tensor product = scores.make();
  graph.matmul(a.q, keys, product, {.m = a.q_lengths, .n = a.kv_lengths});
  Tensor last = scores.apply(CUDNN_POINTWISE_MUL, product, graph.scalar(scale));
  last = padding_mask(scores, last, a.q_lengths, a.kv_lengths);
  const Tensor weights = softmax(scores, last, scores.make_row());
  graph.load_pages(values, a.v, a.page_table_v, a.kv_lengths);
  graph.matmul(weights, values, a.o, {.m = a.q_lengths, .k = a.kv_lengths});
}

void build_attention_backward(AttentionBackward& a, const AttentionShape& s, float scale) {
  CudnnGraph& graph = a.graph;
  const Scores scores(graph, s);
  const Dims kv{s.batch, s.kv_heads, s.kv_len, s.dim}, q{s.batch, s.heads, s.q_len, s.dim};
  const Dims kv_strides = strides_of(s.kv_len, s.kv_heads, s.dim);
  const Dims q_strides = strides_of(s.q_len, s.heads, s.dim);
  a.q = graph.tensor(bf16, q, q_strides);
  a.k = graph.tensor(bf16, transposed(kv), transposed(kv_strides));
  a.v = graph.tensor(bf16, transposed(kv), transposed(kv_strides));
  a.o = graph.tensor(bf16, q, q_strides);
  a.d_o = graph.tensor(bf16, q, q_strides);
  a.stats = graph.tensor(fp32, scores.row_dims, scores.row_strides);
  a.d_q = graph.tensor(bf16, q, q_strides);
  a.d_k = graph.tensor(bf16, kv, kv_strides);
  a.d_v = graph.tensor(bf16, kv, kv_strides);
  a.row_sum = graph.tensor(fp32, scores.row_dims, scores.row_strides);
  a.q_sum = graph.tensor(fp32, q, {s.heads * s.q_len * s.dim, s.q_len * s.dim, s.dim, 1});

  // row_sum = sum over dim of dO O; the factor of one stands where dropout's would.
  const Tensor both =
      graph.intermediate(fp32, q, {s.heads * s.q_len * s.dim, s.q_len * s.dim, s.heads * s.dim, 1});
  const Tensor summed = scores.make_row();
  graph.pointwise(CUDNN_POINTWISE_MUL, fp32, both, a.d_o, a.o);
  graph.reduction(CUDNN_REDUCE_TENSOR_ADD, summed, both);
  graph.pointwise(CUDNN_POINTWISE_MUL, fp32, a.row_sum, summed, graph.scalar(1.0f));

  // P = exp(scale Q K' - stats)
  const Tensor factor = graph.scalar(scale);
  const Tensor product = scores.make();
  graph.matmul(a.q, a.k, product, {});
  Tensor last = scores.apply(CUDNN_POINTWISE_MUL, product, factor);
  last = scores.apply(CUDNN_POINTWISE_SUB, last, a.stats);
  if (s.causal) last = causal_mask(scores, s, last);
  const Tensor p = scores.apply(CUDNN_POINTWISE_EXP, last);

  // dV = P' dO, and dK = dS' Q below: summed over the heads that share keys.
  const auto times = [&](Tensor wide, Tensor right, Tensor out) {
    const Tensor turned =
        graph.intermediate(bf16, {s.batch, s.heads, s.kv_len, s.q_len},
                           {s.heads * s.q_len * s.kv_len, s.q_len * s.kv_len, 1, s.kv_len});
    graph.reshape(turned, wide);
    if (s.heads == s.kv_heads) return graph.matmul(turned, right, out, {});
    const Tensor of_heads =
        graph.intermediate(bf16, {s.batch, s.heads, s.kv_len, s.dim},
                           {s.heads * s.kv_len * s.dim, s.kv_len * s.dim, s.dim, 1});
    graph.matmul(turned, right, of_heads, {});
    graph.reduction(CUDNN_REDUCE_TENSOR_ADD, out, of_heads);
  };
  times(p, a.d_o, a.d_v);

  // dS = scale P (dO V' - row_sum)
  const Tensor d_p = scores.make();
  graph.matmul(a.d_o, a.v, d_p, {});
  last = scores.apply(CUDNN_POINTWISE_SUB, d_p, a.row_sum);
  last = scores.apply(CUDNN_POINTWISE_MUL, last, p);
  const Tensor d_s = scores.apply(CUDNN_POINTWISE_MUL, last, factor);
  times(d_s, a.q, a.d_k);

  // dQ = dS K, summed in fp32
  const Tensor keys = graph.intermediate(bf16, kv, kv_strides);
  graph.reshape(keys, a.k);
  graph.matmul(d_s, keys, a.q_sum, {});
  graph.pointwise(CUDNN_POINTWISE_IDENTITY, fp32, a.d_q, a.q_sum);
}

} // namespace windtunnel::calibration
