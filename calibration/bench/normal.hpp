// Normal variates of a counter: Philox4x32-10 (Salmon et al., SC 2011) and Box-Muller. The same on
// host and device up to the last bits of the device's logarithm and cosine.
#pragma once

#include <cmath>
#include <cstdint>

#ifdef __CUDACC__
#define WT_HOST_DEVICE __host__ __device__
#else
#define WT_HOST_DEVICE
#endif

namespace windtunnel::calibration {

struct Philox {
  std::uint32_t v[4];
};

WT_HOST_DEVICE inline Philox philox4x32(Philox counter, std::uint32_t key0, std::uint32_t key1) {
  for (int round = 0; round < 10; ++round) {
    const std::uint64_t p0 = std::uint64_t{0xD2511F53u} * counter.v[0];
    const std::uint64_t p1 = std::uint64_t{0xCD9E8D57u} * counter.v[2];
    counter = {{static_cast<std::uint32_t>(p1 >> 32) ^ counter.v[1] ^ key0,
                static_cast<std::uint32_t>(p1),
                static_cast<std::uint32_t>(p0 >> 32) ^ counter.v[3] ^ key1,
                static_cast<std::uint32_t>(p0)}};
    key0 += 0x9E3779B9u;
    key1 += 0xBB67AE85u;
  }
  return counter;
}

/// Four independent standard normal variates: those of place 4 `quad` .. 4 `quad` + 3.
WT_HOST_DEVICE inline void four_normals(std::uint64_t quad, std::uint64_t seed, float out[4]) {
  const Philox bits =
      philox4x32({{static_cast<std::uint32_t>(quad), static_cast<std::uint32_t>(quad >> 32), 0, 0}},
                 static_cast<std::uint32_t>(seed), static_cast<std::uint32_t>(seed >> 32));
  for (int pair = 0; pair < 2; ++pair) {
    // (0, 1]: its logarithm is finite.
    const float u = (static_cast<float>(bits.v[2 * pair] >> 8) + 1) * 0x1p-24f;
    const float angle = static_cast<float>(bits.v[2 * pair + 1] >> 8) * (0x1p-24f * 6.2831853f);
    const float radius = sqrtf(-2 * logf(u));
    out[2 * pair] = radius * cosf(angle);
    out[2 * pair + 1] = radius * sinf(angle);
  }
}

} // namespace windtunnel::calibration
