// InstanceType: one EC2 instance type as EKS sees it, and PriceBook: what things cost, where, when.
#pragma once

#include <optional>
#include <string>
#include <vector>

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
  int efa_interfaces = 0;
  Bandwidth network{}; ///< all cards together, one direction
  std::optional<Bandwidth> ebs;
  Bytes local_nvme{};
  int max_pods = 0; ///< ENI based, without prefix delegation
  std::optional<int> allocatable_cpu_milli;
  std::optional<Bytes> allocatable_memory;
  Provenance provenance;
};

enum class PurchaseKind { on_demand, spot, capacity_block };
const char* to_string(PurchaseKind); ///< "on-demand", "spot", "capacity-block"

/// One dated price. `item` is an instance type for compute, else a service item such as
/// "eks-cluster", "fsx-lustre-persistent-250", "s3-standard", "ebs-gp3".
struct PriceRow {
  std::string item;
  std::string region;
  std::string purchase; ///< "on-demand", "spot", "capacity-block"; empty for services
  std::string unit;     ///< "instance-hour", "GB-month", "cluster-hour", "GB", "1000-requests"
  Money usd;            ///< per unit
  std::string date;     ///< ISO date the price was seen to hold
  Provenance provenance;
};

} // namespace windtunnel::catalog
