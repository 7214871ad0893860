// The fit of an AttentionTable, and how far it is off on head shapes and lengths it has not seen.
#pragma once

#include <span>
#include <string>

#include "models/kernels/attention_table.hpp"
#include "models/kernels/held_out.hpp"

namespace windtunnel::kernels {

/// Below it no fifth can be held out.
constexpr std::size_t fewest_head_shapes = 20;

/// Fits on four fifths of the head shapes and scores the rest, all their rows. The samples are of
/// one cache format and window. Throws ModelError for fewer than `fewest_head_shapes`.
HeldOut score_held_out(std::span<const AttentionSample> samples, const AttentionRoofline& roofline,
                       std::uint64_t split_seed);

/// Fits without every second length of all head shapes, the ends excepted, and scores those.
FitErrors score_held_out_lengths(std::span<const AttentionSample> samples,
                                 const AttentionRoofline& roofline);

/// The table from all samples, its band that of `errors`.
AttentionTable fit_attention(std::span<const AttentionSample> samples,
                             const AttentionRoofline& roofline, const HeldOut& errors);

/// What a head shape is held out by, "32/8 x 128".
std::string name_of(const AttentionShape& shape);

} // namespace windtunnel::kernels
