// Stages: which layers each pipeline rank holds. Layers are dealt to pipeline x virtual chunks as
// evenly as they go; the first and the last chunk, which also hold the embedding and the head, get
// fewer when they do not divide (Llama 3 405B: 126 layers on 128 places).
#pragma once

#include <vector>

#include "models/training/parallelism_plan.hpp"

namespace windtunnel::training {

/// Layers of each chunk, in model order: chunk c lives on rank c % pipeline.
std::vector<int> layers_of_chunks(int layers, int pipeline, int virtual_stages);
/// First layer of each chunk, and one past the last.
std::vector<int> chunk_bounds(int layers, int pipeline, int virtual_stages);
/// Parameters on one tensor-parallel rank of pipeline rank `rank`: `dense` are sharded over data
/// parallel ranks, `experts` over those that hold the same experts.
struct RankParameters {
  double dense = 0, experts = 0;
};
RankParameters rank_parameters(const StepSetup& setup, int rank);

} // namespace windtunnel::training
