// ParallelismPlan: how one model is laid over GPUs, and the setup a step is computed for.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "models/catalog/diffusion_model.hpp"
#include "models/catalog/gpu_spec.hpp"
#include "models/catalog/language_model.hpp"
#include "models/network/fabric.hpp"

namespace windtunnel::training {

/// Which state is sharded over data-parallel ranks. fsdp is ZeRO-3.
enum class Sharding { none, zero1, zero2, fsdp };
enum class Recompute { none, selective, full };
enum class Schedule { one_f_one_b, interleaved };
const char* to_string(Sharding);
const char* to_string(Recompute);

struct ParallelismPlan {
  int tensor = 1;
  int pipeline = 1;
  int virtual_stages = 1; ///< model chunks per pipeline rank; > 1 is the interleaved schedule
  int context = 1;
  int expert = 1;
  int micro_batch = 1;
  Sharding sharding = Sharding::zero1;
  int sharding_group = 0; ///< ranks the state is sharded over; 0: all data-parallel ranks
  Recompute recompute = Recompute::none;
  catalog::Dtype dtype = catalog::Dtype::bf16;
  bool sequence_parallel = true; ///< Megatron's, with tensor > 1
};

/// What the hardware side of a step consists of.
struct System {
  catalog::GpuSpec gpu;
  network::Fabric fabric;
  int gpus = 0; ///< used by the job, all replicas
};

/// One training step to be estimated. data-parallel size = gpus / (tensor * pipeline * context).
struct StepSetup {
  catalog::LanguageModel model;
  System system;
  ParallelismPlan plan;
  int sequence_length = 0;
  int global_batch = 0;                    ///< sequences per step
  std::string framework = "megatron-core"; ///< a row of step_parameters.hpp
  bool lora =
      false; ///< only low-rank adapters are trained: no weight gradients of the frozen GEMMs
  int data_parallel() const { return system.gpus / (plan.tensor * plan.pipeline * plan.context); }
};

/// Why a plan cannot run: each sentence names the numbers. Empty: it can (memory apart).
std::vector<std::string> check(const StepSetup&);

} // namespace windtunnel::training
