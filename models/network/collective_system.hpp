// CollectiveSystem: what a collective sees of a machine: GPUs joined by a link (NVSwitch, PCIe) and
// a network between those domains.
//
// Made from an instance type or from the words of a publication, MACHINE or MACHINE(FABRIC):
// "p5.48xlarge(32x100G EFA)", "GCP A3 Ultra H200(RoCE 8x400G)", "Azure ND H100 v5". MACHINE is an
// instance type, or a text that names a GPU of the catalog. FABRIC holds, in any order, a kind and
// NxRATEG; other words (NDR, RCCL, multi-rack) are remarks. What is not said is that of the GPU's
// usual machine, and `assumed` says so.
//
// Two classes carry the fitted parameters of collective_curve.hpp: link_class (how GPUs of a domain
// are joined, by generation) and network_class (fabric between domains, by transport).
#pragma once

#include <string>

#include "libsim/base/units.hpp"
#include "models/catalog/catalog.hpp"

namespace windtunnel::network {

/// The compute capabilities that NCCL's tables tell apart.
enum class Generation { volta, ampere, hopper, blackwell };

struct CollectiveSystem {
  std::string name; ///< as given
  std::string gpu;  ///< the catalog's name
  Generation generation = Generation::hopper;
  int gpus_per_node = 8;
  int domain_size = 8;       ///< GPUs that share the link: the node's, or 72 of a rack
  bool nvlink = true;        ///< else PCIe
  Bandwidth link{};          ///< of a GPU, one direction
  Bandwidth network{};       ///< of a node, one direction, all adapters
  std::string link_class;    ///< "nvlink-hopper", "pcie-5"
  std::string network_class; ///< "efa-rdma", "efa-sendrecv", "ib", "roce", "tcpx", "tcpxo"
  std::string tuner;         ///< platform of tuner_regions.hpp; empty: NCCL's model alone
  Time reported_latency{};   ///< what the network plugin tells NCCL's choice; no measured one
  bool amd_cpu = false;
  bool ll128 = true;        ///< whether the network keeps the order LL128 needs
  bool fabric_known = true; ///< the text said what kind of network it is
  bool assumed = false;     ///< the text did not say all of the fabric
};

/// Throws ModelError: "unknown system ..." when `text` names no machine or GPU; "nccom ..." for
/// Trainium and Inferentia, whose library is not NCCL.
CollectiveSystem describe_system(const std::string& text, const catalog::Catalog& catalog);

} // namespace windtunnel::network
