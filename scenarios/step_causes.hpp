// The parts of a training step as the report names them, in waterfall order.
#pragma once

#include <array>

#include "models/training/step_model.hpp"

namespace windtunnel::scenarios {

struct StepCause {
  const char* cause; ///< key in JSON and CSV
  const char* label; ///< for people
  Time training::StepParts::*part;
};

inline constexpr std::array<StepCause, 13> step_causes{{
    {"gemm_at_peak", "Matrix work at the GPU's peak", &training::StepParts::gemm_at_peak},
    {"gemm_below_peak", "GEMM below peak", &training::StepParts::gemm_below_peak},
    {"attention", "Attention kernels", &training::StepParts::attention},
    {"elementwise", "Norms, activations, loss", &training::StepParts::elementwise},
    {"recompute", "Recomputed activations", &training::StepParts::recompute},
    {"tensor_parallel", "Exposed tensor-parallel communication",
     &training::StepParts::tensor_parallel},
    {"pipeline_parallel", "Exposed pipeline communication",
     &training::StepParts::pipeline_parallel},
    {"data_parallel", "Exposed data-parallel communication", &training::StepParts::data_parallel},
    {"expert_parallel", "Exposed expert-parallel communication",
     &training::StepParts::expert_parallel},
    {"context_parallel", "Exposed context-parallel communication",
     &training::StepParts::context_parallel},
    {"bubble", "Pipeline bubble", &training::StepParts::bubble},
    {"optimizer", "Optimizer step", &training::StepParts::optimizer},
    {"host", "Launch gaps, stragglers, data loading", &training::StepParts::host},
}};

} // namespace windtunnel::scenarios
