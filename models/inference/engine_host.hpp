// EngineHost: what a serving engine's CPU needs for a step. It schedules the batch and hands its
// inputs to the workers while the GPUs wait; launches kernels ahead of the GPU until it is the
// slower of the two, when the step takes as long as the launches (launch-bound); and after the last
// kernel it samples a token for each sequence. One row an engine and machine in data/hosts.json,
// with provenance.
#pragma once

#include <string>

namespace windtunnel::inference {

struct EngineHost {
  std::string engine;        ///< "splitwise-2023"
  std::string gpu;           ///< of the machine, the catalog's name
  double preparation = 0;    ///< seconds before the first kernel
  double decode_launch = 0;  ///< seconds to launch the kernels of one layer
  double prefill_launch = 0; ///< the same in a prefill step
  double sampling = 0;       ///< seconds a sequence, after the GPU
  std::string source, note;
};

/// nullptr when there is no row.
const EngineHost* engine_host(const std::string& engine, const std::string& gpu);

} // namespace windtunnel::inference
