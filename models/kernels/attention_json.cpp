#include "models/kernels/attention_json.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "libsim/base/error.hpp"

namespace windtunnel::kernels {
namespace {

/// What one head shape has, [batch][length], as text.
std::string text_of(const AttentionGrid& grid, std::size_t shape) {
  std::string text;
  for (std::size_t b = 0; b < grid.batch.size(); ++b) {
    if (b > 0) text += " /";
    const auto measured = [&](std::size_t l) {
      return !std::isnan(grid.log_ratio[grid.at(shape, b, l)]);
    };
    std::size_t count = grid.length.size();
    while (count > 0 && !measured(count - 1)) --count;
    for (std::size_t l = 0; l < count; ++l)
      if (measured(l))
        add_ratio(text, grid.log_ratio[grid.at(shape, b, l)], true);
      else
        text += " .";
  }
  return text;
}

/// Appends what `text_of` wrote; false when it is something else.
bool take_shape(std::string_view text, AttentionGrid& grid) {
  constexpr float none = std::numeric_limits<float>::quiet_NaN();
  AttentionShape shape;
  if (!take(text, shape.heads) || !take(text, shape.kv_heads) || !take(text, shape.head_dim) ||
      !text.starts_with(':'))
    return false;
  text.remove_prefix(1);
  grid.shapes.push_back(shape);
  for (std::size_t b = 0; b < grid.batch.size(); ++b) {
    std::size_t l = 0;
    std::vector<bool> measured;
    for (;; ++l) {
      if (text.starts_with(" .")) {
        text.remove_prefix(2);
        grid.log_ratio.push_back(none);
      } else if (text.starts_with(" /") || text.empty()) {
        break;
      } else if (!take_ratios(text, 1, grid.log_ratio, measured)) {
        return false;
      }
    }
    if (l > grid.length.size()) return false;
    grid.log_ratio.insert(grid.log_ratio.end(), grid.length.size() - l, none);
    if (b + 1 < grid.batch.size()) {
      if (text.empty()) return false;
      text.remove_prefix(2);
    }
  }
  return text.empty();
}

} // namespace

AttentionRoofline roofline_of(const catalog::GpuSpec& gpu, AttentionPhase phase,
                              const AttentionCache& cache, std::int64_t window) {
  const auto peak = gpu.peak(catalog::Dtype::bf16);
  if (!peak) throw InputError("option --gpu", {{"", gpu.name + " has no known peak at bf16"}});
  return {phase, peak->per_second(), gpu.memory_bandwidth.bytes_per_second(), cache.bytes, window};
}

void write_attention(json::Writer& w, const FittedAttention& attention) {
  const AttentionGrid& grid = attention.table.grid();
  w.begin_object()
      .field("phase", to_string(attention.table.roofline().phase))
      .field("cache", attention.cache)
      .field("window", attention.table.roofline().window);
  write_held_out(w, attention.errors);
  write_errors(w, "heldOutLengths", attention.lengths);
  w.field("batch", axis_text(grid.batch)).field("length", axis_text(grid.length));
  w.begin_array("shapes");
  for (std::size_t s = 0; s < grid.shapes.size(); ++s) {
    const AttentionShape& shape = grid.shapes[s];
    w.element(
        fmt::format("{} {} {}:{}", shape.heads, shape.kv_heads, shape.head_dim, text_of(grid, s)));
  }
  w.end().end();
}

void read_attention(json::Reader& r, const catalog::GpuSpec* gpu,
                    std::vector<FittedAttention>& all) {
  const std::string phase =
      r.choice("phase", {"prefill", "decode"}, "All tokens of a prompt, or one after it.");
  const std::string cache = r.choice("cache", {"bf16", "fp8"}, "Format of keys and values.");
  const std::int64_t window =
      r.integer("window", {.min = 0}, "Tokens a query attends to at most; 0: all before it.");
  const HeldOut errors = read_held_out(r);
  const FitErrors lengths =
      read_errors(r, "heldOutLengths", "Of the fit without every second length, on those.");
  AttentionGrid grid;
  grid.batch = read_axis(r, "batch", "Sequences, ascending.");
  grid.length = read_axis(r, "length", "Tokens a sequence, ascending.");
  for (const std::string& line :
       r.texts("shapes", "\"heads kv_heads head_dim: log ratios in steps of 0.5 %\"."))
    if (!take_shape(line, grid)) {
      r.problem("shapes",
                fmt::format("'{}...' is not \"heads kv_heads head_dim:\" and, for each of {} "
                            "batches parted by /, at most {} whole numbers",
                            line.substr(0, 12), grid.batch.size(), grid.length.size()));
      return;
    }
  const auto format = std::ranges::find_if(
      attention_caches(), [&](const AttentionCache& c) { return c.name == cache; });
  if (!gpu || format == attention_caches().end()) return;
  try {
    const auto of = phase == "prefill" ? AttentionPhase::prefill : AttentionPhase::decode;
    all.push_back({cache,
                   AttentionTable(roofline_of(*gpu, of, *format, window), std::move(grid),
                                  errors.p10, errors.p90),
                   errors, lengths});
  } catch (const Error& error) {
    r.problem("", error.what());
  }
}

} // namespace windtunnel::kernels
