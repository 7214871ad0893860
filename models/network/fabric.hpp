// Fabric: what a collective sees of a cluster: an NVLink domain per node (or rack) and a network
// between domains. Built from an instance type, or from a description such as "8x400G IB".
// Bandwidths are per GPU and one direction, as the hardware's line rate; efficiency curves of
// collective.hpp turn them into achieved ones.
#pragma once

#include <string>

#include "libsim/base/units.hpp"

namespace windtunnel::network {

struct Fabric {
  int domain_size = 8;      ///< GPUs joined by NVLink (8; 72 in an NVL72 rack), or by PCIe
  Bandwidth nvlink{};       ///< per GPU, one direction; PCIe's where there is no NVLink
  Bandwidth network{};      ///< per GPU, one direction: NIC line rate of the node / its GPUs
  std::string kind = "efa"; ///< "efa", "infiniband", "roce", "opa", "ethernet"
};

} // namespace windtunnel::network
