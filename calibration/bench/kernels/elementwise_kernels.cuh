// Elementwise operators, rotary embedding and the lookup of embeddings.
#pragma once

#include "device_code.cuh"

namespace windtunnel::calibration {

struct Add {
  __device__ static float of(float a, float b) { return a + b; }
};
struct SiluMul { ///< silu(gate) up, the gated MLP's middle
  __device__ static float of(float gate, float up) { return gate / (1 + expf(-gate)) * up; }
};
struct Gelu { ///< by tanh, as GPT uses it
  __device__ static float of(float x) {
    return 0.5f * x * (1 + tanhf(0.7978845608f * (x + 0.044715f * x * x * x)));
  }
};
struct Same {
  __device__ static float of(float x) { return x; }
};

template <class Operator, class T>
__global__ void binary_kernel(const T* a, const T* b, T* out, std::int64_t packs) {
  for (std::int64_t i = grid_index(); i < packs; i += grid_threads()) {
    const Pack<T> x = load_pack(a, i), y = load_pack(b, i);
    Pack<T> z;
    WT_UNROLL
    for (int j = 0; j < Pack<T>::size; ++j)
      z.v[j] = from_float<T>(Operator::of(to_float(x.v[j]), to_float(y.v[j])));
    store_pack(out, i, z);
  }
}

/// Eight elements at once from In to Out, of which one or both are 16 bytes or more.
template <class Operator, class In, class Out>
__global__ void unary_kernel(const In* in, Out* out, std::int64_t eights) {
  struct alignas(8 * sizeof(In) < 16 ? 8 * sizeof(In) : 16) Ins {
    In v[8];
  };
  struct alignas(8 * sizeof(Out) < 16 ? 8 * sizeof(Out) : 16) Outs {
    Out v[8];
  };
  for (std::int64_t i = grid_index(); i < eights; i += grid_threads()) {
    const Ins x = reinterpret_cast<const Ins*>(in)[i];
    Outs y;
    WT_UNROLL
    for (int j = 0; j < 8; ++j) y.v[j] = from_float<Out>(Operator::of(to_float(x.v[j])));
    reinterpret_cast<Outs*>(out)[i] = y;
  }
}

/// Rotates the halves of each head (as GPT-NeoX and Llama do): x of [tokens][heads][dim], cosine
/// and sine of [tokens][dim / 2].
template <class T> __global__ void rope_kernel(const T* x, const float* cosine, const float* sine,
                                               T* y, std::int64_t tokens, int heads, int dim) {
  constexpr int size = Pack<T>::size;
  const int half = dim / 2, packs = half / size;
  const std::int64_t all = tokens * heads * packs;
  for (std::int64_t i = grid_index(); i < all; i += grid_threads()) {
    const int pack = static_cast<int>(i % packs);
    const std::int64_t head = i / packs, token = head / heads;
    const T* const in = x + head * dim;
    const Pack<T> a = load_pack(in, pack), b = load_pack(in + half, pack);
    const float* const c = cosine + token * half + pack * size;
    const float* const s = sine + token * half + pack * size;
    Pack<T> first, second;
    WT_UNROLL
    for (int j = 0; j < size; ++j) {
      const float u = to_float(a.v[j]), v = to_float(b.v[j]);
      first.v[j] = from_float<T>(u * c[j] - v * s[j]);
      second.v[j] = from_float<T>(v * c[j] + u * s[j]);
    }
    store_pack(y + head * dim, pack, first);
    store_pack(y + head * dim + half, pack, second);
  }
}

/// out[token] = table[ids[token]].
template <class T> __global__ void gather_kernel(const T* table, const int* ids, T* out,
                                                 std::int64_t tokens, int hidden) {
  const int packs = hidden / Pack<T>::size;
  for (std::int64_t i = grid_index(); i < tokens * packs; i += grid_threads()) {
    const std::int64_t token = i / packs, pack = i % packs;
    store_pack(out, i, load_pack(table, std::int64_t{ids[token]} * packs + pack));
  }
}

} // namespace windtunnel::calibration
