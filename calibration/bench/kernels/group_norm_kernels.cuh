// Group norm of images with channels last: sums over tiles of pixels, then every tile scaled, with
// SiLU after it where a U-Net has one.
#pragma once

#include "device_code.cuh"

namespace windtunnel::calibration {

constexpr int most_groups = 64, pixels_in_tile = 64;

/// partial[image][tile][group]: sum and sum of squares. Grid: tiles, images.
template <class T> __global__ void group_sums_kernel(const T* x, float2* partial, int pixels,
                                                     int channels, int groups) {
  constexpr int size = Pack<T>::size;
  __shared__ float sums[most_groups], squares[most_groups];
  for (int g = static_cast<int>(threadIdx.x); g < groups; g += static_cast<int>(blockDim.x))
    sums[g] = squares[g] = 0;
  __syncthreads();
  const int packs = channels / size, channels_in_group = channels / groups;
  const int first = static_cast<int>(blockIdx.x) * pixels_in_tile;
  const int last = first + pixels_in_tile < pixels ? first + pixels_in_tile : pixels;
  const T* const image = x + std::int64_t{blockIdx.y} * pixels * channels;
  // A thread keeps to one pack of channels and walks pixels, so that its sums stay in registers.
  const int columns = packs < static_cast<int>(blockDim.x) ? packs : static_cast<int>(blockDim.x);
  const int rows = static_cast<int>(blockDim.x) / columns;
  const int row = static_cast<int>(threadIdx.x) / columns;
  for (int pack = static_cast<int>(threadIdx.x) % columns; row < rows && pack < packs;
       pack += columns) {
    float sum[size] = {}, square[size] = {};
    for (int pixel = first + row; pixel < last; pixel += rows) {
      const Pack<T> in = load_pack(image, std::int64_t{pixel} * packs + pack);
      WT_UNROLL
      for (int i = 0; i < size; ++i) {
        const float value = to_float(in.v[i]);
        sum[i] += value;
        square[i] += value * value;
      }
    }
    // A pack may lie across the border of two groups or more.
    WT_UNROLL
    for (int i = 0; i < size; ++i) {
      const int group = (pack * size + i) / channels_in_group;
      atomicAdd(&sums[group], sum[i]);
      atomicAdd(&squares[group], square[i]);
    }
  }
  __syncthreads();
  float2* const mine = partial + (std::int64_t{blockIdx.y} * gridDim.x + blockIdx.x) * groups;
  for (int g = static_cast<int>(threadIdx.x); g < groups; g += static_cast<int>(blockDim.x))
    mine[g] = {sums[g], squares[g]};
}

/// y = (x - mean) rstd weight + bias of each group, then SiLU. Grid as above.
template <class T, bool SILU> __global__ void group_scale_kernel(const T* x, const float2* partial,
                                                                 const T* weight, const T* bias,
                                                                 T* y, int pixels, int channels,
                                                                 int groups, float epsilon) {
  constexpr int size = Pack<T>::size;
  __shared__ float sums[most_groups], squares[most_groups];
  const int tiles = static_cast<int>(gridDim.x), threads = static_cast<int>(blockDim.x);
  const int thread = static_cast<int>(threadIdx.x), channels_in_group = channels / groups;
  for (int g = thread; g < groups; g += threads) sums[g] = squares[g] = 0;
  __syncthreads();
  const float2* const of_image = partial + std::int64_t{blockIdx.y} * tiles * groups;
  const int parts = threads / groups > 1 ? threads / groups : 1;
  for (int i = thread; i < groups * parts; i += threads) {
    float sum = 0, square = 0;
    for (int tile = i / groups; tile < tiles; tile += parts) {
      const float2 part = of_image[std::int64_t{tile} * groups + i % groups];
      sum += part.x;
      square += part.y;
    }
    atomicAdd(&sums[i % groups], sum);
    atomicAdd(&squares[i % groups], square);
  }
  __syncthreads();
  const float count = static_cast<float>(pixels) * static_cast<float>(channels_in_group);
  const int packs = channels / size;
  const int first = static_cast<int>(blockIdx.x) * pixels_in_tile;
  const int last = first + pixels_in_tile < pixels ? first + pixels_in_tile : pixels;
  const std::int64_t image = std::int64_t{blockIdx.y} * pixels * packs;
  const int columns = packs < threads ? packs : threads, rows = threads / columns;
  const int row = thread / columns;
  for (int pack = thread % columns; row < rows && pack < packs; pack += columns) {
    const Pack<T> w = load_pack(weight, pack), b = load_pack(bias, pack);
    float scale[size], shift[size];
    WT_UNROLL
    for (int i = 0; i < size; ++i) {
      const int group = (pack * size + i) / channels_in_group;
      const float mean = sums[group] / count;
      const float variance = fmaxf(squares[group] / count - mean * mean, 0.0f);
      scale[i] = rsqrtf(variance + epsilon) * to_float(w.v[i]);
      shift[i] = to_float(b.v[i]) - mean * scale[i];
    }
    for (int pixel = first + row; pixel < last; pixel += rows) {
      const std::int64_t at = image + std::int64_t{pixel} * packs + pack;
      const Pack<T> in = load_pack(x, at);
      Pack<T> out;
      WT_UNROLL
      for (int i = 0; i < size; ++i) {
        float value = to_float(in.v[i]) * scale[i] + shift[i];
        if (SILU) value = value / (1 + expf(-value));
        out.v[i] = from_float<T>(value);
      }
      store_pack(y, at, out);
    }
  }
}

} // namespace windtunnel::calibration
