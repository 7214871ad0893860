// StorageService: throughput of the file systems and object stores that checkpoints go to.
//
// FSx for Lustre: MB/s per TiB provisioned, by tier; a job's nodes together get no more, nor more
// than their network. S3: a per-node ceiling. Figures and sources: data/storage.json.
#pragma once

#include <string>
#include <vector>

#include "libsim/base/units.hpp"

namespace windtunnel::network {

struct StorageTier {
  std::string kind, tier;
  Bandwidth read_per_tib{}, write_per_tib{}; ///< of provisioned capacity; zero: not by capacity
  Bandwidth per_node{};                      ///< ceiling of one client
  std::string source, retrieved, note;
};

/// nullptr for an unknown kind or tier.
const StorageTier* storage_tier(const std::string& kind, const std::string& tier);

/// Throughput that `nodes` clients with `network_per_node` get together.
Bandwidth read_bandwidth(const StorageTier& tier, Bytes capacity, int nodes,
                         Bandwidth network_per_node);
Bandwidth write_bandwidth(const StorageTier& tier, Bytes capacity, int nodes,
                          Bandwidth network_per_node);

} // namespace windtunnel::network
