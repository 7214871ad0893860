// FittedAttention: an AttentionTable with the errors of its fit, and its JSON: one text a head
// shape, "32 8 128: 12 -5 / 10 -4 / . 3", heads, key-value heads and elements a head, then for
// each batch the values at the lengths in order; . for what was not measured, ends left out.
#pragma once

#include <string>
#include <vector>

#include "models/catalog/catalog.hpp"
#include "models/kernels/attention_fit.hpp"
#include "models/kernels/table_json.hpp"

namespace windtunnel::kernels {

/// Throws InputError when the GPU has no known peak in bf16.
AttentionRoofline roofline_of(const catalog::GpuSpec& gpu, AttentionPhase phase,
                              const AttentionCache& cache, std::int64_t window);

struct FittedAttention {
  std::string cache; ///< an AttentionCache's name
  AttentionTable table;
  HeldOut errors;    ///< of the fit on four fifths of the head shapes
  FitErrors lengths; ///< of the fit without every second length, on those
};

void write_attention(json::Writer& w, const FittedAttention& attention);
/// Adds the table that `r` holds to `all`; problems are recorded in `r`. `gpu` may be null when it
/// is a problem already.
void read_attention(json::Reader& r, const catalog::GpuSpec* gpu,
                    std::vector<FittedAttention>& all);

} // namespace windtunnel::kernels
