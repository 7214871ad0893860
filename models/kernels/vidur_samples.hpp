// The files of Vidur's MLP profiler (microsoft/vidur): the operators of one transformer layer
// outside attention, by tokens and tensor parallelism, in 16 bits on one GPU.
#pragma once

#include <vector>

#include "libsim/base/csv_table.hpp"
#include "models/kernels/gemm_samples.hpp"
#include "models/kernels/memory_samples.hpp"

namespace windtunnel::kernels {

struct VidurSamples {
  std::vector<GemmSample> gemm;
  std::vector<MemorySample> memory;
};

/// From files of one GPU, a model each. Shapes follow from the columns n_head, n_kv_head, n_embd,
/// n_expanded_embd, use_gated_mlp, num_tokens and num_tensor_parallel_workers; times are
/// time_stats.<operator>.mean in milliseconds, since the medians of its 20 repeats are whole
/// microseconds where a kernel takes two. Blank is not measured. The profiler meets some shapes
/// again (norms and sums at every tensor parallelism, its two grids of tokens where they overlap):
/// the sample is the median. Matrix products are kept for 2^i and 1.5 x 2^i tokens, of up to 450.
/// Throws InputError with line and column.
VidurSamples read_vidur_mlp(const std::vector<CsvTable>& files);

} // namespace windtunnel::kernels
