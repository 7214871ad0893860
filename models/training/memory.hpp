// Memory of the fullest rank of a training plan, and the verdict whether it fits.
// Formulas: Megatron-LM theoretical_memory_usage.py (static), Korthikanti et al. 2205.05198
// (activations); bytes.
#pragma once

#include <optional>
#include <string>

#include "models/training/parallelism_plan.hpp"

namespace windtunnel::training {

struct MemoryBreakdown {
  int pipeline_rank = 0; ///< the fullest stage
  Bytes weights{}, gradients{}, optimizer{}, activations{}, logits{}, communication{}, overhead{};
  Bytes total() const {
    return weights + gradients + optimizer + activations + logits + communication + overhead;
  }
};

struct MemoryVerdict {
  bool fits = false;
  MemoryBreakdown fullest;
  Bytes available{};       ///< of the GPU, after what the driver keeps
  std::string explanation; ///< one sentence: what is too big, by how much, or the margin
  /// The nearest plan that fits, when this one does not: fewest changes first.
  std::optional<ParallelismPlan> nearest_fit;
  std::string nearest_fit_text; ///< "recompute full" / "microBatch 1, tensor 8"
};

MemoryBreakdown memory_of(const StepSetup&, int pipeline_rank);
MemoryVerdict judge_memory(const StepSetup&);

} // namespace windtunnel::training
