// InstanceType: one EC2 instance type as EKS sees it.
//
// Memory is what EC2 sells; allocatable_* is what kubelet leaves to pods on AL2023 with the default
// reservations, as Karpenter documents it. `accelerator` names a GpuSpec. Types with a fraction of
// a GPU (g6f, gr6f) name it, have accelerators == 0 as EC2 reports them, and accelerator_memory
// says how much of it they hold. What is not known is nullopt.
//
//   const InstanceType* p5 = Catalog::builtin().instance_type("p5.48xlarge");
//   int gpus = p5->accelerators; // 8 of "H100-SXM-80"
#pragma once

#include <optional>
#include <string>

#include "libsim/base/units.hpp"
#include "models/catalog/provenance.hpp"

namespace windtunnel::catalog {

struct InstanceType {
  std::string name; ///< "p5.48xlarge"
  std::string arch; ///< "amd64" or "arm64"
  int vcpu = 0;
  Bytes memory{};
  std::string accelerator; ///< name of a GpuSpec; empty: none
  int accelerators = 0;
  std::optional<Bytes> accelerator_memory; ///< of each, as EC2 reports it
  int efa_interfaces = 0;
  int network_cards = 1;
  Bandwidth network{}; ///< all cards together, one direction
  std::optional<Bandwidth> ebs;
  Bytes local_nvme{};
  std::optional<int> max_pods; ///< ENI based, without prefix delegation
  std::optional<int> max_pods_prefix_delegation;
  std::optional<int> allocatable_cpu_milli;
  std::optional<Bytes> allocatable_memory;
  Provenance provenance;
};

} // namespace windtunnel::catalog
