#include "models/scheduling/node_inclusion.hpp"

#include <algorithm>

namespace windtunnel::scheduling {

bool tolerates(const cluster::Pod& pod, const cluster::Taint& taint) {
  return std::any_of(pod.tolerations.begin(), pod.tolerations.end(),
                     [&](const cluster::Toleration& t) { return t.tolerates(taint); });
}

bool tolerates_taints(const cluster::Pod& pod, const cluster::Node& node) {
  return std::all_of(node.taints.begin(), node.taints.end(), [&](const cluster::Taint& taint) {
    return taint.effect == cluster::TaintEffect::prefer_no_schedule || tolerates(pod, taint);
  });
}

bool matches_node_affinity(const cluster::Pod& pod, const cluster::Node& node) {
  for (const auto& [key, value] : pod.node_selector) {
    const auto found = node.meta.labels.find(key);
    if (found == node.meta.labels.end() || found->second != value) return false;
  }
  return !pod.required_node_affinity ||
         pod.required_node_affinity->matches(node.meta.name, node.meta.labels);
}

} // namespace windtunnel::scheduling
