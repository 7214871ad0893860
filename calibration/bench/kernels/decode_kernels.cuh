// Attention of one new token a sequence over its paged cache, split over the keys (flash decoding):
// blocks take a piece of one sequence and key head, and all query heads that share it; a second
// kernel joins the pieces.
#pragma once

#include "device_code.cuh"

namespace windtunnel::calibration {

/// Caches of [page][key head][place in page][head dim]; page_table of [sequence][pages].
struct PagedCache {
  const int* page_table;
  const int* lengths; ///< of each sequence, in tokens
  int kv_heads, pages, page;
};

constexpr int decode_threads = 128;

/// Pieces of `piece` keys: grid (splits, key heads, sequences). q of [sequence][head][DIM]. Writes
/// the sum of exp(score - max) v, the max and the sum of exp(score - max) of each piece; an empty
/// piece has a max of -inf.
template <class T, int DIM, int GROUP> __global__ void __launch_bounds__(decode_threads)
    decode_pieces_kernel(const T* q, const T* keys, const T* values, PagedCache cache, int piece,
                         float scale, float* partial_out, float* partial_max, float* partial_sum) {
  constexpr int size = Pack<T>::size, lanes = DIM / size, slots = decode_threads / lanes;
  constexpr int ahead = 4; // keys a slot loads before it uses them
  static_assert(lanes <= 32 && 32 % lanes == 0, "a key must lie within a warp");
  const int split = static_cast<int>(blockIdx.x), splits = static_cast<int>(gridDim.x);
  const int kv_head = static_cast<int>(blockIdx.y), sequence = static_cast<int>(blockIdx.z);
  const std::int64_t heads = std::int64_t{cache.kv_heads} * GROUP;
  const std::int64_t first_head = sequence * heads + std::int64_t{kv_head} * GROUP;
  const int length = cache.lengths[sequence], begin = split * piece;
  const int end = begin + piece < length ? begin + piece : length;
  const int lane = static_cast<int>(threadIdx.x) % lanes;
  const int slot = static_cast<int>(threadIdx.x) / lanes;

  float query[GROUP][size], out[GROUP][size] = {}, max[GROUP], sum[GROUP] = {};
  WT_UNROLL
  for (int g = 0; g < GROUP; ++g) {
    const Pack<T> loaded = load_pack(q + (first_head + g) * DIM, lane);
    WT_UNROLL
    for (int i = 0; i < size; ++i) query[g][i] = to_float(loaded.v[i]) * scale;
    max[g] = -INFINITY;
  }

  // Every thread goes round as often: the sums over lanes need whole warps.
  for (int base = begin; base < end; base += ahead * slots) {
    Pack<T> k[ahead], v[ahead];
    WT_UNROLL
    for (int a = 0; a < ahead; ++a) {
      const int token = base + a * slots + slot;
      if (token >= end) continue;
      const std::int64_t page =
          cache.page_table[std::int64_t{sequence} * cache.pages + token / cache.page];
      const std::int64_t at =
          ((page * cache.kv_heads + kv_head) * cache.page + token % cache.page) * DIM;
      k[a] = load_pack(keys + at, lane);
      v[a] = load_pack(values + at, lane);
    }
    WT_UNROLL
    for (int a = 0; a < ahead; ++a) {
      const bool present = base + a * slots + slot < end;
      WT_UNROLL
      for (int g = 0; g < GROUP; ++g) {
        float score = 0;
        if (present) {
          WT_UNROLL
          for (int i = 0; i < size; ++i) score += query[g][i] * to_float(k[a].v[i]);
        }
        WT_UNROLL
        for (int other = lanes / 2; other > 0; other /= 2)
          score += __shfl_xor_sync(all_lanes, score, other);
        if (!present) continue;
        const float larger = fmaxf(max[g], score);
        const float shrink = expf(max[g] - larger), weight = expf(score - larger);
        max[g] = larger;
        sum[g] = sum[g] * shrink + weight;
        WT_UNROLL
        for (int i = 0; i < size; ++i)
          out[g][i] = out[g][i] * shrink + weight * to_float(v[a].v[i]);
      }
    }
  }

  __shared__ float slot_out[slots][GROUP][DIM], slot_max[slots][GROUP], slot_sum[slots][GROUP];
  WT_UNROLL
  for (int g = 0; g < GROUP; ++g) {
    WT_UNROLL
    for (int i = 0; i < size; ++i) slot_out[slot][g][lane * size + i] = out[g][i];
    if (lane == 0) {
      slot_max[slot][g] = max[g];
      slot_sum[slot][g] = sum[g];
    }
  }
  __syncthreads();
  for (int i = static_cast<int>(threadIdx.x); i < GROUP * DIM; i += decode_threads) {
    const int g = i / DIM, d = i % DIM;
    float all = -INFINITY;
    for (int s = 0; s < slots; ++s) all = fmaxf(all, slot_max[s][g]);
    float numerator = 0, denominator = 0;
    for (int s = 0; s < slots; ++s) {
      if (slot_sum[s][g] == 0) continue; // saw no key: its max is -inf
      const float share = expf(slot_max[s][g] - all);
      numerator += share * slot_out[s][g][d];
      denominator += share * slot_sum[s][g];
    }
    const std::int64_t at = (first_head + g) * splits + split;
    partial_out[at * DIM + d] = numerator;
    if (d == 0) {
      partial_max[at] = all;
      partial_sum[at] = denominator;
    }
  }
}

/// Joins the pieces of each head: grid (heads, sequences), DIM threads.
template <class T, int DIM>
__global__ void decode_join_kernel(const float* partial_out, const float* partial_max,
                                   const float* partial_sum, T* out, int splits) {
  const std::int64_t head = std::int64_t{blockIdx.y} * gridDim.x + blockIdx.x;
  float all = -INFINITY;
  for (int s = 0; s < splits; ++s) all = fmaxf(all, partial_max[head * splits + s]);
  float numerator = 0, denominator = 0;
  for (int s = 0; s < splits; ++s) {
    const std::int64_t at = head * splits + s;
    if (partial_sum[at] == 0) continue;
    const float share = expf(partial_max[at] - all);
    numerator += share * partial_out[at * DIM + threadIdx.x];
    denominator += share * partial_sum[at];
  }
  out[head * DIM + threadIdx.x] = from_float<T>(numerator / denominator);
}

} // namespace windtunnel::calibration
