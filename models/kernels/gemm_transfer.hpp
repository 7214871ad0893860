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
// Relatives are the GPUs of the same architecture or, where none was measured, all others, the
// log ratios averaged with weights 1 / (distance^2 + 1/64); distance is made of the compute
// capabilities' difference and of the octaves between peak / bandwidth. Sites mapped by equal waves
// per SM or equal intensity over balance predict no better, so the site is the same.
//
// The band: quantiles of log(measured / predicted) with each measured GPU predicted from the others
// the same way.
#pragma once

#include <span>
#include <vector>

#include "models/catalog/gpu_spec.hpp"
#include "models/kernels/gemm_json.hpp"

namespace windtunnel::kernels {

/// A measured GPU, and its share in a transfer.
struct GemmRelative {
  const catalog::GpuSpec* gpu = nullptr;
  const GemmTable* table = nullptr;
  double weight = 0;
};

/// Those of `measured` that `gpu` is predicted from, heaviest first, weights adding to one; never
/// the GPU itself. Throws ModelError when there is none.
std::vector<GemmRelative> relatives_of(const catalog::GpuSpec& gpu, const GemmFormat& format,
                                       std::span<const GemmRelative> measured);

/// The table of `gpu`, on the grid of its nearest relative. Throws ModelError as above, and
/// InputError when the GPU has no known peak for the format.
GemmTable transfer_gemm(const catalog::GpuSpec& gpu, const GemmFormat& format,
                        std::span<const GemmRelative> measured);

} // namespace windtunnel::kernels
