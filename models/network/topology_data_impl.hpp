// What data/topology.json says.
#pragma once

#include <optional>
#include <string>

#include "libsim/base/units.hpp"

namespace windtunnel::network {

/// One direction of 16 lanes. Throws ModelError for a generation that the table lacks.
Bandwidth pcie_bandwidth(int generation);
/// GPUs joined by NVLink where they are more than an instance's.
std::optional<int> nvlink_domain(const std::string& instance_type);
struct FabricShape {
  int nodes_per_leaf = 0, spines = 0;
};
FabricShape fabric_shape();

} // namespace windtunnel::network
