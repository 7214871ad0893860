// AttentionSample: one measured attention kernel, and the files they are read from.
#pragma once

#include <compare>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "libsim/base/csv_table.hpp"

namespace windtunnel::kernels {

/// Prefill: `length` new tokens a sequence, causal, nothing cached before. Decode: one new token a
/// sequence that attends to `length` cached ones.
enum class AttentionPhase { prefill, decode };
const char* to_string(AttentionPhase);

/// What a model's layer has on one GPU: query heads, key-value heads (fewer with grouped queries)
/// and elements a head.
struct AttentionShape {
  std::int64_t heads = 0, kv_heads = 0, head_dim = 0;
  auto operator<=>(const AttentionShape&) const = default;
};

/// A number format of cached keys and values.
struct AttentionCache {
  const char* name;
  const char* aiconfigurator_name;
  double bytes; ///< of an element
};
std::span<const AttentionCache> attention_caches();

struct AttentionSample {
  std::string cache;       ///< an AttentionCache's name
  std::int64_t window = 0; ///< tokens a query attends to at most; 0: all before it
  AttentionShape shape;
  std::int64_t batch = 0, length = 0;
  double seconds = 0;
};

struct AttentionSamples {
  AttentionPhase phase = AttentionPhase::prefill;
  std::vector<AttentionSample> rows;
};

/// A file of aiconfigurator's collectors: columns batch_size, isl, step, num_heads,
/// num_key_value_heads, head_dim, kv_cache_dtype, latency in milliseconds; window_size where the
/// collector knew windows. Rows of step 0 are of prefill, others of decode with isl + step cached
/// tokens. Collectors without window_size measured shapes of as many key-value as query heads
/// twice: the mean is taken. Throws InputError with every problem and its line and column: a
/// missing column, a number that is none or not positive, an unknown format, key-value heads that
/// do not divide the heads, a kernel measured twice, two devices or both phases in one file.
AttentionSamples read_aiconfigurator_attention(const CsvTable& table);

} // namespace windtunnel::kernels
