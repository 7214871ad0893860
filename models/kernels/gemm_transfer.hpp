// Matrix products on a GPU that was never measured: its specifications, and how far its nearest
// measured relatives are from theirs.
//
// What transfers is the ratio of the measured time to a roofline of the machine, at the same
// (m, n, k). Unlike the smooth one of GemmRoofline it knows clock and caches:
//
//   t = ((flops / 0.82 peak)^2 + (bytes / rate)^2)^(1/2) + (5750 + 0.38 k) / clock
//
// with rate 0.80 of the memory's or, while the copies of the weights that benchmarks rotate stay in
// the L2, 7.6 bytes a clock and SM. Kernels take cycles to start and to go down k whatever their
// size. The five constants are the means of fits to the A100's and the H100's bf16 tables; the
// other GPUs had no part in them.
//
// Relatives and the band are those of relatives.hpp. Sites mapped by equal waves per SM or by equal
// intensity over balance predict no better, so the site is the same.
#pragma once

#include <span>

#include "models/catalog/gpu_spec.hpp"
#include "models/kernels/gemm_json.hpp"
#include "models/kernels/relatives.hpp"

namespace windtunnel::kernels {

struct MeasuredGemm {
  const catalog::GpuSpec* gpu = nullptr;
  const GemmTable* table = nullptr;
};

/// The table of `gpu`, on the grid of its nearest relative; a table of the GPU itself has no part
/// in it. Throws ModelError when it has no relative, and InputError when it has no known peak for
/// the format.
GemmTable transfer_gemm(const catalog::GpuSpec& gpu, const GemmFormat& format,
                        std::span<const MeasuredGemm> measured);

} // namespace windtunnel::kernels
