// Softmax of rows and the cross-entropy of a language model's head: one block a row, whose maximum
// and sum are found in one pass.
#pragma once

#include "device_code.cuh"

namespace windtunnel::calibration {

constexpr int softmax_threads = 1024; ///< the most of a block

struct MaxAndSum {
  float max, sum; ///< sum of exp(x - max)
};

/// Of one row, for every thread of the block.
template <class T> __device__ inline MaxAndSum row_max_and_sum(const T* row, int columns) {
  constexpr int size = Pack<T>::size;
  float max = -INFINITY, sum = 0;
  for (int pack = static_cast<int>(threadIdx.x); pack < columns / size;
       pack += static_cast<int>(blockDim.x)) {
    const Pack<T> x = load_pack(row, pack);
    float largest = max;
    WT_UNROLL
    for (int i = 0; i < size; ++i) largest = fmaxf(largest, to_float(x.v[i]));
    float added = 0;
    WT_UNROLL
    for (int i = 0; i < size; ++i) added += expf(to_float(x.v[i]) - largest);
    sum = sum * expf(max - largest) + added;
    max = largest;
  }
  const float all = block_max(max);
  return {all, block_sum(sum * expf(max - all))};
}

template <class T> __global__ void __launch_bounds__(softmax_threads)
    softmax_kernel(const T* x, T* y, int columns) {
  constexpr int size = Pack<T>::size;
  const std::int64_t begin = std::int64_t{blockIdx.x} * columns;
  const MaxAndSum row = row_max_and_sum(x + begin, columns);
  const float scale = 1 / row.sum;
  for (int pack = static_cast<int>(threadIdx.x); pack < columns / size;
       pack += static_cast<int>(blockDim.x)) {
    const Pack<T> in = load_pack(x + begin, pack);
    Pack<T> out;
    WT_UNROLL
    for (int i = 0; i < size; ++i)
      out.v[i] = from_float<T>(expf(to_float(in.v[i]) - row.max) * scale);
    store_pack(y + begin, pack, out);
  }
}

/// loss[row] = log(sum of exp) - logit of the label; leaves log(sum of exp) for the backward pass.
template <class T> __global__ void __launch_bounds__(softmax_threads)
    cross_entropy_forward_kernel(const T* logits, const int* labels, float* loss, float* log_sum,
                                 int vocab) {
  const std::int64_t row = blockIdx.x;
  const MaxAndSum found = row_max_and_sum(logits + row * vocab, vocab);
  if (threadIdx.x != 0) return;
  log_sum[row] = found.max + logf(found.sum);
  loss[row] = log_sum[row] - to_float(logits[row * vocab + labels[row]]);
}

/// Gradient of the logits: scale (softmax - one at the label).
template <class T> __global__ void __launch_bounds__(softmax_threads)
    cross_entropy_backward_kernel(const T* logits, const int* labels, const float* log_sum,
                                  T* gradient, int vocab, float scale) {
  constexpr int size = Pack<T>::size;
  const std::int64_t row = blockIdx.x, begin = row * vocab;
  const float of_row = log_sum[row];
  const int label = labels[row];
  for (int pack = static_cast<int>(threadIdx.x); pack < vocab / size;
       pack += static_cast<int>(blockDim.x)) {
    const Pack<T> in = load_pack(logits + begin, pack);
    Pack<T> out;
    WT_UNROLL
    for (int i = 0; i < size; ++i)
      out.v[i] = from_float<T>(
          scale * (expf(to_float(in.v[i]) - of_row) - (pack * size + i == label ? 1.0f : 0.0f)));
    store_pack(gradient + begin, pack, out);
  }
}

} // namespace windtunnel::calibration
