// PipelineSchedule: when the last rank of a pipeline is done, by playing the schedule.
//
// Each rank works off its own order of forward and backward chunks (1F1B, or Megatron's interleaved
// 1F1B); a chunk starts when its rank is free and its input has arrived. Exact for the given chunk
// times; with equal chunks it gives the closed form (m v + p - 1)(tF + tB) / v (tests). Sources:
// Narayanan et al. 2104.04473 sections 2.2 (both schedules).
#pragma once

#include <vector>

namespace windtunnel::training {

struct PipelineTimes {
  std::vector<double> forward, backward; ///< seconds of each chunk; chunk c lives on rank c % ranks
  int ranks = 1;
  int micro_batches = 1;
  double transfer = 0; ///< seconds between neighbours
};

/// Seconds from the first forward to the last backward. Throws ModelError when interleaving does
/// not divide the micro-batches.
double pipeline_span(const PipelineTimes& times);

} // namespace windtunnel::training
