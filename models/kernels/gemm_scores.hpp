// How far a GemmTable is off where it interpolates, where it extrapolates, and where it is carried
// over from other GPUs: by what it says of its own measured nodes with these withheld.
#pragma once

#include "models/kernels/gemm_table.hpp"
#include "models/kernels/table_score.hpp"

namespace windtunnel::kernels {

/// Every second n, then every second k withheld: interpolation between weight shapes.
TableScore score_between_shapes(const GemmTable& table);
/// Every second m withheld, of those half an octave apart.
TableScore score_between_m(const GemmTable& table);
/// The outermost octave of m, n and k withheld, below and above in turn: extrapolation. The
/// widening of the band is learnt from the octave before it.
TableScore score_beyond_edges(const GemmTable& table);
/// `predicted` on what was measured; the two are of one GPU and format.
TableScore score_on(const GemmTable& predicted, const GemmTable& measured);

} // namespace windtunnel::kernels
