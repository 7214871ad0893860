// RMSNorm and LayerNorm of rows: one block a row forward; backward, blocks that walk rows, and a
// sum of what they leave for the weights. PACKS packs of 16 bytes a thread stay in registers.
#pragma once

#include "device_code.cuh"

namespace windtunnel::calibration {

constexpr int norm_threads = 512, norm_most_packs = 4;

/// y = (x - mean) rstd weight + bias; without CENTERED the mean is 0 and there is no bias. Leaves
/// each row's mean (CENTERED only) and rstd.
template <class T, int PACKS, bool CENTERED> __global__ void __launch_bounds__(norm_threads)
    norm_forward_kernel(const T* x, const T* weight, const T* bias, T* y, float* mean, float* rstd,
                        int hidden, float epsilon) {
  constexpr int size = Pack<T>::size;
  const int packs = hidden / size;
  const std::int64_t row = blockIdx.x;
  const T* const in = x + row * hidden;
  float v[PACKS][size];
  float sum = 0;
  WT_UNROLL
  for (int p = 0; p < PACKS; ++p) {
    const int pack = static_cast<int>(threadIdx.x + p * blockDim.x);
    if (pack >= packs) continue;
    const Pack<T> loaded = load_pack(in, pack);
    WT_UNROLL
    for (int i = 0; i < size; ++i) {
      v[p][i] = to_float(loaded.v[i]);
      sum += v[p][i];
    }
  }
  const float center = CENTERED ? block_sum(sum) / static_cast<float>(hidden) : 0.0f;
  float squares = 0;
  WT_UNROLL
  for (int p = 0; p < PACKS; ++p) {
    if (static_cast<int>(threadIdx.x + p * blockDim.x) >= packs) continue;
    WT_UNROLL
    for (int i = 0; i < size; ++i) squares += (v[p][i] - center) * (v[p][i] - center);
  }
  const float scale = rsqrtf(block_sum(squares) / static_cast<float>(hidden) + epsilon);
  if (threadIdx.x == 0) {
    if (CENTERED) mean[row] = center;
    rstd[row] = scale;
  }
  WT_UNROLL
  for (int p = 0; p < PACKS; ++p) {
    const int pack = static_cast<int>(threadIdx.x + p * blockDim.x);
    if (pack >= packs) continue;
    const Pack<T> w = load_pack(weight, pack), b = CENTERED ? load_pack(bias, pack) : w;
    Pack<T> out;
    WT_UNROLL
    for (int i = 0; i < size; ++i)
      out.v[i] = from_float<T>((v[p][i] - center) * scale * to_float(w.v[i]) +
                               (CENTERED ? to_float(b.v[i]) : 0.0f));
    store_pack(y + row * hidden, pack, out);
  }
}

/// dx, and each block's share of the gradients of weight and bias: partial_weight and partial_bias
/// of gridDim.x rows.
template <class T, int PACKS, bool CENTERED> __global__ void __launch_bounds__(norm_threads)
    norm_backward_kernel(const T* x, const T* weight, const T* dy, const float* mean,
                         const float* rstd, T* dx, float* partial_weight, float* partial_bias,
                         std::int64_t rows, int hidden) {
  constexpr int size = Pack<T>::size;
  const int packs = hidden / size;
  float dw[PACKS][size] = {}, db[PACKS][size] = {};
  for (std::int64_t row = blockIdx.x; row < rows; row += gridDim.x) {
    const float center = CENTERED ? mean[row] : 0.0f, scale = rstd[row];
    Pack<T> in[PACKS], d[PACKS]; // kept as they come: half the registers of floats
    float dot = 0, sum = 0;
    WT_UNROLL
    for (int p = 0; p < PACKS; ++p) {
      const int pack = static_cast<int>(threadIdx.x + p * blockDim.x);
      if (pack >= packs) continue;
      in[p] = load_pack(x + row * hidden, pack);
      d[p] = load_pack(dy + row * hidden, pack);
      const Pack<T> w = load_pack(weight, pack);
      WT_UNROLL
      for (int i = 0; i < size; ++i) {
        const float xhat = (to_float(in[p].v[i]) - center) * scale, dy_i = to_float(d[p].v[i]);
        const float g = dy_i * to_float(w.v[i]);
        dot += g * xhat;
        sum += g;
        dw[p][i] += dy_i * xhat;
        if (CENTERED) db[p][i] += dy_i;
      }
    }
    const float mean_dot = block_sum(dot) / static_cast<float>(hidden);
    const float mean_g = CENTERED ? block_sum(sum) / static_cast<float>(hidden) : 0.0f;
    WT_UNROLL
    for (int p = 0; p < PACKS; ++p) {
      const int pack = static_cast<int>(threadIdx.x + p * blockDim.x);
      if (pack >= packs) continue;
      const Pack<T> w = load_pack(weight, pack);
      Pack<T> out;
      WT_UNROLL
      for (int i = 0; i < size; ++i) {
        const float xhat = (to_float(in[p].v[i]) - center) * scale;
        const float g = to_float(d[p].v[i]) * to_float(w.v[i]);
        out.v[i] = from_float<T>(scale * (g - xhat * mean_dot - mean_g));
      }
      store_pack(dx + row * hidden, pack, out);
    }
  }
  const std::int64_t mine = std::int64_t{blockIdx.x} * hidden;
  WT_UNROLL
  for (int p = 0; p < PACKS; ++p) {
    const int pack = static_cast<int>(threadIdx.x + p * blockDim.x);
    if (pack >= packs) continue;
    WT_UNROLL
    for (int i = 0; i < size; ++i) {
      partial_weight[mine + pack * size + i] = dw[p][i];
      if (CENTERED) partial_bias[mine + pack * size + i] = db[p][i];
    }
  }
}

/// out[column] = sum over rows of in[row][column]; 32 columns a block of 256 threads.
template <class T>
__global__ void column_sum_kernel(const float* in, T* out, int rows, int columns) {
  __shared__ float partial[8][33];
  const unsigned lane = threadIdx.x % 32, part = threadIdx.x / 32;
  const int column = static_cast<int>(blockIdx.x * 32 + lane);
  float sum = 0;
  if (column < columns)
    for (int row = static_cast<int>(part); row < rows; row += 8)
      sum += in[std::int64_t{row} * columns + column];
  partial[part][lane] = sum;
  __syncthreads();
  if (part != 0 || column >= columns) return;
  for (int other = 1; other < 8; ++other) sum += partial[other][lane];
  out[column] = from_float<T>(sum);
}

} // namespace windtunnel::calibration
