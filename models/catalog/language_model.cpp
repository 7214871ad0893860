#include "models/catalog/language_model.hpp"

namespace windtunnel::catalog {

namespace {

// A gated MLP (SwiGLU, GeGLU) has gate and up projections beside the down projection.
double mlp_parameters(const LanguageModel& m, double ffn) {
  const double up = m.gated_mlp ? 2 : 1;
  const double bias = m.linear_bias ? up * ffn + m.hidden : 0;
  return (up + 1) * m.hidden * ffn + bias;
}

} // namespace

bool LanguageModel::is_moe_layer(int layer) const {
  if (experts == 0 || layer < first_dense_layers) return false;
  return (layer - first_dense_layers) % moe_every == moe_every - 1;
}

int LanguageModel::moe_layers() const {
  return experts == 0 || layers < first_dense_layers ? 0
                                                     : (layers - first_dense_layers) / moe_every;
}

double LanguageModel::attention_parameters() const {
  const double h = hidden;
  const double a = heads;
  if (kv_lora_rank > 0) {
    const double query_dim = a * (qk_nope_head_dim + qk_rope_head_dim);
    const double query = q_lora_rank > 0 ? q_lora_rank * (h + query_dim) : h * query_dim;
    const double key_value =
        kv_lora_rank * (h + a * (qk_nope_head_dim + v_head_dim)) + h * qk_rope_head_dim;
    return query + key_value + a * v_head_dim * h;
  }
  const double query = a * head_dim;
  const double key_value = 2.0 * kv_heads * head_dim;
  const double bias = (qkv_bias ? query + key_value : 0) + (linear_bias ? h : 0);
  return h * (query + key_value) + query * h + bias;
}

double LanguageModel::dense_mlp_parameters() const { return mlp_parameters(*this, ffn_hidden); }

double LanguageModel::expert_parameters() const {
  return experts == 0 ? 0 : mlp_parameters(*this, moe_ffn_hidden);
}

double LanguageModel::moe_shared_parameters() const {
  if (experts == 0) return 0;
  const double router = static_cast<double>(hidden) * experts + (linear_bias ? experts : 0);
  return shared_experts * expert_parameters() + router;
}

double LanguageModel::norm_parameters() const {
  // LayerNorm (models with biases) has a gain and a bias, RMSNorm a gain only; the low-rank
  // projections of multi-head latent attention are followed by a norm each.
  const double per_norm = static_cast<double>(hidden) * (linear_bias ? 2 : 1);
  const double latent = kv_lora_rank > 0 ? q_lora_rank + kv_lora_rank : 0;
  return norms_per_layer * per_norm + latent;
}

double LanguageModel::embedding_parameters() const {
  const double positions = learned_positions ? max_position.value_or(0) : 0;
  return (vocab + positions) * hidden;
}

double LanguageModel::head_parameters() const {
  return tied_embeddings ? 0 : static_cast<double>(vocab) * hidden;
}

double LanguageModel::final_norm_parameters() const {
  return static_cast<double>(hidden) * (linear_bias ? 2 : 1);
}

double LanguageModel::parameters() const {
  const double moe = moe_layers();
  return layers * (attention_parameters() + norm_parameters()) +
         (layers - moe) * dense_mlp_parameters() +
         moe * (experts * expert_parameters() + moe_shared_parameters()) + embedding_parameters() +
         head_parameters() + final_norm_parameters();
}

double LanguageModel::active_parameters() const {
  return parameters() - moe_layers() * (experts - top_k) * expert_parameters();
}

} // namespace windtunnel::catalog
