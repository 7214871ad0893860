// Operators of one transformer layer on one rank, for one micro-batch: GEMMs with their shapes, the
// attention core, and the bytes that norms, activations and residuals move.
//
// Formulas: Megatron-LM (tensor and sequence parallelism), Korthikanti et al. 2205.05198, Shoeybi
// et al. 1909.08053; MLA from the DeepSeek-V2 report. Tensor parallelism t splits heads, FFN and
// vocabulary; context parallelism c splits the sequence; expert parallelism e splits the experts.
// FLOPs count a multiply-add as two; causal attention does half of the full square.
#pragma once

#include <vector>

#include "models/catalog/language_model.hpp"

namespace windtunnel::operators {

/// C[m,n] += A[m,k] B[k,n], `count` times.
struct Gemm {
  double m, n, k;
  double count;
  const char* name = ""; ///< "qkv", "mlp up", ...
};

/// One layer (or the head) on one rank.
struct LayerWork {
  std::vector<Gemm> gemms;       ///< forward; backward does each twice more (data, weights)
  double attention_flops = 0;    ///< forward core, causal: half the square
  double attention_elements = 0; ///< scores if materialised: heads x s x s x b, on this rank
  double memory_bytes = 0;       ///< forward traffic of norms, residuals, activations
  double memory_kernels = 0;
  double forward_flops() const; ///< of the GEMMs
};

/// How the layer is cut.
struct Cut {
  int tensor = 1, context = 1, expert = 1;
  bool sequence_parallel = true;
  double micro_batch = 1, sequence = 1;
  bool fused = true; ///< fused norms and activations; false: kernels of 2021
};

LayerWork transformer_layer(const catalog::LanguageModel& model, bool moe, const Cut& cut);
/// Output projection and loss (the last pipeline stage).
LayerWork language_head(const catalog::LanguageModel& model, const Cut& cut);

/// A memory-bound kernel of an inference layer: one row of `width` elements a token, `count` times.
/// Names are those of models/kernels.
struct RowOperator {
  const char* name;
  double width, count;
};
/// Those of a dense layer on one of `tensor` ranks, without sequence parallelism: two norms, two
/// residual sums, rotary positions, the activation.
std::vector<RowOperator> row_operators(const catalog::LanguageModel& model, int tensor);

/// FLOPs of one token in a forward pass of the whole model, the number MFU is made of: 2 x active
/// matrix parameters + causal attention.
double forward_flops_per_token(const catalog::LanguageModel& model, double sequence);

} // namespace windtunnel::operators
