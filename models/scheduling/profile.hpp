// Profile: the plugins that decide, in the order they filter, each with the weight of its score.
#pragma once

#include <memory>
#include <vector>

#include "models/scheduling/plugin.hpp"

namespace windtunnel::scheduling {

struct ProfileEntry {
  std::unique_ptr<const Plugin> plugin;
  std::int64_t weight = 0; ///< 0: gives no score
};
using Profile = std::vector<ProfileEntry>;

/// kube-scheduler 1.36's default profile (apis/config/v1/default_plugins.go).
Profile default_profile();

} // namespace windtunnel::scheduling
