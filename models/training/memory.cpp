#include "models/training/memory.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "libsim/base/unit_strings.hpp"
#include "models/training/stages.hpp"
#include "models/training/step_parameters.hpp"

namespace windtunnel::training {
namespace {

/// Of the gradient kept for each parameter: 4, Megatron's fp32 main gradient, or 2 (FSDP,
/// DeepSpeed).
double gradient_bytes(const std::string& framework) {
  return framework.starts_with("megatron") ? 4 : 2;
}

/// 16-bit bytes of activations one layer keeps for backward, one micro-batch, one rank (flash
/// attention: no score matrix; Korthikanti 2205.05198 generalised to GQA, SwiGLU and MoE).
double activation_bytes(const StepSetup& s, bool moe) {
  const catalog::LanguageModel& m = s.model;
  const ParallelismPlan& p = s.plan;
  const double tokens = double(p.micro_batch) * s.sequence_length / p.context;
  const double t = p.tensor, h = m.hidden;
  const StepParameters& stack = step_parameters(s.framework);
  const double hidden_split = p.sequence_parallel && stack.sequence_parallel ? t : 1;
  if (p.recompute == Recompute::full) return 2 * tokens * h / hidden_split;
  const double qkv = (m.heads + 2 * m.kv_heads) * double(m.head_dim);
  double f = m.ffn_hidden;
  if (moe) {
    const double fe = m.moe_ffn_hidden > 0 ? m.moe_ffn_hidden : m.ffn_hidden;
    f = fe * (m.top_k + m.shared_experts);
  }
  // 16 bits: inputs of both norms (hidden-wide), Q, K and V, the MLP's gate and up (or GELU's
  // input). Inputs of the linear layers, of QKV, projection, and both of the MLP, are kept in the
  // kind they are multiplied in (TransformerEngine), 8 bits where that is fewer.
  const double linear = std::clamp(catalog::element_bytes(p.dtype), 1.0, 2.0);
  double bytes =
      tokens * (2 * (2 * h / hidden_split + qkv / t + (m.gated_mlp ? 2 : 1) * f / t) +
                linear * (2 * h / hidden_split + double(m.heads) * m.head_dim / t + f / t));
  if (moe) bytes += 2 * tokens * 2.0 * m.top_k * h / hidden_split; // permuted copies
  const bool materialised = !stack.flash_attention && p.recompute == Recompute::none;
  if (materialised) bytes += 5 * tokens * s.sequence_length * m.heads / t; // scores, mask, softmax
  return bytes;
}

/// Micro-batches whose activations one rank holds when it holds most. 1F1B: those that warm up the
/// pipeline and the one at work. Interleaved: the chunks of Megatron's warm-up, of which a
/// micro-batch has `virtual_stages` (2104.04473 section 2.2).
double micro_batches_in_flight(const ParallelismPlan& p, int rank, int micro_batches) {
  const double behind = p.pipeline - rank - 1;
  const double chunks =
      p.virtual_stages == 1 ? behind + 1 : 2 * behind + (p.virtual_stages - 1.0) * p.pipeline + 1;
  return std::min<double>(micro_batches, chunks / p.virtual_stages);
}

/// Buffers that collectives fill or drain, for a layer of `parameters` on this rank: FSDP's unit at
/// work and the one prefetched, gathered; with sharded gradients those of the unit being reduced
/// and the one before it; the sequence gathered for a linear layer, and its gradient (2.0 bytes a
/// value each); experts' tokens sent and received; a boundary received and one sent by a pipeline
/// rank.
double communication_bytes(const StepSetup& s, double parameters) {
  const ParallelismPlan& p = s.plan;
  const double tokens = double(p.micro_batch) * s.sequence_length / p.context;
  const double hidden = 2 * tokens * s.model.hidden;
  double bytes = 0;
  if (p.sharding == Sharding::fsdp) bytes += 2 * 2 * parameters;
  if (!s.lora && (p.sharding == Sharding::zero2 || p.sharding == Sharding::fsdp))
    bytes += 2 * gradient_bytes(s.framework) * parameters;
  if (p.tensor > 1) bytes += 2 * hidden;
  if (p.expert > 1) bytes += 2 * hidden * s.model.top_k / p.tensor;
  if (p.pipeline > 1) bytes += 2 * hidden / p.tensor;
  return bytes;
}

/// Parameters of low-rank adapters over those of the model; rank 16 on all projections is about it.
constexpr double lora_share = 0.01;

} // namespace

MemoryBreakdown memory_of(const StepSetup& s, int rank) {
  const catalog::LanguageModel& m = s.model;
  const ParallelismPlan& p = s.plan;
  MemoryBreakdown out;
  out.pipeline_rank = rank;
  const RankParameters own = rank_parameters(s, rank);
  const double data = s.data_parallel();
  const double shards = p.sharding_group > 0 ? p.sharding_group : data * p.context;
  const double expert_shards = std::max(1.0, data * p.context * p.tensor / p.expert / p.tensor);
  const double parameters = own.dense + own.experts;
  // Per parameter: 2 weight, the gradient, 12 for fp32 master weights and Adam's moments.
  const double gradient = gradient_bytes(s.framework);
  const auto sharded = [&](double bytes, bool split) {
    return split ? bytes * (own.dense / shards + own.experts / std::min(shards, expert_shards))
                 : bytes * parameters;
  };
  out.weights = bytes_from(sharded(2, p.sharding == Sharding::fsdp));
  const double trained = s.lora ? lora_share : 1;
  out.gradients = bytes_from(
      trained * sharded(gradient, p.sharding == Sharding::fsdp || p.sharding == Sharding::zero2));
  out.optimizer = bytes_from(trained * sharded(12, p.sharding != Sharding::none));
  const std::vector<int> chunks = layers_of_chunks(m.layers, p.pipeline, p.virtual_stages);
  const int micro_batches =
      std::max(1, s.global_batch / std::max(1, s.data_parallel() * p.micro_batch));
  double layers = 0;
  for (std::size_t c = static_cast<std::size_t>(rank); c < chunks.size();
       c += static_cast<std::size_t>(p.pipeline))
    layers += chunks[c];
  out.communication = bytes_from(communication_bytes(s, parameters / std::max(1.0, layers)));
  const double in_flight = micro_batches_in_flight(p, rank, micro_batches);
  const double moe_share = double(m.moe_layers()) / m.layers;
  const double per_layer = activation_bytes(s, false) * (1 - moe_share) +
                           (moe_share > 0 ? activation_bytes(s, true) * moe_share : 0);
  double activations = per_layer * layers * in_flight;
  if (p.recompute == Recompute::full) { // the layer at work is whole
    StepSetup whole = s;
    whole.plan.recompute = Recompute::none;
    activations += activation_bytes(whole, moe_share > 0.5);
  }
  out.activations = bytes_from(activations);
  const double tokens = double(p.micro_batch) * s.sequence_length / p.context;
  if (rank == p.pipeline - 1) out.logits = bytes_from(tokens * m.vocab / p.tensor * (2 + 4));
  // CUDA context, NCCL buffers, workspaces, and the allocator's fragmentation.
  const double used =
      (out.weights + out.gradients + out.optimizer + out.activations + out.logits).as_double();
  out.overhead = bytes_from(2.0e9 + 0.04 * used);
  return out;
}

namespace {

MemoryBreakdown fullest_rank(const StepSetup& s) {
  MemoryBreakdown fullest = memory_of(s, 0);
  for (int rank = 1; rank < s.plan.pipeline; ++rank)
    if (const MemoryBreakdown other = memory_of(s, rank); other.total() > fullest.total())
      fullest = other;
  return fullest;
}

Bytes available_on(const catalog::GpuSpec& gpu) { return gpu.usable_memory(); }

std::string largest_part(const MemoryBreakdown& b) {
  const std::array<std::pair<const char*, Bytes>, 6> parts{
      {{"weights", b.weights},
       {"gradients", b.gradients},
       {"optimizer state", b.optimizer},
       {"activations", b.activations},
       {"logits", b.logits},
       {"communication buffers", b.communication}}};
  const auto largest = std::max_element(parts.begin(), parts.end(),
                                        [](auto& x, auto& y) { return x.second < y.second; });
  return fmt::format("{}, {}", largest->first, to_string(largest->second));
}

/// Plans near `p`, fewest and cheapest changes first.
std::vector<std::pair<ParallelismPlan, std::string>> neighbours(const StepSetup& s) {
  std::vector<std::pair<ParallelismPlan, std::string>> plans;
  const ParallelismPlan& p = s.plan;
  const auto add = [&](ParallelismPlan plan, std::string text) {
    plans.emplace_back(plan, std::move(text));
  };
  std::vector<std::pair<ParallelismPlan, std::string>> bases{{p, ""}};
  if (p.sharding == Sharding::none) {
    ParallelismPlan q = p;
    q.sharding = Sharding::zero1;
    bases.emplace_back(q, "sharding zero1");
  }
  for (const int mbs : {p.micro_batch / 2, 1})
    if (mbs >= 1 && mbs < p.micro_batch) {
      ParallelismPlan q = bases.back().first;
      q.micro_batch = mbs;
      bases.emplace_back(
          q, fmt::format("{}{}microBatch {}", bases.size() > 1 ? bases[1].second : "",
                         bases.size() > 1 && !bases[1].second.empty() ? ", " : "", mbs));
    }
  const auto join = [](const std::string& a, const std::string& b) {
    return a.empty() ? b : b.empty() ? a : a + ", " + b;
  };
  for (const auto& [base, text] : bases) {
    add(base, text);
    for (const Recompute r : {Recompute::selective, Recompute::full})
      if (r > base.recompute) {
        ParallelismPlan q = base;
        q.recompute = r;
        add(q, join(text, std::string("recompute ") + to_string(r)));
      }
  }
  for (const int factor : {2, 4, 8, 16})
    for (const bool tensor : {true, false}) {
      if (tensor && p.tensor * factor > s.system.fabric.domain_size) continue;
      for (const Recompute r : {p.recompute, Recompute::full}) {
        ParallelismPlan q = p;
        (tensor ? q.tensor : q.pipeline) *= factor;
        if (!tensor) q.virtual_stages = 1;
        q.recompute = r;
        std::string text =
            tensor ? fmt::format("tensor {}", q.tensor) : fmt::format("pipeline {}", q.pipeline);
        if (r != p.recompute) text += ", recompute full";
        add(q, text);
      }
    }
  return plans;
}

} // namespace

MemoryVerdict judge_memory(const StepSetup& s) {
  MemoryVerdict verdict;
  verdict.fullest = fullest_rank(s);
  verdict.available = available_on(s.system.gpu);
  const Bytes need = verdict.fullest.total();
  verdict.fits = need <= verdict.available;
  const std::string where = s.plan.pipeline > 1
                                ? fmt::format("pipeline rank {}", verdict.fullest.pipeline_rank)
                                : "each rank";
  if (verdict.fits) {
    verdict.explanation = fmt::format("{} needs {} of the {} of an {}: {} to spare", where,
                                      to_string(need), to_string(verdict.available),
                                      s.system.gpu.name, to_string(verdict.available - need));
    return verdict;
  }
  verdict.explanation =
      fmt::format("does not fit: {} needs {}, {} more than the {} of an {}; the largest part is {}",
                  where, to_string(need), to_string(need - verdict.available),
                  to_string(verdict.available), s.system.gpu.name, largest_part(verdict.fullest));
  for (const auto& [plan, text] : neighbours(s)) {
    StepSetup changed = s;
    changed.plan = plan;
    if (!check(changed).empty()) continue;
    if (fullest_rank(changed).total() > verdict.available) continue;
    verdict.nearest_fit = plan;
    verdict.nearest_fit_text = text;
    break;
  }
  return verdict;
}

} // namespace windtunnel::training
