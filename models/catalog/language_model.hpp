// LanguageModel: the dimensions of a transformer, enough to count its parameters and FLOPs.
//
// Counts are of decoder-only transformers: attention (multi-head, grouped-query or multi-head
// latent), dense or mixture-of-experts MLP with or without gate, norms, embedding and output
// projection. With h hidden, a heads, k key-value heads, d head dimension, f MLP width and g = 3
// matrices when gated, else 2:
//   attention = h a d + 2 h k d + a d h        MLP = g h f
//   MoE layer = E experts of g h f_e + shared experts + router h E
//   latent    = r_q (h + a (d_nope + d_rope)) + r_kv (h + a (d_nope + d_v)) + h d_rope + a d_v h
// Source of the terms: NVIDIA/Megatron-LM training/theoretical_memory_usage.py. Biases are added
// where the model has them (qkv_bias, linear_bias); models with linear_bias have LayerNorm (gain
// and bias), the others RMSNorm. Left out: query/key norms, attention sinks, rotary tables, routing
// bias terms (together below 1e-4 of any model carried). Encoder-decoder and state-space layers
// cannot be expressed. Counts are doubles: exact to 2^53.
//
//   const LanguageModel* m = Catalog::builtin().language_model("llama-3.1-405b");
//   double billions = m->parameters() * 1e-9; // 405.85
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "models/catalog/provenance.hpp"

namespace windtunnel::catalog {

struct LanguageModel {
  std::string name;                 ///< "Llama-3.1-405B"; the Catalog also finds "llama-3.1-405b"
  std::vector<std::string> aliases; ///< other spellings the Catalog finds it by
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
  int moe_every = 1; ///< of the layers after the first dense ones, every so many-th has experts
  // Multi-head latent attention (DeepSeek); kv_lora_rank == 0 means plain MHA/GQA.
  int q_lora_rank = 0;
  int kv_lora_rank = 0;
  int qk_nope_head_dim = 0;
  int qk_rope_head_dim = 0;
  int v_head_dim = 0;
  int sliding_window = 0; ///< of the layers that have one; 0: full attention everywhere
  bool qkv_bias = false;
  bool linear_bias = false; ///< on output projection and MLP; then norms have one too
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
  double final_norm_parameters() const; ///< the norm before the output projection
  double parameters() const;            ///< all of them
  double active_parameters() const;     ///< used by one token
};

} // namespace windtunnel::catalog
