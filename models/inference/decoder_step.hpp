// DecoderStep: one forward pass of a dense decoder over the GPUs of one tensor-parallel group, the
// sum of its kernels: matrix products, attention and memory-bound operators from fitted tables
// (models/kernels), two all-reduces a layer (models/network), one after the other on
// each GPU, and the host that launches them (engine_host.hpp):
//   step = preparation + max(sum of kernels, layers x launch) + sequences x sampling
//
//   const DecoderStep step(*catalog.language_model("Llama-2-70B"), *catalog.gpu("A100"), 2,
//   fabric); step.decode(1, 1024).seconds();
#pragma once

#include <string>
#include <vector>

#include "models/catalog/gpu_spec.hpp"
#include "models/catalog/language_model.hpp"
#include "models/inference/engine_host.hpp"
#include "models/kernels/gpu_kernels.hpp"
#include "models/network/fabric.hpp"

namespace windtunnel::inference {

/// Seconds of a step, by what they are spent on.
struct StepTime {
  double matrices = 0, memory_bound = 0, attention = 0, communication = 0; ///< of the layers
  double head = 0;                                                         ///< output projection
  double preparation = 0, launches = 0, sampling = 0;                      ///< of the host
  double kernels() const { return matrices + memory_bound + attention + communication + head; }
  bool launch_bound() const { return launches > kernels(); }
  double seconds() const {
    return preparation + (launch_bound() ? launches : kernels()) + sampling;
  }
};

class DecoderStep {
public:
  /// Weights and cache in `dtype`, "bf16" or "fp16". Without `host` (which outlives it), steps are
  /// their kernels. Throws ModelError for a model with experts or latent attention, one that
  /// `tensor` does not divide, and a GPU without tables of attention and memory-bound operators.
  DecoderStep(const catalog::LanguageModel& model, const catalog::GpuSpec& gpu, int tensor,
              const std::string& dtype, const network::Fabric& fabric,
              const EngineHost* host = nullptr);

  /// `batch` prompts of as many tokens, nothing cached before.
  StepTime prefill(double batch, double prompt) const;
  /// One token for each of `batch` sequences of `context` tokens.
  StepTime decode(double batch, double context) const;
  /// The textbook step of `tokens`: max(flops / peak, bytes of the weights / bandwidth).
  double roofline(double tokens) const;

private:
  struct Rows {
    const kernels::MemoryTable* table;
    double width, count;
  };
  /// All but attention and host: `tokens` through the layers, `sequences` through the head.
  StepTime layers(double tokens, double sequences) const;

  const catalog::LanguageModel& model_;
  const catalog::GpuSpec& gpu_;
  int tensor_;
  network::Fabric fabric_;
  const EngineHost* host_;
  kernels::GemmKernel gemm_;
  kernels::AttentionCurve prefill_, decode_;
  std::vector<Rows> rows_;
};

} // namespace windtunnel::inference
