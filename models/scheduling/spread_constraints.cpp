#include "models/scheduling/spread_constraints.hpp"

#include <algorithm>
#include <limits>

#include "libsim/base/portable_math.hpp"
#include "models/scheduling/node_inclusion.hpp"
#include "models/scheduling/plugin.hpp"

namespace windtunnel::scheduling {
namespace {

constexpr const char* zone_label = "topology.kubernetes.io/zone";

/// What the Services and the controller of a pod select.
cluster::Selector default_selector(const Snapshot& snapshot, const cluster::Pod& pod) {
  cluster::Labels selected;
  for (const cluster::Service& service : snapshot.services())
    if (service.meta.name_space == pod.meta.name_space && service.selector &&
        cluster::Selector::of(*service.selector).matches(pod.meta.labels))
      for (const auto& [key, value] : *service.selector) selected.insert_or_assign(key, value);
  const auto& owners = pod.meta.owner_references;
  const auto owner = std::find_if(owners.begin(), owners.end(),
                                  [](const cluster::OwnerReference& o) { return o.controller; });
  const auto* controller =
      owner == owners.end() ? nullptr : snapshot.controller(*owner, pod.meta.name_space);
  if (controller && controller->selector && owner->kind == "ReplicationController")
    for (const auto& [key, value] : controller->selector->match_labels)
      selected.insert_or_assign(key, value);
  cluster::Selector selector = cluster::Selector::of(selected);
  if (controller && controller->selector && owner->kind != "ReplicationController")
    selector.add(controller->selector->selector().requirements());
  return selector;
}

} // namespace

bool SpreadConstraint::includes(const cluster::Pod& pod, const cluster::Node& node) const {
  return (!honor_node_affinity || matches_node_affinity(pod, node)) &&
         (!honor_node_taints || tolerates_taints(pod, node));
}

bool SpreadConstraint::counts(const cluster::Pod& other, const std::string& name_space) const {
  return !selector.empty() && !other.meta.deleting && other.meta.name_space == name_space &&
         selector.matches(other.meta.labels);
}

std::vector<SpreadConstraint> spread_constraints(const cluster::Pod& pod, bool do_not_schedule) {
  std::vector<SpreadConstraint> constraints;
  for (const cluster::TopologySpreadConstraint& c : pod.topology_spread) {
    if (c.do_not_schedule != do_not_schedule) continue;
    cluster::Selector selector = cluster::selector_of(c.label_selector);
    std::vector<cluster::Requirement> own_values;
    for (const std::string& key : c.match_label_keys)
      if (const auto own = pod.meta.labels.find(key); own != pod.meta.labels.end())
        own_values.push_back({key, cluster::Operator::in, {own->second}});
    selector.add(own_values);
    constraints.push_back({c.max_skew, c.topology_key, std::move(selector), c.min_domains,
                           c.honor_node_affinity, c.honor_node_taints});
  }
  return constraints;
}

std::vector<SpreadConstraint> system_spread_constraints(const Snapshot& snapshot,
                                                        const cluster::Pod& pod) {
  const cluster::Selector selector = default_selector(snapshot, pod);
  if (selector.empty()) return {};
  return {{3, hostname_label, selector}, {5, zone_label, selector}};
}

double spread_weight(std::size_t domains) {
  return portable::log(static_cast<double>(domains + 2));
}

double spread_cost(std::int64_t pods, double weight, std::int32_t max_skew) {
  return static_cast<double>(pods) * weight + static_cast<double>(max_skew - 1);
}

void normalize_spread(std::vector<std::int64_t>& scores, const std::vector<char>& ignored) {
  std::int64_t lowest = std::numeric_limits<std::int64_t>::max(), highest = 0;
  for (std::size_t i = 0; i < scores.size(); ++i) {
    if (ignored[i]) continue;
    lowest = std::min(lowest, scores[i]);
    highest = std::max(highest, scores[i]);
  }
  for (std::size_t i = 0; i < scores.size(); ++i) {
    if (ignored[i])
      scores[i] = 0;
    else if (highest == 0)
      scores[i] = max_node_score;
    else
      scores[i] = max_node_score * (highest + lowest - scores[i]) / highest;
  }
}

bool has_spread_labels(const cluster::Node& node,
                       const std::vector<SpreadConstraint>& constraints) {
  return std::all_of(constraints.begin(), constraints.end(), [&](const SpreadConstraint& c) {
    return node.meta.labels.contains(c.topology_key);
  });
}

} // namespace windtunnel::scheduling
