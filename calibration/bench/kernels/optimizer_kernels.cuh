// Adam with decoupled weight decay over many tensors in one launch, and the norm of all gradients.
#pragma once

#include "device_code.cuh"

namespace windtunnel::calibration {

/// What a block works on: `count` elements of a tensor from `begin`.
struct Chunk {
  int tensor, count;
  std::int64_t begin;
};
constexpr int chunk_elements = 1 << 14;

/// Weights of T beside fp32 masters (T = bf16), or the masters alone (weight = nullptr).
template <class T> struct AdamTensor {
  const T* gradient;
  float *master, *first, *second;
  T* weight;
};

struct AdamStep {
  float rate, beta1, beta2, epsilon, decay;
  float correction1, correction2; ///< 1 / (1 - beta^t)
};

template <class T>
__global__ void adam_kernel(const AdamTensor<T>* tensors, const Chunk* chunks, AdamStep step) {
  struct alignas(4 * sizeof(T)) Four {
    T v[4];
  };
  const Chunk chunk = chunks[blockIdx.x];
  const AdamTensor<T> tensor = tensors[chunk.tensor];
  const std::int64_t begin = chunk.begin / 4;
  for (int i = static_cast<int>(threadIdx.x); i < chunk.count / 4;
       i += static_cast<int>(blockDim.x)) {
    const std::int64_t at = begin + i;
    const Four g = reinterpret_cast<const Four*>(tensor.gradient)[at];
    Pack<float> p = load_pack(tensor.master, at), m = load_pack(tensor.first, at),
                v = load_pack(tensor.second, at);
    Four w;
    WT_UNROLL
    for (int j = 0; j < 4; ++j) {
      const float gradient = to_float(g.v[j]);
      m.v[j] = step.beta1 * m.v[j] + (1 - step.beta1) * gradient;
      v.v[j] = step.beta2 * v.v[j] + (1 - step.beta2) * gradient * gradient;
      const float change =
          m.v[j] * step.correction1 / (sqrtf(v.v[j] * step.correction2) + step.epsilon);
      p.v[j] -= step.rate * (change + step.decay * p.v[j]);
      w.v[j] = from_float<T>(p.v[j]);
    }
    store_pack(tensor.master, at, p);
    store_pack(tensor.first, at, m);
    store_pack(tensor.second, at, v);
    if (tensor.weight) reinterpret_cast<Four*>(tensor.weight)[at] = w;
  }
}

/// Sum of the squares of each chunk.
template <class T>
__global__ void squares_kernel(const T* const* tensors, const Chunk* chunks, float* partial) {
  constexpr int size = Pack<T>::size;
  const Chunk chunk = chunks[blockIdx.x];
  const T* const data = tensors[chunk.tensor] + chunk.begin;
  float sum = 0;
  for (int i = static_cast<int>(threadIdx.x); i < chunk.count / size;
       i += static_cast<int>(blockDim.x)) {
    const Pack<T> x = load_pack(data, i);
    WT_UNROLL
    for (int j = 0; j < size; ++j) sum += to_float(x.v[j]) * to_float(x.v[j]);
  }
  sum = block_sum(sum);
  if (threadIdx.x == 0) partial[blockIdx.x] = sum;
}

/// norm = sqrt(sum of partial); one block.
__global__ void __launch_bounds__(1024)
    root_of_sum_kernel(const float* partial, int count, float* norm) {
  float sum = 0;
  for (int i = static_cast<int>(threadIdx.x); i < count; i += static_cast<int>(blockDim.x))
    sum += partial[i];
  sum = block_sum(sum);
  if (threadIdx.x == 0) *norm = sqrtf(sum);
}

} // namespace windtunnel::calibration
