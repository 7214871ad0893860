// The topology spread constraints that hold for a pod: its own, or those of the system.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "models/scheduling/snapshot.hpp"

namespace windtunnel::scheduling {

/// The label whose domains are single nodes.
inline constexpr const char* hostname_label = "kubernetes.io/hostname";

struct SpreadConstraint {
  std::int32_t max_skew = 1;
  std::string topology_key;
  cluster::Selector selector{};
  std::int32_t min_domains = 1;
  bool honor_node_affinity = true;
  bool honor_node_taints = false;

  /// Whether the node's pods and domain count at all.
  bool includes(const cluster::Pod& pod, const cluster::Node& node) const;
  /// Whether the pod is one of those to be spread, in that namespace.
  bool counts(const cluster::Pod& other, const std::string& name_space) const;
};

/// The pod's own constraints of one kind.
std::vector<SpreadConstraint> spread_constraints(const cluster::Pod& pod, bool do_not_schedule);
/// For a pod that has none of its own and that a Service or its controller selects: 3 by hostname,
/// 5 by zone, neither of which forbids a node.
std::vector<SpreadConstraint> system_spread_constraints(const Snapshot& snapshot,
                                                        const cluster::Pod& pod);
/// What each pod in a node's domain costs when there are so many domains.
double spread_weight(std::size_t domains);
double spread_cost(std::int64_t pods, double weight, std::int32_t max_skew);
/// Costs to scores: 100 x (highest + lowest - cost) / highest; 0 where ignored.
void normalize_spread(std::vector<std::int64_t>& scores, const std::vector<char>& ignored);
bool has_spread_labels(const cluster::Node& node, const std::vector<SpreadConstraint>& constraints);

} // namespace windtunnel::scheduling
