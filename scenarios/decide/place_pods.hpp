// Where would they go, and why not there? The pending pods of a cluster placed one after another,
// as kube-scheduler would: the highest priority first, then the oldest; each bound to the first by
// name of the best nodes (the real one takes any of them), or the reasons in its own words. A pod
// that would evict others is nominated to their node, and they stay: whether and when they go is
// not the scheduler's.
#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "models/cluster/objects.hpp"

namespace windtunnel::scenarios {

struct PodPlacement {
  std::string pod;  ///< namespace/name
  std::string node; ///< empty: it stays pending
  std::int64_t score = 0;
  std::vector<std::pair<std::string, std::int64_t>> by_plugin{};  ///< unweighted, 0..100
  std::vector<std::pair<std::string, std::int64_t>> runners_up{}; ///< the next best nodes
  std::size_t feasible_nodes = 0;
  std::string message{}; ///< why it stays pending
  std::string nominated_node{};
  std::vector<std::string> victims{};
};

/// `percentage` of nodes to score; 0: adaptive. Pods with scheduling gates, or of another
/// scheduler, stay pending.
std::vector<PodPlacement> place_pods(cluster::Objects objects, int percentage);

enum class PlacementFormat : std::uint8_t { table, json };
std::string render(const std::vector<PodPlacement>& placements, PlacementFormat format);

} // namespace windtunnel::scenarios
