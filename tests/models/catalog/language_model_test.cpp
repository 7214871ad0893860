#include "models/catalog/language_model.hpp"

#include <gtest/gtest.h>

namespace windtunnel::catalog {
namespace {

// Expected counts are written out term by term, not computed by the functions under test.

TEST(LanguageModel, DenseGatedGroupedQuery) {
  // Llama 3 8B: hidden 4096, 32 query and 8 key-value heads of 128, gated MLP of 14336.
  LanguageModel m;
  m.layers = 32, m.hidden = 4096, m.heads = 32, m.kv_heads = 8, m.head_dim = 128;
  m.ffn_hidden = 14336, m.gated_mlp = true, m.vocab = 128256;
  EXPECT_EQ(m.attention_parameters(), 2.0 * 4096 * 4096 + 2.0 * 4096 * 1024);
  EXPECT_EQ(m.dense_mlp_parameters(), 3.0 * 4096 * 14336);
  EXPECT_EQ(m.norm_parameters(), 2.0 * 4096);
  EXPECT_EQ(m.embedding_parameters(), 128256.0 * 4096);
  EXPECT_EQ(m.head_parameters(), 128256.0 * 4096);
  EXPECT_EQ(m.parameters(), 8030261248); // the checkpoint's element count
  EXPECT_EQ(m.active_parameters(), m.parameters());
  EXPECT_EQ(m.expert_parameters(), 0);
}

TEST(LanguageModel, BiasesLearnedPositionsAndTiedHead) {
  // GPT-2 (124M): every count is in its checkpoint: 124,439,808.
  LanguageModel m;
  m.layers = 12, m.hidden = 768, m.heads = 12, m.kv_heads = 12, m.head_dim = 64;
  m.ffn_hidden = 3072, m.vocab = 50257, m.tied_embeddings = true, m.max_position = 1024;
  m.qkv_bias = m.linear_bias = m.learned_positions = true;
  EXPECT_EQ(m.parameters(), 124439808);
  EXPECT_EQ(m.head_parameters(), 0);
}

TEST(LanguageModel, LatentAttentionAndExperts) {
  // DeepSeek-V3: 61 layers, the first three dense, 256 experts, 8 of them and one shared in use.
  LanguageModel m;
  m.layers = 61, m.hidden = 7168, m.heads = 128, m.kv_heads = 128, m.head_dim = 192;
  m.ffn_hidden = 18432, m.gated_mlp = true, m.vocab = 129280;
  m.experts = 256, m.top_k = 8, m.shared_experts = 1, m.moe_ffn_hidden = 2048;
  m.first_dense_layers = 3, m.q_lora_rank = 1536, m.kv_lora_rank = 512;
  m.qk_nope_head_dim = 128, m.qk_rope_head_dim = 64, m.v_head_dim = 128;
  EXPECT_EQ(m.attention_parameters(), 7168.0 * 1536 + 1536.0 * 128 * 192 + 7168.0 * (512 + 64) +
                                          512.0 * 128 * 256 + 128.0 * 128 * 7168);
  EXPECT_EQ(m.moe_layers(), 58);
  EXPECT_FALSE(m.is_moe_layer(2));
  EXPECT_TRUE(m.is_moe_layer(3));
  EXPECT_EQ(m.expert_parameters(), 3.0 * 7168 * 2048);
  EXPECT_EQ(m.moe_shared_parameters(), 3.0 * 7168 * 2048 + 7168.0 * 256);
  EXPECT_EQ(m.norm_parameters(), 2 * 7168 + 1536 + 512);
  EXPECT_NEAR(m.parameters(), 671.03e9, 0.01e9);       // 671B, its README
  EXPECT_NEAR(m.active_parameters(), 37.55e9, 0.01e9); // 37B, its README
}

TEST(LanguageModel, EverySecondLayerHasExperts) {
  LanguageModel m;
  m.layers = 48, m.experts = 128, m.moe_every = 2;
  int counted = 0;
  for (int layer = 0; layer < m.layers; ++layer) counted += m.is_moe_layer(layer);
  EXPECT_EQ(counted, 24);
  EXPECT_EQ(m.moe_layers(), counted);
  EXPECT_FALSE(m.is_moe_layer(0));
  EXPECT_TRUE(m.is_moe_layer(1));
}

TEST(LanguageModel, DenseLayersMayOutnumberAll) {
  LanguageModel m;
  m.layers = 4, m.experts = 8, m.first_dense_layers = 6;
  EXPECT_EQ(m.moe_layers(), 0);
  EXPECT_FALSE(m.is_moe_layer(3));
}

} // namespace
} // namespace windtunnel::catalog
