// StepParameters: what a training stack does: fusion, attention kernels, overlap of communication,
// and its overheads. One row a framework in data/stacks.json, with provenance; no row is about one
// model, machine or source.
#pragma once

#include <string>
#include <vector>

namespace windtunnel::training {

struct StepParameters {
  std::string framework;
  bool flash_attention = true;
  bool native_attention = true;   ///< by kernels made for the GPU (cuDNN), not for all of them
  bool sequence_parallel = true;  ///< supported by the stack
  bool fused = true;              ///< norms, activations, loss
  double score_bytes = 0;         ///< traffic per score element when attention is materialised
  double gradient_bytes = 4;      ///< per parameter reduced over data-parallel ranks
  double optimizer_bytes = 30;    ///< traffic of Adam per parameter
  double forward_share = 1.0 / 3; ///< of a micro-batch's compute that is forward
  double tensor_overlap = 0;      ///< share of tensor-parallel communication hidden
  double expert_overlap = 0;
  double reduce_overlap = 0;     ///< share of backward that hides gradient reduction
  double overlap = 0;            ///< share of compute that hides FSDP's gathers
  double contention = 0;         ///< compute slowed per second of overlapped communication
  double layer_launch_s = 0;     ///< host time to launch the kernels of one layer, forward
  double moe_layer_launch_s = 0; ///< the same of a layer with experts: router, permutations
  double step_overhead_s = 0;    ///< host, once a step: loss scale, gradient norm, logging
  double jitter = 0;             ///< relative, per doubling of the GPUs
  double sigma_ln = 0;           ///< spread of actual / predicted over validation sources
  std::string source, note;
};

/// Throws ModelError for an unknown framework, naming those there are.
const StepParameters& step_parameters(const std::string& framework);
std::vector<std::string> frameworks();

} // namespace windtunnel::training
