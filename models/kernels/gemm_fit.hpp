// The fit of a GemmTable, and how far it is off on shapes it has not seen.
//
// Weight shapes (n, k) that were not measured are predicted from those that were by
// Gaussian-process regression (kriging) of the log ratio to the roofline, for all m at once. Two
// shapes are the more alike the closer they are in log n and log k; those of equal n are more alike
// than others, since tiles and waves depend on m and n but not on k, and those of equal k, since
// the main loop does. Rasmussen and Williams, Gaussian Processes for Machine Learning,
// algorithm 2.1.
//
// The covariance has five parameters, chosen once by the errors on held-out shapes of the H100 in
// bf16 with split seed 0, and the same for every GPU and format.
#pragma once

#include <span>

#include "models/kernels/gemm_samples.hpp"
#include "models/kernels/gemm_table.hpp"
#include "models/kernels/held_out.hpp"

namespace windtunnel::kernels {

/// Fits on four fifths of the weight shapes (n, k) and scores the rest. Throws ModelError when
/// either part has fewer than eight shapes.
HeldOut score_held_out(std::span<const GemmSample> samples, const GemmRoofline& roofline,
                       std::uint64_t split_seed);

/// The table from all samples, its band from the errors of `score_held_out` with the seed.
GemmTable fit_gemm(std::span<const GemmSample> samples, const GemmRoofline& roofline,
                   std::uint64_t split_seed = 0);

} // namespace windtunnel::kernels
