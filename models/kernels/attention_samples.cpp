#include "models/kernels/attention_samples.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <tuple>

#include "models/kernels/measured_cells.hpp"

namespace windtunnel::kernels {
namespace {

constexpr const char* computed_in = "bfloat16";
constexpr AttentionCache caches[] = {{"bf16", "bfloat16", 2}, {"fp8", "fp8", 1}};

/// The file's row as a sample; problems are recorded in `cells`.
std::optional<AttentionSample> sample_of(const CsvTable& table, std::size_t row,
                                         AttentionPhase phase, MeasuredCells& cells) {
  const auto batch = cells.count(row, "batch_size"), isl = cells.count(row, "isl"),
             heads = cells.count(row, "num_heads"),
             kv_heads = cells.count(row, "num_key_value_heads"),
             head_dim = cells.count(row, "head_dim");
  const auto step = cells.count_or_zero(row, "step");
  const auto window = table.has("window_size") ? cells.count_or_zero(row, "window_size") : 0;
  const auto milliseconds = cells.positive(row, "latency");
  if (table.has("attn_dtype") && table.text(row, "attn_dtype") != computed_in)
    cells.problem(
        row, "attn_dtype",
        fmt::format("'{}' is not read, only {} is", table.text(row, "attn_dtype"), computed_in));
  const auto cache = std::ranges::find_if(caches, [&](const AttentionCache& c) {
    return table.text(row, "kv_cache_dtype") == c.aiconfigurator_name;
  });
  if (cache == std::end(caches)) {
    cells.problem(row, "kv_cache_dtype",
                  fmt::format("'{}' is not read", table.text(row, "kv_cache_dtype")));
    return std::nullopt;
  }
  if (!batch || !isl || !heads || !kv_heads || !head_dim || !step || !window || !milliseconds)
    return std::nullopt;
  if ((*step == 0) != (phase == AttentionPhase::prefill)) {
    cells.problem(row, "step", fmt::format("{} in a file of {}", *step, to_string(phase)));
    return std::nullopt;
  }
  if (*step > 0 && *isl != 1) {
    cells.problem(row, "isl",
                  fmt::format("{} new tokens after {} others are not read", *isl, *step));
    return std::nullopt;
  }
  if (*heads % *kv_heads != 0) {
    cells.problem(row, "num_key_value_heads",
                  fmt::format("{} do not divide {} heads", *kv_heads, *heads));
    return std::nullopt;
  }
  return AttentionSample{cache->name, *window,      {*heads, *kv_heads, *head_dim},
                         *batch,      *isl + *step, *milliseconds * 1e-3};
}

} // namespace

std::span<const AttentionCache> attention_caches() { return caches; }

const char* to_string(AttentionPhase phase) {
  return phase == AttentionPhase::prefill ? "prefill" : "decode";
}

AttentionSamples read_aiconfigurator_attention(const CsvTable& table) {
  table.require({"batch_size", "isl", "step", "num_heads", "num_key_value_heads", "head_dim",
                 "kv_cache_dtype", "latency"});
  MeasuredCells cells(table);
  AttentionSamples samples;
  if (table.size() > 0 && cells.count_or_zero(0, "step").value_or(0) > 0)
    samples.phase = AttentionPhase::decode;
  const bool twice = !table.has("window_size");
  using Key = std::tuple<std::string, std::int64_t, AttentionShape, std::int64_t, std::int64_t>;
  struct First {
    std::size_t at;
    bool again = false;
  };
  std::map<Key, First> seen;
  for (std::size_t row = 0; row < table.size(); ++row) {
    cells.check_device(row);
    const auto sample = sample_of(table, row, samples.phase, cells);
    if (!sample) continue;
    const auto [first, is_new] = seen.try_emplace(
        Key(sample->cache, sample->window, sample->shape, sample->batch, sample->length),
        First{samples.rows.size()});
    if (is_new) {
      samples.rows.push_back(*sample);
    } else if (twice && !first->second.again && sample->shape.heads == sample->shape.kv_heads) {
      first->second.again = true;
      AttentionSample& one = samples.rows[first->second.at];
      one.seconds = (one.seconds + sample->seconds) / 2;
    } else {
      cells.problem(
          row, "batch_size",
          fmt::format("{} sequences of {} tokens, {} heads, {} key-value heads of {} were "
                      "measured before",
                      sample->batch, sample->length, sample->shape.heads, sample->shape.kv_heads,
                      sample->shape.head_dim));
    }
  }
  cells.throw_if_any();
  return samples;
}

} // namespace windtunnel::kernels
