// Node bring-up: the stages a node passes from launch to ready for GPU pods: EC2 launch and boot,
// kubelet registration, device plugins, and the pull of the container image by size and mode.
// Durations and their sources: data/node-bring-up.json.
#pragma once

#include <string>
#include <vector>

#include "libsim/base/random.hpp"
#include "libsim/base/units.hpp"
#include "models/failures/delay.hpp"

namespace windtunnel::eks {

struct BringUpStage {
  std::string name;
  failures::Delay delay;
};

/// How an image gets to the node.
struct PullMode {
  std::string mode; ///< "full", "soci", "prefetched"
  Bandwidth throughput{};
  double share_before_start = 1; ///< part of the image needed before the container starts
  double sigma_ln = 0;
  std::string source;
};

struct BringUpModel {
  std::vector<BringUpStage> stages;
  std::vector<PullMode> pulls;
  std::string source, retrieved, note;
};

const BringUpModel& bring_up_model();

/// Time from launch until one node is ready, image included. Throws ModelError for an unknown mode.
Time sample_bring_up(Bytes image, const std::string& pull, RandomStream& random);

} // namespace windtunnel::eks
