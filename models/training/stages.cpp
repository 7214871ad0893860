#include "models/training/stages.hpp"

namespace windtunnel::training {

std::vector<int> layers_of_chunks(int layers, int pipeline, int virtual_stages) {
  const int chunks = pipeline * virtual_stages;
  std::vector<int> count(static_cast<std::size_t>(chunks), layers / chunks);
  int left = layers % chunks;
  // The last chunks but one first, so that the first and the last, with embedding and head, stay
  // light.
  for (int c = chunks - 2; left > 0 && c >= 1; --c, --left) ++count[static_cast<std::size_t>(c)];
  for (int c = 0; left > 0; ++c, --left) ++count[static_cast<std::size_t>(c)];
  return count;
}

std::vector<int> chunk_bounds(int layers, int pipeline, int virtual_stages) {
  std::vector<int> bounds{0};
  for (const int count : layers_of_chunks(layers, pipeline, virtual_stages))
    bounds.push_back(bounds.back() + count);
  return bounds;
}

RankParameters rank_parameters(const StepSetup& s, int rank) {
  const catalog::LanguageModel& m = s.model;
  const ParallelismPlan& p = s.plan;
  const std::vector<int> bounds = chunk_bounds(m.layers, p.pipeline, p.virtual_stages);
  const int chunks = p.pipeline * p.virtual_stages;
  RankParameters sum;
  for (int c = rank; c < chunks; c += p.pipeline)
    for (int layer = bounds[static_cast<std::size_t>(c)];
         layer < bounds[static_cast<std::size_t>(c) + 1]; ++layer) {
      sum.dense += m.attention_parameters() / p.tensor + m.norm_parameters();
      if (m.is_moe_layer(layer)) {
        sum.dense += m.moe_shared_parameters() / p.tensor;
        sum.experts += m.expert_parameters() * m.experts / p.expert / p.tensor;
      } else {
        sum.dense += m.dense_mlp_parameters() / p.tensor;
      }
    }
  if (rank == 0) sum.dense += m.embedding_parameters() / p.tensor;
  // A tied head is a second copy of the embedding unless both live on one rank.
  if (rank == p.pipeline - 1)
    sum.dense += m.head_parameters() > 0 ? m.head_parameters() / p.tensor
                 : p.pipeline > 1        ? double(m.vocab) * m.hidden / p.tensor
                                         : 0;
  return sum;
}

} // namespace windtunnel::training
