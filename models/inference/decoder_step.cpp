#include "models/inference/decoder_step.hpp"

#include <algorithm>

#include "libsim/base/error.hpp"
#include "models/network/collective.hpp"
#include "models/operators/transformer.hpp"

namespace windtunnel::inference {
namespace {

constexpr double element = 2; // bytes

const kernels::MemoryTable& table_of(const std::string& op, const catalog::GpuSpec& gpu) {
  for (const kernels::KernelTable& table : kernels::built_in_tables())
    if (table.gpu == gpu.name)
      if (const kernels::MemoryTable* const found = kernels::memory_table(table, op, "bf16"))
        return *found;
  throw ModelError(gpu.name + " has no table of " + op);
}

kernels::AttentionCurve attention_of(kernels::AttentionPhase phase,
                                     const catalog::LanguageModel& model,
                                     const catalog::GpuSpec& gpu, int tensor) {
  const kernels::AttentionShape shape{model.heads / tensor, std::max(1, model.kv_heads / tensor),
                                      model.head_dim};
  for (const kernels::KernelTable& table : kernels::built_in_tables())
    if (table.gpu == gpu.name)
      for (const kernels::FittedAttention& fitted : table.attention) {
        const kernels::AttentionRoofline& roofline = fitted.table.roofline();
        if (roofline.phase == phase && roofline.window == 0 && fitted.cache == "bf16")
          return fitted.table.curve(shape);
      }
  throw ModelError(gpu.name + " has no table of attention in " + to_string(phase));
}

/// Throws ModelError where the sums below do not hold.
const catalog::LanguageModel& checked(const catalog::LanguageModel& model, int tensor) {
  if (model.experts > 0 || model.kv_lora_rank > 0 || model.sliding_window > 0)
    throw ModelError(model.name + " is no dense decoder with plain attention");
  if (tensor < 1 || model.heads % tensor != 0 || model.ffn_hidden % tensor != 0)
    throw ModelError(model.name + " cannot be split over " + std::to_string(tensor) + " GPUs");
  return model;
}

operators::Cut cut_of(double tokens, int tensor) {
  return {.tensor = tensor,
          .context = 1,
          .expert = 1,
          .sequence_parallel = false,
          .micro_batch = 1,
          .sequence = tokens,
          .fused = true};
}

} // namespace

DecoderStep::DecoderStep(const catalog::LanguageModel& model, const catalog::GpuSpec& gpu,
                         int tensor, const std::string& dtype, const network::Fabric& fabric,
                         const EngineHost* host)
    : model_(checked(model, tensor)), gpu_(gpu), tensor_(tensor), fabric_(fabric), host_(host),
      gemm_(kernels::GpuKernels(gpu).gemm(dtype)),
      prefill_(attention_of(kernels::AttentionPhase::prefill, model, gpu, tensor)),
      decode_(attention_of(kernels::AttentionPhase::decode, model, gpu, tensor)) {
  for (const operators::RowOperator& op : operators::row_operators(model, tensor))
    rows_.push_back({&table_of(op.name, gpu), op.width, op.count});
}

StepTime DecoderStep::layers(double tokens, double sequences) const {
  StepTime step;
  const auto matrices = [&](const operators::LayerWork& work) {
    double sum = 0;
    for (const operators::Gemm& g : work.gemms) sum += g.count * gemm_.time(g.m, g.n, g.k).seconds;
    return sum;
  };
  const double count = model_.layers;
  step.matrices = count * matrices(transformer_layer(model_, false, cut_of(tokens, tensor_)));
  step.head = matrices(language_head(model_, cut_of(sequences, tensor_)));
  for (const Rows& op : rows_)
    step.memory_bound += count * op.count * op.table->time(tokens, op.width).seconds;
  const Bytes size = bytes_from(tokens * model_.hidden * element);
  step.communication =
      count * 2 *
      collective_time(network::Op::all_reduce, size, tensor_, tensor_, fabric_).seconds();
  if (host_) {
    step.preparation = host_->preparation;
    step.sampling = sequences * host_->sampling;
  }
  return step;
}

StepTime DecoderStep::prefill(double batch, double prompt) const {
  StepTime step = layers(batch * prompt, batch);
  step.attention = model_.layers * prefill_.time(batch, prompt).seconds;
  if (host_) step.launches = model_.layers * host_->prefill_launch;
  return step;
}

StepTime DecoderStep::decode(double batch, double context) const {
  StepTime step = layers(batch, batch);
  step.attention = model_.layers * decode_.time(batch, context).seconds;
  if (host_) step.launches = model_.layers * host_->decode_launch;
  return step;
}

double DecoderStep::roofline(double tokens) const {
  const double weights = model_.active_parameters() - model_.embedding_parameters();
  return std::max(2 * tokens * weights / gpu_.peak(catalog::Dtype::fp16)->per_second(),
                  element * weights / gpu_.memory_bandwidth.bytes_per_second()) /
         tensor_;
}

} // namespace windtunnel::inference
