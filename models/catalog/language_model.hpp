// LanguageModel: the dimensions of a transformer, enough to count its parameters and FLOPs.
// Parameter formulas: Megatron-LM training/theoretical_memory_usage.py (dense, MoE, MLA).
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "models/catalog/provenance.hpp"

namespace windtunnel::catalog {

struct LanguageModel {
  std::string name; ///< "Llama-3.1-405B"; the Catalog also finds "llama-3.1-405b"
  std::string family;
  int layers = 0;
  int hidden = 0;
  int heads = 0;
  int kv_heads = 0;
  int head_dim = 0;
  int ffn_hidden = 0;
  bool gated_mlp = false;
  int vocab = 0;
  bool tied_embeddings = false;
  std::optional<int> max_position;
  // Mixture of experts; experts == 0 means dense.
  int experts = 0;
  int top_k = 0;
  int shared_experts = 0;
  int moe_ffn_hidden = 0;
  int first_dense_layers = 0;
  int moe_every = 1;
  // Multi-head latent attention (DeepSeek); kv_lora_rank == 0 means plain MHA/GQA.
  int q_lora_rank = 0;
  int kv_lora_rank = 0;
  int qk_nope_head_dim = 0;
  int qk_rope_head_dim = 0;
  int v_head_dim = 0;
  int sliding_window = 0; ///< 0: full attention
  bool qkv_bias = false;
  bool linear_bias = false;
  bool learned_positions = false;
  int norms_per_layer = 2;
  std::optional<double> published_parameters;
  Provenance provenance;

  bool is_moe_layer(int layer) const; ///< layer in [0, layers)
  int moe_layers() const;
  double attention_parameters() const;  ///< of one layer, norms left out
  double dense_mlp_parameters() const;  ///< of one dense layer
  double expert_parameters() const;     ///< of one routed expert
  double moe_shared_parameters() const; ///< shared experts + router of one MoE layer
  double norm_parameters() const;       ///< of one layer
  double embedding_parameters() const;  ///< input embedding (+ learned positions)
  double head_parameters() const;       ///< output projection; 0 when tied
  double parameters() const;            ///< all of them
  double active_parameters() const;     ///< used by one token
};

} // namespace windtunnel::catalog
