#include "models/training/parallelism_plan.hpp"

#include <fmt/format.h>

#include <cstdint>

namespace windtunnel::training {

const char* to_string(Sharding sharding) {
  switch (sharding) {
  case Sharding::none:
    return "none";
  case Sharding::zero1:
    return "zero1";
  case Sharding::zero2:
    return "zero2";
  case Sharding::fsdp:
    return "fsdp";
  }
  return "";
}

const char* to_string(Recompute recompute) {
  switch (recompute) {
  case Recompute::none:
    return "none";
  case Recompute::selective:
    return "selective";
  case Recompute::full:
    return "full";
  }
  return "";
}

std::vector<std::string> check(const StepSetup& s) {
  std::vector<std::string> problems;
  const ParallelismPlan& p = s.plan;
  const catalog::LanguageModel& m = s.model;
  // Products of what users write: wide enough not to overflow.
  const std::int64_t model_parallel = std::int64_t{p.tensor} * p.pipeline * p.context;
  const std::int64_t chunks = std::int64_t{p.pipeline} * p.virtual_stages;
  if (s.system.gpus < 1 || model_parallel > s.system.gpus || s.system.gpus % model_parallel != 0) {
    problems.push_back(
        fmt::format("{} GPUs are not a multiple of tensor {} x pipeline {} x context {} = {}",
                    s.system.gpus, p.tensor, p.pipeline, p.context, model_parallel));
    return problems;
  }
  const std::int64_t data = s.data_parallel();
  if (s.global_batch < 1 || s.global_batch % (data * p.micro_batch) != 0)
    problems.push_back(fmt::format("globalBatch {} is not a multiple of data parallel {} x "
                                   "microBatch {} = {}",
                                   s.global_batch, data, p.micro_batch, data * p.micro_batch));
  else if (p.virtual_stages > 1 && s.global_batch / (data * p.micro_batch) % p.pipeline != 0)
    problems.push_back(fmt::format(
        "{} micro-batches of a replica are not a multiple of pipeline {}, which the interleaved "
        "schedule needs",
        s.global_batch / (data * p.micro_batch), p.pipeline));
  if (m.heads % p.tensor != 0)
    problems.push_back(fmt::format("tensor {} does not divide the {} attention heads of {}",
                                   p.tensor, m.heads, m.name));
  if (chunks > m.layers + 2)
    problems.push_back(
        fmt::format("pipeline {} x virtualStages {} = {} chunks, but {} has {} layers", p.pipeline,
                    p.virtual_stages, chunks, m.name, m.layers));
  if (p.virtual_stages > 1 && p.pipeline == 1)
    problems.push_back("virtualStages needs pipeline above 1");
  if (p.expert > 1 && m.experts == 0)
    problems.push_back(fmt::format("expert {}, but {} has no experts", p.expert, m.name));
  if (p.expert > 1 && m.experts > 0 && m.experts % p.expert != 0)
    problems.push_back(
        fmt::format("expert {} does not divide the {} experts of {}", p.expert, m.experts, m.name));
  if (p.expert > 1 && data * p.context * p.tensor % p.expert != 0)
    problems.push_back(fmt::format("expert {} does not divide data {} x context {} x tensor {}",
                                   p.expert, data, p.context, p.tensor));
  if (s.sequence_length < 1 || s.sequence_length % p.context != 0)
    problems.push_back(
        fmt::format("context {} does not divide the sequence of {}", p.context, s.sequence_length));
  if (p.sharding_group > 0 && data % p.sharding_group != 0)
    problems.push_back(
        fmt::format("shardingGroup {} does not divide data parallel {}", p.sharding_group, data));
  if (p.sharding_group > 0 && p.sharding == Sharding::none)
    problems.push_back("shardingGroup needs a sharding other than none");
  if (p.sharding == Sharding::fsdp && p.pipeline > 1)
    problems.push_back("sharding fsdp (zero3) with pipeline above 1 is not modelled");
  return problems;
}

} // namespace windtunnel::training
