#include "models/training/step_model.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "libsim/base/error.hpp"
#include "models/kernels/kernel_cost.hpp"
#include "models/network/collective.hpp"
#include "models/operators/transformer.hpp"
#include "models/training/pipeline_schedule.hpp"
#include "models/training/stages.hpp"
#include "models/training/step_parameters.hpp"

namespace windtunnel::training {
namespace {

using kernels::KernelCost;
using network::Op;
using operators::Cut;
using operators::LayerWork;

/// Seconds of one layer's or chunk's work on one rank, by cause.
struct Seconds {
  double gemm_at_peak = 0, gemm_below_peak = 0, attention = 0, elementwise = 0, tensor = 0,
         expert = 0, context = 0, host = 0;
  double total() const {
    return gemm_at_peak + gemm_below_peak + attention + elementwise + tensor + expert + context +
           host;
  }
  Seconds& operator+=(const Seconds& o) {
    gemm_at_peak += o.gemm_at_peak;
    gemm_below_peak += o.gemm_below_peak;
    attention += o.attention;
    elementwise += o.elementwise;
    tensor += o.tensor;
    expert += o.expert;
    context += o.context;
    host += o.host;
    return *this;
  }
  friend Seconds operator*(Seconds s, double k) {
    for (double* part : {&s.gemm_at_peak, &s.gemm_below_peak, &s.attention, &s.elementwise,
                         &s.tensor, &s.expert, &s.context, &s.host})
      *part *= k;
    return s;
  }
};

/// Forward and backward of one unit (a layer or the head); `again` is recomputation in backward.
struct Unit {
  Seconds forward, backward;
  double again = 0;
  double backward_total() const { return backward.total() + again; }
};

class StepModel {
public:
  explicit StepModel(const StepSetup& setup)
      : s_(setup), p_(setup.plan), kernels_(setup.system.gpu, setup.plan.dtype),
        stack_(step_parameters(setup.framework)) {
    cut_ = {.tensor = p_.tensor,
            .context = p_.context,
            .expert = p_.expert,
            .sequence_parallel = p_.sequence_parallel && stack_.sequence_parallel,
            .micro_batch = double(p_.micro_batch),
            .sequence = double(s_.sequence_length),
            .fused = stack_.fused};
    domain_ = s_.system.fabric.domain_size;
  }

  StepEstimate estimate();

private:
  void gemms(const LayerWork& work, Seconds& forward, Seconds& backward) const;
  void attention(const LayerWork& work, Unit& unit) const;
  Unit layer(bool moe) const;
  Unit head() const;
  double tensor_collective(bool all_reduce) const;
  double expert_exchange() const;
  double context_ring() const;
  double data_parallel(double compute_window, const RankParameters& own, double layers) const;
  double optimizer(const RankParameters& own) const;
  double collective(Op op, double bytes, int ranks, int stride) const;

  const StepSetup& s_;
  const ParallelismPlan& p_;
  KernelCost kernels_;
  StepParameters stack_;
  Cut cut_;
  int domain_ = 8;
};

/// A collective over `ranks` ranks that lie `stride` GPUs apart: so many of them share a domain.
double StepModel::collective(Op op, double bytes, int ranks, int stride) const {
  const int per_domain = std::max(1, std::min(ranks, domain_ / std::max(1, stride)));
  return network::collective_time(op, bytes_from(bytes), ranks, per_domain, s_.system.fabric)
      .seconds();
}

void StepModel::gemms(const LayerWork& work, Seconds& forward, Seconds& backward) const {
  for (const operators::Gemm& g : work.gemms) {
    const double ideal = kernels_.at_peak(2 * g.m * g.n * g.k) * g.count;
    const double fwd = kernels_.gemm(g.m, g.n, g.k) * g.count;
    const double data = kernels_.gemm(g.m, g.k, g.n) * g.count;
    const double weight = s_.lora ? 0 : kernels_.gemm(g.n, g.k, g.m) * g.count;
    forward.gemm_at_peak += ideal;
    forward.gemm_below_peak += fwd - ideal;
    const double back_ideal = ideal * (s_.lora ? 1 : 2);
    backward.gemm_at_peak += back_ideal;
    backward.gemm_below_peak += data + weight - back_ideal;
    // Kinds below 16 bits: the input, and in backward the incoming gradient, are written again in
    // that kind, as they are and transposed; fused stacks do it as they produce them, others read
    // them for it.
    if (catalog::element_bytes(p_.dtype) < 2) {
      const double bytes = 2 * catalog::element_bytes(p_.dtype) + (stack_.fused ? 0 : 2);
      forward.elementwise += kernels_.memory(bytes * g.m * g.k * g.count, 0);
      backward.elementwise += kernels_.memory(bytes * g.m * g.n * g.count, 0);
    }
  }
}

void StepModel::attention(const LayerWork& work, Unit& unit) const {
  if (stack_.flash_attention) {
    unit.forward.attention +=
        kernels_.attention(work.attention_flops, false, stack_.native_attention);
    // Backward multiplies five matrices where forward multiplied two.
    unit.backward.attention +=
        kernels_.attention(2.5 * work.attention_flops, true, stack_.native_attention);
    return;
  }
  // Scores are written, scaled and masked, normalised, dropped and read again; the two batched
  // GEMMs work on the full square.
  const double square = 2 * work.attention_flops;
  const double gemm = square / (kernels_.peak() * kernels_.efficiency().attention_forward);
  const double traffic = kernels_.memory(work.attention_elements * stack_.score_bytes, 4);
  unit.forward.attention += gemm + traffic;
  unit.backward.attention += 2 * gemm + 1.5 * traffic;
}

/// One collective of the hidden state over the tensor-parallel group, as exposed on the critical
/// path.
double StepModel::tensor_collective(bool all_reduce) const {
  if (p_.tensor == 1) return 0;
  const double bytes = 2.0 * p_.micro_batch * s_.sequence_length / p_.context * s_.model.hidden;
  const double time = all_reduce ? collective(Op::all_reduce, bytes, p_.tensor, 1)
                                 : collective(Op::all_gather, bytes, p_.tensor, 1);
  return time * (1 - stack_.tensor_overlap);
}

/// One all-to-all of the routed tokens (dispatch or combine).
double StepModel::expert_exchange() const {
  if (p_.expert == 1) return 0;
  const double tokens = double(p_.micro_batch) * s_.sequence_length / p_.context / p_.tensor;
  return collective(Op::all_to_all, 2 * tokens * s_.model.top_k * s_.model.hidden, p_.expert,
                    p_.tensor) *
         (1 - stack_.expert_overlap);
}

/// Keys and values passed once around the context-parallel ring, hidden behind attention blocks.
double StepModel::context_ring() const {
  if (p_.context == 1) return 0;
  const double kv = 2.0 * s_.model.kv_heads * s_.model.head_dim / p_.tensor;
  const double bytes = 2.0 * p_.micro_batch * s_.sequence_length * kv;
  return collective(Op::all_gather, bytes, p_.context, p_.tensor);
}

Unit StepModel::layer(bool moe) const {
  const LayerWork work = operators::transformer_layer(s_.model, moe, cut_);
  Unit unit;
  gemms(work, unit.forward, unit.backward);
  attention(work, unit);
  const double elementwise = kernels_.memory(work.memory_bytes, work.memory_kernels);
  unit.forward.elementwise += elementwise;
  unit.backward.elementwise += 1.5 * elementwise;
  const bool sharded_sequence = cut_.sequence_parallel && p_.tensor > 1;
  // Two all-reduces a pass; with sequence parallelism two all-gathers and two reduce-scatters, and
  // one more all-gather in backward for each, as inputs are kept sharded.
  const double collective_of = tensor_collective(!sharded_sequence);
  unit.forward.tensor = (sharded_sequence ? 4 : 2) * collective_of;
  unit.backward.tensor = (sharded_sequence ? 6 : 2) * collective_of;
  if (moe) {
    unit.forward.expert = 2 * expert_exchange();
    unit.backward.expert = 2 * expert_exchange();
  }
  const double ring = context_ring();
  unit.forward.context = std::max(0.0, ring - unit.forward.attention);
  unit.backward.context = std::max(0.0, 2 * ring - unit.backward.attention);
  // The host launches a layer's kernels one after another; small layers wait for it.
  const double launch = moe ? stack_.moe_layer_launch_s : stack_.layer_launch_s;
  unit.forward.host = std::max(0.0, launch - unit.forward.total());
  unit.backward.host = std::max(0.0, 1.5 * launch - unit.backward.total());
  if (p_.recompute == Recompute::full)
    unit.again = unit.forward.total();
  else if (p_.recompute == Recompute::selective)
    unit.again = unit.forward.attention;
  return unit;
}

Unit StepModel::head() const {
  const LayerWork work = operators::language_head(s_.model, cut_);
  Unit unit;
  gemms(work, unit.forward, unit.backward);
  const double elementwise = kernels_.memory(work.memory_bytes, work.memory_kernels);
  unit.forward.elementwise += elementwise;
  unit.backward.elementwise += elementwise;
  return unit;
}

/// Exposed seconds of gradient reduction and weight gathering in one step, for a rank whose
/// backward of one micro-batch takes `compute_window` seconds.
double StepModel::data_parallel(double compute_window, const RankParameters& own,
                                double layers) const {
  const int data = s_.data_parallel() * p_.context;
  if (data <= 1) return 0;
  const int stride = p_.tensor;
  const double dense = own.dense * (s_.lora ? 0.01 : 1);
  const int expert_ranks = std::max(1, data * p_.tensor / p_.expert / p_.tensor);
  const auto over_data = [&](Op op, double bytes_per_parameter) {
    double time = collective(op, bytes_per_parameter * dense, data, stride);
    if (own.experts > 0)
      time += collective(op, bytes_per_parameter * own.experts, expert_ranks, stride * p_.expert);
    return time;
  };
  const double micro_batches = double(s_.global_batch) / s_.data_parallel() / p_.micro_batch;
  if (p_.sharding == Sharding::fsdp) {
    const int group = p_.sharding_group > 0 ? p_.sharding_group : data;
    const double bytes = 2 * (own.dense + own.experts);
    const double gather = collective(Op::all_gather, bytes, group, stride);
    const double scatter = s_.lora ? 0 : collective(Op::reduce_scatter, bytes, group, stride);
    // Gathers run one layer ahead of compute, in forward (a third of the time) and again in
    // backward, where gradients are scattered as well; the first gather has nothing to hide behind.
    const double forward = compute_window * stack_.forward_share;
    const double backward = compute_window * (1 - stack_.forward_share);
    const double exposed = std::max(0.0, gather - forward * stack_.overlap) +
                           std::max(0.0, gather + scatter - backward * stack_.overlap) +
                           2 * gather / std::max(1.0, layers);
    double total = exposed * micro_batches + stack_.contention *
                                                 std::min(2 * gather + scatter, compute_window) *
                                                 micro_batches;
    if (group < data) // HSDP: the shards of all groups are reduced once a step
      total += collective(Op::all_reduce, bytes / group, data / group, stride * group);
    return total;
  }
  const double reduce_window = compute_window * (1 - stack_.forward_share);
  double exposed = 0;
  if (p_.sharding == Sharding::none) {
    exposed = std::max(0.0, over_data(Op::all_reduce, stack_.gradient_bytes) -
                                stack_.reduce_overlap * reduce_window);
  } else {
    exposed = std::max(0.0, over_data(Op::reduce_scatter, stack_.gradient_bytes) -
                                stack_.reduce_overlap * reduce_window) +
              std::max(0.0, over_data(Op::all_gather, 2) -
                                stack_.reduce_overlap * compute_window * stack_.forward_share);
  }
  return exposed;
}

/// Adam: read gradient, weight and both moments in 32 bits, write them and the 16-bit weight.
double StepModel::optimizer(const RankParameters& own) const {
  const double shards = p_.sharding == Sharding::none ? 1
                        : p_.sharding_group > 0       ? p_.sharding_group
                                                      : s_.data_parallel() * p_.context;
  const double parameters = (own.dense + own.experts) * (s_.lora ? 0.01 : 1);
  return kernels_.memory(stack_.optimizer_bytes * parameters / shards, 20);
}

StepEstimate StepModel::estimate() {
  const Unit dense = layer(false);
  const Unit expert = s_.model.moe_layers() > 0 ? layer(true) : Unit{};
  const Unit last = head();
  const std::vector<int> bounds = chunk_bounds(s_.model.layers, p_.pipeline, p_.virtual_stages);
  const int chunks = p_.pipeline * p_.virtual_stages;
  PipelineTimes times{.forward = {}, .backward = {}, .ranks = p_.pipeline};
  times.micro_batches = s_.global_batch / (s_.data_parallel() * p_.micro_batch);
  std::vector<Unit> of_rank(static_cast<std::size_t>(p_.pipeline));
  std::vector<double> layers_of_rank(static_cast<std::size_t>(p_.pipeline), 0);
  for (int c = 0; c < chunks; ++c) {
    Unit chunk;
    const auto add = [&](const Unit& u, double n) {
      chunk.forward += u.forward * n;
      chunk.backward += u.backward * n;
      chunk.again += u.again * n;
    };
    int moe = 0;
    const int begin = bounds[static_cast<std::size_t>(c)],
              end = bounds[static_cast<std::size_t>(c) + 1];
    for (int l = begin; l < end; ++l) moe += s_.model.is_moe_layer(l) ? 1 : 0;
    add(dense, end - begin - moe);
    add(expert, moe);
    if (c == chunks - 1) add(last, 1);
    times.forward.push_back(chunk.forward.total());
    times.backward.push_back(chunk.backward_total());
    Unit& rank = of_rank[static_cast<std::size_t>(c % p_.pipeline)];
    rank.forward += chunk.forward;
    rank.backward += chunk.backward;
    rank.again += chunk.again;
    layers_of_rank[static_cast<std::size_t>(c % p_.pipeline)] += end - begin;
  }
  // The rank with the most work sets the pace; what it is not working is bubble.
  std::size_t critical = 0;
  const auto busy = [&](std::size_t r) {
    return of_rank[r].forward.total() + of_rank[r].backward_total();
  };
  for (std::size_t r = 1; r < of_rank.size(); ++r)
    if (busy(r) > busy(critical)) critical = r;
  const double m = times.micro_batches, work = busy(critical) * m;
  const double ideal_span = pipeline_span(times);
  double span = ideal_span;
  if (p_.pipeline > 1) {
    const double bytes = 2.0 * p_.micro_batch * s_.sequence_length / p_.context * s_.model.hidden /
                         (cut_.sequence_parallel ? p_.tensor : 1);
    const int stride = p_.tensor * p_.context * s_.data_parallel();
    times.transfer = collective(Op::send_recv, bytes, 2, stride);
    span = pipeline_span(times);
  }

  const Seconds both = [&] {
    Seconds sum = of_rank[critical].forward;
    sum += of_rank[critical].backward;
    return sum * m;
  }();
  double data = 0, adam = 0;
  for (int r = 0; r < p_.pipeline; ++r) { // the slowest rank's, all must finish
    const RankParameters of = rank_parameters(s_, r);
    data = std::max(data,
                    data_parallel(busy(critical), of, layers_of_rank[static_cast<std::size_t>(r)]));
    adam = std::max(adam, optimizer(of));
  }
  const double before_jitter = span + data + adam;
  // Synchronous ranks wait for the slowest of them: grows with the logarithm of their number.
  const double jitter = before_jitter * stack_.jitter * std::log2(std::max(1, s_.system.gpus));

  StepEstimate out;
  StepParts& parts = out.parts;
  parts.gemm_at_peak = seconds(both.gemm_at_peak);
  parts.gemm_below_peak = seconds(both.gemm_below_peak);
  parts.attention = seconds(both.attention);
  parts.elementwise = seconds(both.elementwise);
  parts.recompute = seconds(of_rank[critical].again * m);
  parts.tensor_parallel = seconds(both.tensor);
  parts.expert_parallel = seconds(both.expert);
  parts.context_parallel = seconds(both.context);
  parts.bubble = seconds(std::max(0.0, ideal_span - work));
  parts.pipeline_parallel = seconds(std::max(0.0, span - ideal_span));
  parts.data_parallel = seconds(data);
  parts.optimizer = seconds(adam);
  parts.host = seconds(both.host + jitter + stack_.step_overhead_s);
  out.step = parts.total();
  const double tokens = double(s_.global_batch) * s_.sequence_length;
  out.model_flops = 3 * tokens * operators::forward_flops_per_token(s_.model, s_.sequence_length);
  out.mfu = out.model_flops / (s_.system.gpus * kernels_.peak() * out.step.seconds());
  out.tokens_per_s_per_gpu = tokens / s_.system.gpus / out.step.seconds();
  out.sigma_ln = stack_.sigma_ln;
  const kernels::Efficiency& e = kernels_.efficiency();
  out.assumptions.push_back("kernel efficiency of " + e.architecture + ": " + e.source);
  if (e.transferred) {
    out.assumptions.push_back(s_.system.gpu.architecture +
                              " has no kernel efficiencies of its own: extrapolated");
    out.sigma_ln *= 2;
  }
  return out;
}

} // namespace

StepEstimate estimate_step(const StepSetup& setup) {
  const std::vector<std::string> problems = check(setup);
  if (!problems.empty()) throw ModelError(fmt::format("{}", fmt::join(problems, "; ")));
  return StepModel(setup).estimate();
}

} // namespace windtunnel::training
