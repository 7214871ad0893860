#include "models/operators/transformer.hpp"

#include <algorithm>

namespace windtunnel::operators {
namespace {

using catalog::LanguageModel;

/// Keys a query attends to on average: half the sequence, or the sliding window.
double mean_keys(const LanguageModel& model, double sequence) {
  const double window = model.sliding_window;
  if (window <= 0 || window >= sequence) return sequence / 2;
  return window - window * window / (2 * sequence);
}

double core_width(const LanguageModel& model) { // of scores plus of values, per head
  if (model.kv_lora_rank > 0)
    return model.qk_nope_head_dim + model.qk_rope_head_dim + model.v_head_dim;
  return 2.0 * model.head_dim;
}

void add_attention(LayerWork& work, const LanguageModel& m, const Cut& cut, double tokens) {
  const double t = cut.tensor, h = m.hidden;
  if (m.kv_lora_rank > 0) { // MLA: down-projections are not split
    const double q_dim = m.qk_nope_head_dim + m.qk_rope_head_dim;
    const double kv_dim = m.qk_nope_head_dim + m.v_head_dim;
    if (m.q_lora_rank > 0) {
      work.gemms.push_back({tokens, double(m.q_lora_rank), h, 1, "q down"});
      work.gemms.push_back({tokens, m.heads * q_dim / t, double(m.q_lora_rank), 1, "q up"});
    } else {
      work.gemms.push_back({tokens, m.heads * q_dim / t, h, 1, "q"});
    }
    work.gemms.push_back({tokens, double(m.kv_lora_rank + m.qk_rope_head_dim), h, 1, "kv down"});
    work.gemms.push_back({tokens, m.heads * kv_dim / t, double(m.kv_lora_rank), 1, "kv up"});
    work.gemms.push_back({tokens, h, double(m.heads) * m.v_head_dim / t, 1, "attention out"});
  } else {
    const double kv = std::max(1.0, m.kv_heads / t); // fewer KV heads than ranks: replicated
    work.gemms.push_back({tokens, (m.heads / t + 2 * kv) * m.head_dim, h, 1, "qkv"});
    work.gemms.push_back({tokens, h, double(m.heads) * m.head_dim / t, 1, "attention out"});
  }
  const double local_heads = m.heads / t;
  work.attention_flops = 2 * tokens * mean_keys(m, cut.sequence) * local_heads * core_width(m);
  work.attention_elements = tokens * cut.sequence * local_heads;
}

} // namespace

double LayerWork::forward_flops() const {
  double sum = 0;
  for (const Gemm& g : gemms) sum += 2 * g.m * g.n * g.k * g.count;
  return sum;
}

LayerWork transformer_layer(const LanguageModel& m, bool moe, const Cut& cut) {
  LayerWork work;
  const double t = cut.tensor, h = m.hidden;
  const double tokens = cut.micro_batch * cut.sequence / cut.context;
  const double up = m.gated_mlp ? 2 : 1; // gate and up in one GEMM
  add_attention(work, m, cut, tokens);
  double ffn_tokens_width = 0; // elements that the activation function reads
  if (moe) {
    // Balanced routing: the tokens of all EP ranks over all experts.
    const double local_experts = std::max(1.0, double(m.experts) / cut.expert);
    const double per_expert = tokens * m.top_k / local_experts;
    const double f = m.moe_ffn_hidden > 0 ? m.moe_ffn_hidden : m.ffn_hidden;
    work.gemms.push_back({tokens, double(m.experts), h, 1, "router"}); // router
    work.gemms.push_back({per_expert, up * f / t, h, local_experts, "expert up"});
    work.gemms.push_back({per_expert, h, f / t, local_experts, "expert down"});
    ffn_tokens_width = tokens * m.top_k * f / t;
    if (m.shared_experts > 0) {
      const double shared = f * m.shared_experts;
      work.gemms.push_back({tokens, up * shared / t, h, 1, "shared expert up"});
      work.gemms.push_back({tokens, h, shared / t, 1, "shared expert down"});
      ffn_tokens_width += tokens * shared / t;
    }
  } else {
    const double f = m.ffn_hidden;
    work.gemms.push_back({tokens, up * f / t, h, 1, "mlp up"});
    work.gemms.push_back({tokens, h, f / t, 1, "mlp down"});
    ffn_tokens_width = tokens * f / t;
  }
  // 16-bit elements. A norm reads and writes the hidden state; a residual reads two, writes one;
  // without fusion bias and dropout (with its mask) pass over it as well.
  const double hidden_passes = cut.fused ? 2 * 2 + 2 * 3 : 2 * 2 + 2 * (3 + 2 + 2.5);
  const double hidden_share = cut.sequence_parallel ? 1 / t : 1;
  const double activation_passes = (up + 1) * (cut.fused ? 1 : 2);
  const double rope =
      2 * (m.heads + m.kv_heads) * double(m.head_dim) / t * (m.learned_positions ? 0 : 1);
  work.memory_bytes = 2 * (tokens * h * hidden_passes * hidden_share +
                           ffn_tokens_width * activation_passes + tokens * rope);
  // Dispatch and combine copy each token K times, both ways.
  if (moe) work.memory_bytes += 2 * 4 * tokens * m.top_k * h;
  work.memory_kernels = cut.fused ? 6 : 12;
  return work;
}

LayerWork language_head(const LanguageModel& m, const Cut& cut) {
  LayerWork work;
  const double tokens = cut.micro_batch * cut.sequence / cut.context;
  const double vocabulary = double(m.vocab) / cut.tensor;
  work.gemms.push_back({tokens, vocabulary, double(m.hidden), 1, "head"});
  // Cross-entropy in 32 bits: logits read, exponentiated, normalised.
  work.memory_bytes = tokens * vocabulary * (cut.fused ? 8 : 16);
  work.memory_kernels = cut.fused ? 3 : 8;
  return work;
}

std::vector<RowOperator> row_operators(const LanguageModel& m, int tensor) {
  const double t = tensor, h = m.hidden;
  std::vector<RowOperator> all{{m.linear_bias ? "layernorm" : "rmsnorm", h, 2}, {"add", h, 2}};
  const double keys = std::max(1.0, m.kv_heads / t); // fewer than ranks: replicated
  if (!m.learned_positions) all.push_back({"rope", (m.heads / t + keys) * m.head_dim, 1});
  all.push_back({m.gated_mlp ? "silu_mul" : "gelu", m.ffn_hidden / t, 1});
  return all;
}

double forward_flops_per_token(const LanguageModel& m, double sequence) {
  double flops = 2.0 * m.vocab * m.hidden;
  const Cut whole{.tensor = 1,
                  .context = 1,
                  .expert = 1,
                  .sequence_parallel = true,
                  .micro_batch = 1,
                  .sequence = sequence,
                  .fused = true};
  for (const bool moe : {false, true}) {
    const int layers = moe ? m.moe_layers() : m.layers - m.moe_layers();
    if (layers == 0) continue;
    const LayerWork work = transformer_layer(m, moe, whole);
    flops += layers * (work.forward_flops() + work.attention_flops) / sequence;
  }
  return flops;
}

} // namespace windtunnel::operators
