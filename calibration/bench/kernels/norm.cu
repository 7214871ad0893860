// RMSNorm and LayerNorm, forward and backward.
#include <memory>

#include "../subject.hpp"
#include "fetch.hpp"
#include "norm_kernels.cuh"

namespace windtunnel::calibration {
namespace {

using Element = __nv_bfloat16;
constexpr int pack = Pack<Element>::size;
constexpr float epsilon = 1e-5f;

/// One set of buffers and what all sets share.
struct Norm {
  int hidden = 0;
  std::int64_t rows = 0;
  unsigned backward_blocks = 0;
  bool centered = false;
  const Element *weight = nullptr, *bias = nullptr;
  Element *weight_gradient = nullptr, *bias_gradient = nullptr;
  float *mean = nullptr, *rstd = nullptr, *partial_weight = nullptr, *partial_bias = nullptr;
  std::vector<void*> x, y, dy; ///< y is dx in the backward pass
  const Element* in(int set) const {
    return static_cast<Element*>(x[static_cast<std::size_t>(set)]);
  }
  const Element* gradient(int set) const {
    return static_cast<Element*>(dy[static_cast<std::size_t>(set)]);
  }
  Element* out(int set) const { return static_cast<Element*>(y[static_cast<std::size_t>(set)]); }
};

/// Calls `launch` with the packs a thread keeps in registers and the threads of a block.
template <class F> void with_packs(int hidden, F&& launch) {
  const int packs = hidden / pack;
  if (packs <= norm_threads)
    launch(std::integral_constant<int, 1>{}, threads_for(packs, norm_threads));
  else if (packs <= 2 * norm_threads)
    launch(std::integral_constant<int, 2>{}, threads_for((packs + 1) / 2, norm_threads));
  else
    launch(std::integral_constant<int, norm_most_packs>{},
           threads_for((packs + norm_most_packs - 1) / norm_most_packs, norm_threads));
}

template <bool CENTERED> void forward(const Norm& n, cudaStream_t stream, int set) {
  with_packs(n.hidden, [&](auto packs, unsigned threads) {
    norm_forward_kernel<Element, decltype(packs)::value, CENTERED>
        <<<static_cast<unsigned>(n.rows), threads, 0, stream>>>(
            n.in(set), n.weight, n.bias, n.out(set), n.mean, n.rstd, n.hidden, epsilon);
  });
  WT_CHECK_LAUNCH();
}

template <bool CENTERED> void backward(const Norm& n, cudaStream_t stream, int set) {
  with_packs(n.hidden, [&](auto packs, unsigned threads) {
    norm_backward_kernel<Element, decltype(packs)::value, CENTERED>
        <<<n.backward_blocks, threads, 0, stream>>>(n.in(set), n.weight, n.gradient(set), n.mean,
                                                    n.rstd, n.out(set), n.partial_weight,
                                                    n.partial_bias, n.rows, n.hidden);
  });
  WT_CHECK_LAUNCH();
  const auto blocks = static_cast<unsigned>((n.hidden + 31) / 32);
  const int rows = static_cast<int>(n.backward_blocks);
  column_sum_kernel<<<blocks, 256, 0, stream>>>(n.partial_weight, n.weight_gradient, rows,
                                                n.hidden);
  WT_CHECK_LAUNCH();
  if (!CENTERED) return;
  column_sum_kernel<<<blocks, 256, 0, stream>>>(n.partial_bias, n.bias_gradient, rows, n.hidden);
  WT_CHECK_LAUNCH();
}

double forward_error(const Norm& n, Device& device) {
  const Values weight = fetch(device, n.weight, "bf16", 0, n.hidden);
  const Values bias = n.centered ? fetch(device, n.bias, "bf16", 0, n.hidden) : Values{};
  Values got, expected;
  for (const std::int64_t row : sampled(n.rows)) {
    append(got, fetch(device, n.out(0), "bf16", row * n.hidden, n.hidden));
    append(expected, norm_row(fetch(device, n.in(0), "bf16", row * n.hidden, n.hidden), weight,
                              bias, static_cast<double>(epsilon))
                         .y);
  }
  return relative_error(got, expected);
}

/// One pack of columns through all rows.
Values fetch_columns(Device& device, const Element* data, std::int64_t rows, int hidden) {
  return fetch_strided(device, data, "bf16", 0, hidden, pack, rows);
}

double backward_error(const Norm& n, Device& device) {
  const Values weight = fetch(device, n.weight, "bf16", 0, n.hidden);
  const Values rstd = fetch(device, n.rstd, "fp32", 0, n.rows);
  const Values mean = n.centered ? fetch(device, n.mean, "fp32", 0, n.rows)
                                 : Values(static_cast<std::size_t>(n.rows));
  Values got, expected;
  for (const std::int64_t row : sampled(n.rows)) {
    const auto r = static_cast<std::size_t>(row);
    append(got, fetch(device, n.out(0), "bf16", row * n.hidden, n.hidden));
    append(expected,
           norm_backward_row(fetch(device, n.in(0), "bf16", row * n.hidden, n.hidden), weight,
                             fetch(device, n.gradient(0), "bf16", row * n.hidden, n.hidden),
                             mean[r], rstd[r], n.centered));
  }
  const double of_inputs = relative_error(got, expected);
  // The gradients of the weights, over all rows, in the last pack of columns.
  const int column = n.hidden - pack;
  const Values x = fetch_columns(device, n.in(0) + column, n.rows, n.hidden);
  const Values dy = fetch_columns(device, n.gradient(0) + column, n.rows, n.hidden);
  Values dw(pack), db(pack);
  for (std::size_t i = 0; i < x.size(); ++i) {
    const std::size_t row = i / pack, c = i % pack;
    dw[c] += dy[i] * (x[i] - mean[row]) * rstd[row];
    db[c] += dy[i];
  }
  double error = std::max(
      of_inputs, relative_error(fetch(device, n.weight_gradient, "bf16", column, pack), dw));
  if (n.centered)
    error =
        std::max(error, relative_error(fetch(device, n.bias_gradient, "bf16", column, pack), db));
  return error == error && of_inputs == of_inputs ? error : NAN;
}

} // namespace

Subject prepare_norm(const Case& c, Device& device) {
  const auto n = std::make_shared<Norm>();
  n->hidden = static_cast<int>(c.at("hidden"));
  n->rows = c.at("rows");
  n->centered = c.op == "layernorm";
  const bool back = c.variant == "backward";
  if (n->hidden % pack != 0 || n->hidden > norm_most_packs * norm_threads * pack)
    throw Unsupported("a row must be a multiple of 8 and at most 16384 long");
  const auto hidden = static_cast<std::size_t>(n->hidden), rows = static_cast<std::size_t>(n->rows);
  n->backward_blocks = static_cast<unsigned>(
      std::min<std::int64_t>(n->rows, 2 * device.properties().multiProcessorCount));
  auto* const weight = device.allocate_of<Element>(hidden);
  auto* const bias = device.allocate_of<Element>(hidden);
  device.fill_normal(weight, hidden, "bf16", 1);
  device.fill_normal(bias, hidden, "bf16", 2);
  n->weight = weight;
  n->bias = bias;
  n->weight_gradient = device.allocate_of<Element>(hidden);
  n->bias_gradient = device.allocate_of<Element>(hidden);
  n->mean = device.allocate_of<float>(rows);
  n->rstd = device.allocate_of<float>(rows);
  if (back) {
    n->partial_weight = device.allocate_of<float>(n->backward_blocks * hidden);
    n->partial_bias = device.allocate_of<float>(n->backward_blocks * hidden);
  }
  const std::size_t bytes = rows * hidden * sizeof(Element);
  Subject subject;
  subject.set_bytes = (back ? 3 : 2) * bytes;
  subject.sets = device.sets_for(c, subject.set_bytes);
  n->x = buffers(device, subject.sets, bytes);
  n->y = buffers(device, subject.sets, bytes);
  if (back) n->dy = buffers(device, subject.sets, bytes);
  for (int set = 0; set < subject.sets; ++set) {
    const auto i = static_cast<std::size_t>(set);
    device.fill_normal(n->x[i], rows * hidden, "bf16", 10 + 2 * i);
    if (back) device.fill_normal(n->dy[i], rows * hidden, "bf16", 11 + 2 * i);
  }
  // The backward pass takes the rows' statistics from a forward pass, each set its own; all sets
  // but the checked one may use those of set 0: they cost the same.
  if (back)
    n->centered ? forward<true>(*n, device.stream(), 0) : forward<false>(*n, device.stream(), 0);
  for (void* const y : n->y) device.poison(y, bytes);
  subject.launch = [n, back](cudaStream_t stream, int set) {
    if (back)
      n->centered ? backward<true>(*n, stream, set) : backward<false>(*n, stream, set);
    else
      n->centered ? forward<true>(*n, stream, set) : forward<false>(*n, stream, set);
  };
  subject.error = [n, back, &device] {
    return back ? backward_error(*n, device) : forward_error(*n, device);
  };
  subject.tolerance = bf16_tolerance;
  subject.algorithm = back ? "own: block over rows, then column sums" : "own: block a row";
  return subject;
}

} // namespace windtunnel::calibration
