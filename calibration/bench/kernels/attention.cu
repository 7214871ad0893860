// Flash attention by cuDNN: forward for inference and training, backward; and decoding over pages.
#include <cmath>
#include <memory>

#include "../subject.hpp"
#include "fetch.hpp"
#include "flash_attention.hpp"
#include "paged_decode.hpp"

namespace windtunnel::calibration {
namespace {

constexpr std::size_t workspace_limit = std::size_t{1} << 30;
constexpr std::size_t size_of_bf16 = 2;

AttentionShape shape_of(const Case& c) {
  return {c.at("batch"),
          c.at("heads"),
          c.at("kv_heads"),
          c.at("q_len"),
          c.at("kv_len"),
          c.at("head_dim"),
          c.variant.ends_with("causal")};
}

/// Buffers of one set; those a pass does not use are null.
struct Set {
  void *q = nullptr, *k = nullptr, *v = nullptr, *o = nullptr, *d_o = nullptr, *d_q = nullptr,
       *d_k = nullptr, *d_v = nullptr;
  float* stats = nullptr;
};

struct Attention {
  AttentionShape shape;
  float scale = 1;
  AttentionForward forward;
  AttentionBackward backward;
  std::vector<Set> sets;

  std::size_t queries() const {
    return static_cast<std::size_t>(shape.batch * shape.q_len * shape.heads * shape.dim);
  }
  std::size_t keys() const {
    return static_cast<std::size_t>(shape.batch * shape.kv_len * shape.kv_heads * shape.dim);
  }
  std::size_t rows() const {
    return static_cast<std::size_t>(shape.batch * shape.heads * shape.q_len);
  }
};

/// The rows of one head in [batch][length][head][dim], `count` from `begin` on.
Values fetch_head(Device& device, const void* data, std::int64_t batch, std::int64_t head,
                  std::int64_t heads, std::int64_t length, std::int64_t dim, std::int64_t begin,
                  std::int64_t count) {
  const std::int64_t first = ((batch * length + begin) * heads + head) * dim;
  return fetch_strided(device, data, "bf16", first, heads * dim, dim, count);
}

/// Fetches of one sampled head.
struct Head {
  Device& device;
  const AttentionShape& s;
  const Set& set;
  std::int64_t batch, head;
  Values of_q(const void* data, std::int64_t begin, std::int64_t count) const {
    return fetch_head(device, data, batch, head, s.heads, s.q_len, s.dim, begin, count);
  }
  Values of_kv(const void* data, std::int64_t begin, std::int64_t count) const {
    return fetch_head(device, data, batch, head / (s.heads / s.kv_heads), s.kv_heads, s.kv_len,
                      s.dim, begin, count);
  }
  std::int64_t visible(std::int64_t row) const {
    return s.causal ? s.kv_len - s.q_len + row + 1 : s.kv_len;
  }
};

double dot(const double* a, const double* b, std::int64_t n) {
  double sum = 0;
  for (std::int64_t i = 0; i < n; ++i) sum += a[i] * b[i];
  return sum;
}

double forward_error(const Attention& a, Device& device) {
  const AttentionShape& s = a.shape;
  Values got, expected;
  for (const std::int64_t head : sampled(s.heads, 2)) {
    const Head h{device, s, a.sets[0], s.batch - 1, head};
    const Values keys = h.of_kv(h.set.k, 0, s.kv_len), values = h.of_kv(h.set.v, 0, s.kv_len);
    for (const std::int64_t row : sampled(s.q_len, s.kv_len > 8192 ? 2 : 4)) {
      const auto seen = h.visible(row) * s.dim;
      append(got, h.of_q(h.set.o, row, 1));
      append(expected,
             attend(h.of_q(h.set.q, row, 1), Values(keys.begin(), keys.begin() + seen),
                    Values(values.begin(), values.begin() + seen), static_cast<double>(a.scale)));
    }
  }
  return relative_error(got, expected);
}

/// Rows of dQ, and rows of dK and dV with all queries that see them.
double backward_error(const Attention& a, Device& device) {
  const AttentionShape& s = a.shape;
  const double scale = static_cast<double>(a.scale);
  const std::int64_t d = s.dim, batch = s.batch - 1;
  Values got_q, expected_q, got_k, expected_k, got_v, expected_v;
  for (const std::int64_t head : sampled(s.heads, 2)) {
    const Head h{device, s, a.sets[0], batch, head};
    const Values keys = h.of_kv(h.set.k, 0, s.kv_len), values = h.of_kv(h.set.v, 0, s.kv_len);
    for (const std::int64_t row : sampled(s.q_len, 4)) {
      const Values q = h.of_q(h.set.q, row, 1), o = h.of_q(h.set.o, row, 1),
                   d_o = h.of_q(h.set.d_o, row, 1);
      Values scores;
      for (std::int64_t t = 0; t < h.visible(row); ++t)
        scores.push_back(scale * dot(q.data(), &keys[static_cast<std::size_t>(t * d)], d));
      const Values p = softmax_row(scores);
      const double sum = dot(d_o.data(), o.data(), d);
      Values d_q(q.size());
      for (std::size_t t = 0; t < p.size(); ++t) {
        const std::size_t at = t * static_cast<std::size_t>(d);
        const double d_s = scale * p[t] * (dot(d_o.data(), &values[at], d) - sum);
        for (std::size_t i = 0; i < q.size(); ++i) d_q[i] += d_s * keys[at + i];
      }
      append(got_q, h.of_q(h.set.d_q, row, 1));
      append(expected_q, d_q);
    }
  }
  const std::int64_t group = s.heads / s.kv_heads, kv_head = s.kv_heads - 1;
  const std::vector<std::int64_t> columns = sampled(s.kv_len, 4);
  std::vector<Values> d_k(columns.size(), Values(static_cast<std::size_t>(d))), d_v = d_k;
  for (std::int64_t head = kv_head * group; head < (kv_head + 1) * group; ++head) {
    const Head h{device, s, a.sets[0], batch, head};
    const Values q = h.of_q(h.set.q, 0, s.q_len), o = h.of_q(h.set.o, 0, s.q_len),
                 d_o = h.of_q(h.set.d_o, 0, s.q_len);
    const Values stats =
        fetch(device, h.set.stats, "fp32", (batch * s.heads + head) * s.q_len, s.q_len);
    for (std::size_t c = 0; c < columns.size(); ++c) {
      const Values key = h.of_kv(h.set.k, columns[c], 1), value = h.of_kv(h.set.v, columns[c], 1);
      for (std::int64_t row = 0; row < s.q_len; ++row) {
        if (columns[c] >= h.visible(row)) continue;
        const auto at = static_cast<std::size_t>(row * d);
        const double p =
            std::exp(scale * dot(&q[at], key.data(), d) - stats[static_cast<std::size_t>(row)]);
        const double d_s = scale * p * (dot(&d_o[at], value.data(), d) - dot(&d_o[at], &o[at], d));
        for (std::size_t i = 0; i < key.size(); ++i) {
          d_k[c][i] += d_s * q[at + i];
          d_v[c][i] += p * d_o[at + i];
        }
      }
    }
  }
  const Head h{device, s, a.sets[0], batch, kv_head * group};
  for (std::size_t c = 0; c < columns.size(); ++c) {
    append(got_k, h.of_kv(h.set.d_k, columns[c], 1));
    append(expected_k, d_k[c]);
    append(got_v, h.of_kv(h.set.d_v, columns[c], 1));
    append(expected_v, d_v[c]);
  }
  double worst = 0;
  for (const double error : {relative_error(got_q, expected_q), relative_error(got_k, expected_k),
                             relative_error(got_v, expected_v)})
    worst = error <= worst ? worst : error; // NaN stays
  return worst;
}

/// Sets of buffers, filled; the backward pass has all of them.
void make_sets(const Case& c, Device& device, Attention& a, bool training, bool backward,
               Subject& subject) {
  const std::size_t q = a.queries() * size_of_bf16, kv = a.keys() * size_of_bf16;
  const std::size_t stats = training ? a.rows() * sizeof(float) : 0;
  subject.set_bytes = (backward ? 4 : 2) * (q + kv) + stats;
  subject.sets = device.sets_for(c, subject.set_bytes);
  for (int i = 0; i < subject.sets; ++i) {
    Set set;
    const auto seed = static_cast<std::uint64_t>(4 * i);
    const auto filled = [&](std::size_t bytes, std::uint64_t offset) {
      void* const data = device.allocate(bytes);
      device.fill_normal(data, bytes / size_of_bf16, "bf16", seed + offset);
      return data;
    };
    const auto poisoned = [&](std::size_t bytes) {
      void* const data = device.allocate(bytes);
      device.poison(data, bytes);
      return data;
    };
    set.q = filled(q, 0);
    set.k = filled(kv, 1);
    set.v = filled(kv, 2);
    set.o = poisoned(q);
    if (training) set.stats = static_cast<float*>(poisoned(stats));
    if (backward) {
      set.d_o = filled(q, 3);
      set.d_q = poisoned(q);
      set.d_k = poisoned(kv);
      set.d_v = poisoned(kv);
    }
    a.sets.push_back(set);
  }
}

std::shared_ptr<Attention> make_attention(const Case& c) {
  // Its own notes on releases call these two wrong.
  if (cudnnGetVersion() == 91000 || cudnnGetVersion() == 91001)
    throw Unsupported("attention of cuDNN 9.10.0 and 9.10.1 has known bugs");
  auto a = std::make_shared<Attention>();
  a->shape = shape_of(c);
  a->scale = 1 / std::sqrt(static_cast<float>(a->shape.dim));
  if (a->shape.causal && a->shape.q_len > a->shape.kv_len)
    throw Unsupported("more queries than keys");
  return a;
}

/// Builds the forward graph and takes its workspace.
void* build_forward(Attention& a, Device& device, bool training) {
  build_attention_forward(a.forward, a.shape, training, a.scale);
  a.forward.graph.build(cudnn_handle(device), workspace_limit);
  return device.allocate(a.forward.graph.workspace());
}

void bind_forward(Attention& a, void* workspace) {
  const AttentionForward& f = a.forward;
  for (const Set& set : a.sets) {
    CudnnGraph::Pointers pointers{{f.q, set.q}, {f.k, set.k}, {f.v, set.v}, {f.o, set.o}};
    if (f.stats) pointers.emplace_back(f.stats, set.stats);
    a.forward.graph.bind(pointers, workspace);
  }
}

} // namespace

Subject prepare_attention_forward(const Case& c, Device& device) {
  const auto a = make_attention(c);
  const bool training = c.variant.starts_with("cudnn_train");
  void* const workspace = build_forward(*a, device, training);
  Subject subject;
  make_sets(c, device, *a, training, false, subject);
  bind_forward(*a, workspace);
  const cudnnHandle_t handle = cudnn_handle(device);
  // The handle is on the device's stream, which is the one that everything is enqueued on.
  subject.launch = [a, handle](cudaStream_t, int set) { a->forward.graph.execute(handle, set); };
  subject.error = [a, &device] { return forward_error(*a, device); };
  subject.tolerance = 1e-2; // the softmax goes into the second product in bf16
  subject.algorithm = a->forward.graph.algorithm();
  return subject;
}

Subject prepare_attention_backward(const Case& c, Device& device) {
  const auto a = make_attention(c);
  if (cudnnGetVersion() < 90600) throw Unsupported("the backward pass needs cuDNN 9.6");
  if (cudnnGetVersion() <= 91500 && a->shape.kv_len % 128 != 0)
    throw Unsupported("before cuDNN 9.15.1 the backward pass needs a multiple of 128 keys");
  void* const forward_workspace = build_forward(*a, device, true);
  AttentionBackward& b = a->backward;
  build_attention_backward(b, a->shape, a->scale);
  b.graph.build(cudnn_handle(device), workspace_limit);
  void* const workspace = device.allocate(b.graph.workspace());
  void* const q_sum = device.allocate(a->queries() * sizeof(float));
  void* const row_sum = device.allocate(a->rows() * sizeof(float));
  Subject subject;
  make_sets(c, device, *a, true, true, subject);
  bind_forward(*a, forward_workspace);
  const cudnnHandle_t handle = cudnn_handle(device);
  for (int set = 0; set < subject.sets; ++set) {
    const Set& s = a->sets[static_cast<std::size_t>(set)];
    a->forward.graph.execute(handle, set); // leaves O and the statistics
    b.graph.bind({{b.q, s.q},
                  {b.k, s.k},
                  {b.v, s.v},
                  {b.o, s.o},
                  {b.d_o, s.d_o},
                  {b.stats, s.stats},
                  {b.d_q, s.d_q},
                  {b.d_k, s.d_k},
                  {b.d_v, s.d_v},
                  {b.q_sum, q_sum},
                  {b.row_sum, row_sum}},
                 workspace);
  }
  subject.launch = [a, handle](cudaStream_t, int set) { a->backward.graph.execute(handle, set); };
  subject.error = [a, &device] { return backward_error(*a, device); };
  subject.tolerance = 3e-2; // P, dS and the shared heads' sums are rounded to bf16 on the way
  subject.algorithm = b.graph.algorithm();
  return subject;
}

void add_cudnn_launch(const std::shared_ptr<PagedDecode>& d, Device& device, Subject& subject) {
  const auto forward = std::make_shared<AttentionForward>();
  const int longest = *std::max_element(d->host_lengths.begin(), d->host_lengths.end());
  const AttentionShape shape{d->batch, d->heads, d->kv_heads, 1, longest, d->dim, false};
  build_paged_attention(*forward, shape, d->page_count, d->page, d->scale);
  forward->graph.build(cudnn_handle(device), paged_decode_workspace / 2);
  void* const workspace = device.allocate(forward->graph.workspace());
  int* const ones = upload(device, std::vector<int>(static_cast<std::size_t>(d->batch), 1));
  for (std::size_t set = 0; set < d->q.size(); ++set)
    forward->graph.bind({{forward->q, d->q[set]},
                         {forward->k, d->keys[set]},
                         {forward->v, d->values[set]},
                         {forward->o, d->out[set]},
                         {forward->page_table_k, d->page_table},
                         {forward->page_table_v, d->page_table},
                         {forward->q_lengths, ones},
                         {forward->kv_lengths, d->lengths}},
                        workspace);
  const cudnnHandle_t handle = cudnn_handle(device);
  subject.launch = [forward, handle](cudaStream_t, int set) {
    forward->graph.execute(handle, set);
  };
  subject.algorithm = forward->graph.algorithm();
}

} // namespace windtunnel::calibration
