// StepModel: the time of one training step, as a schedule of kernels and collectives, with its
// parts. Every part is time on the critical path of the slowest rank; the parts add up to total
// exactly (ns). Pure function: equal setups give equal estimates.
//
// Source of the formulas: operators (models/operators), kernels (models/kernels), collectives
// (models/network), pipeline schedules simulated per (stage, micro-batch).
#pragma once

#include <string>
#include <vector>

#include "models/training/parallelism_plan.hpp"

namespace windtunnel::training {

struct StepParts {
  Time gemm_at_peak{};    ///< matrix work of the model (no recompute) at the dense peak
  Time gemm_below_peak{}; ///< what GEMMs take beyond that
  Time attention{};       ///< attention core kernels
  Time elementwise{};     ///< norms, activations, rotary, residuals, loss
  Time recompute{};       ///< forward work done again
  Time tensor_parallel{}; ///< exposed communication, per axis
  Time pipeline_parallel{};
  Time data_parallel{};
  Time expert_parallel{};
  Time context_parallel{};
  Time bubble{}; ///< idle in the pipeline
  Time optimizer{};
  Time host{}; ///< launch gaps, data loader, jitter of synchronous ranks
  Time total() const {
    return gemm_at_peak + gemm_below_peak + attention + elementwise + recompute + tensor_parallel +
           pipeline_parallel + data_parallel + expert_parallel + context_parallel + bubble +
           optimizer + host;
  }
};

struct StepEstimate {
  StepParts parts;
  Time step{};            ///< == parts.total()
  double model_flops = 0; ///< of the whole job per step, causal attention, without recompute
  double mfu = 0;         ///< model_flops / (gpus * peak(dtype) * step)
  double tokens_per_s_per_gpu = 0;
  double sigma_ln = 0; ///< standard deviation of ln(actual / step): the model's own error
  std::vector<std::string> assumptions; ///< what was extrapolated or assumed, for the report
};

/// Throws ModelError when check(setup) is not empty or the GPU has no peak at plan.dtype.
StepEstimate estimate_step(const StepSetup& setup);

/// One step of training a diffusion backbone (text encoder and VAE encoder forward included unless
/// latents are precomputed), data parallel over system.gpus.
struct DiffusionSetup {
  catalog::DiffusionModel model;
  System system;
  int pixels = 512;
  int micro_batch = 8; ///< images per GPU
  catalog::Dtype dtype = catalog::Dtype::bf16;
  Sharding sharding = Sharding::none;
  bool precomputed_latents = false;
};
StepEstimate estimate_step(const DiffusionSetup& setup);

} // namespace windtunnel::training
