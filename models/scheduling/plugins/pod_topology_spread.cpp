// PodTopologySpread: keeps the pods that a selector matches even over the domains of a node label.
//
// Constraints that say DoNotSchedule filter: with m the matching pods in a node's domain, and s = 1
// if the pod matches its own selector, m + s - (the least m of any domain) <= maxSkew. Domains are
// those of nodes that carry all the constraints' labels and that the pod could be meant for
// (nodeAffinityPolicy, nodeTaintsPolicy); with fewer of them than minDomains the least counts as 0.
//
// Those that say ScheduleAnyway score, and a pod without any constraint that a Service, ReplicaSet
// or StatefulSet selects gets two of the system's own: hostname with maxSkew 3 and zone with 5.
//
//   raw = round(sum over constraints of m x ln(domains + 2) + maxSkew - 1)
//   score = 100 x (highest + lowest - raw) / highest
//
// over the feasible nodes (podtopologyspread/{filtering,scoring,common}.go). Pods that are being
// deleted do not count, but are taken off on trial like others.
#include <algorithm>
#include <cmath>
#include <limits>
#include <map>

#include "libsim/base/portable_math.hpp"
#include "models/scheduling/node_inclusion.hpp"
#include "models/scheduling/plugins/plugins.hpp"

namespace windtunnel::scheduling {
namespace {

constexpr const char* hostname_label = "kubernetes.io/hostname";
constexpr const char* zone_label = "topology.kubernetes.io/zone";

struct Constraint {
  std::int32_t max_skew = 1;
  std::string topology_key;
  cluster::Selector selector{};
  std::int32_t min_domains = 1;
  bool honor_node_affinity = true;
  bool honor_node_taints = false;

  bool includes(const cluster::Pod& pod, const cluster::Node& node) const {
    return (!honor_node_affinity || matches_node_affinity(pod, node)) &&
           (!honor_node_taints || tolerates_taints(pod, node));
  }
};

using Counts = std::map<std::string, std::int64_t, std::less<>>;

struct Domains {
  std::vector<Constraint> constraints;
  std::vector<Counts> counts;       ///< matching pods by domain, for each constraint
  std::vector<std::int64_t> lowest; ///< of them

  void find_lowest() {
    lowest.assign(counts.size(), std::numeric_limits<std::int32_t>::max());
    for (std::size_t i = 0; i < counts.size(); ++i) {
      for (const auto& [domain, count] : counts[i]) lowest[i] = std::min(lowest[i], count);
      if (std::ssize(counts[i]) < constraints[i].min_domains) lowest[i] = 0;
    }
  }
};

struct Spread {
  std::vector<Constraint> constraints;
  std::vector<Counts> counts; ///< none for hostnames, which are counted on the node
  std::vector<double> weights;
  std::set<const NodeInfo*> ignored; ///< lack a label: score 0
};

const std::string* label(const NodeInfo& node, const std::string& key) {
  const auto found = node.labels().find(key);
  return found == node.labels().end() ? nullptr : &found->second;
}

bool has_all_labels(const NodeInfo& node, const std::vector<Constraint>& constraints) {
  return std::all_of(constraints.begin(), constraints.end(),
                     [&](const Constraint& c) { return label(node, c.topology_key) != nullptr; });
}

std::int64_t matching_pods(const NodeInfo& node, const cluster::Selector& selector,
                           const std::string& name_space) {
  if (selector.empty()) return 0;
  return std::count_if(node.pods.begin(), node.pods.end(), [&](const PodPtr& info) {
    const cluster::ObjectMeta& meta = info->pod.meta;
    return !meta.deleting && meta.name_space == name_space && selector.matches(meta.labels);
  });
}

/// The pod's own constraints of one kind.
std::vector<Constraint> constraints_of(const cluster::Pod& pod, bool do_not_schedule) {
  std::vector<Constraint> constraints;
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

std::vector<Constraint> system_constraints(const Snapshot& snapshot, const cluster::Pod& pod) {
  const cluster::Selector selector = default_selector(snapshot, pod);
  if (selector.empty()) return {};
  return {{3, hostname_label, selector}, {5, zone_label, selector}};
}

class PodTopologySpread : public Plugin {
public:
  std::string_view name() const override { return "PodTopologySpread"; }

  PreFilterAnswer pre_filter(const Snapshot& snapshot, const PodInfo& pod) const override {
    Domains domains;
    domains.constraints = constraints_of(pod.pod, true);
    if (domains.constraints.empty()) return {.status = {Code::skip}};
    domains.counts.resize(domains.constraints.size());
    for (const NodeInfo& node : snapshot.nodes()) {
      if (!has_all_labels(node, domains.constraints)) continue;
      for (std::size_t i = 0; i < domains.constraints.size(); ++i) {
        const Constraint& c = domains.constraints[i];
        if (c.includes(pod.pod, *node.node))
          domains.counts[i][*label(node, c.topology_key)] +=
              matching_pods(node, c.selector, pod.pod.meta.name_space);
      }
    }
    domains.find_lowest();
    return {.state = std::make_unique<StateOf<Domains>>(std::move(domains))};
  }

  void update(PluginState& state, const PodInfo& pod, const TrialPod& trial) const override {
    auto& domains = state_of<Domains>(state);
    const cluster::ObjectMeta& meta = trial.pod.pod.meta;
    if (meta.name_space != pod.pod.meta.name_space ||
        !has_all_labels(trial.node, domains.constraints))
      return;
    for (std::size_t i = 0; i < domains.constraints.size(); ++i) {
      const Constraint& c = domains.constraints[i];
      if (c.selector.matches(meta.labels) && c.includes(pod.pod, *trial.node.node))
        domains.counts[i][*label(trial.node, c.topology_key)] += trial.sign;
    }
    domains.find_lowest();
  }

  Status filter(const PluginState* state, const Snapshot&, const PodInfo& pod,
                const NodeInfo& node) const override {
    const Domains& domains = state_of<Domains>(state);
    for (std::size_t i = 0; i < domains.constraints.size(); ++i) {
      const Constraint& c = domains.constraints[i];
      const std::string* const domain = label(node, c.topology_key);
      if (!domain)
        return {Code::unschedulable_and_unresolvable,
                {"node(s) didn't match pod topology spread constraints (missing required label)"}};
      const auto count = domains.counts[i].find(*domain);
      const std::int64_t here = count == domains.counts[i].end() ? 0 : count->second;
      const std::int64_t self = c.selector.matches(pod.pod.meta.labels) ? 1 : 0;
      if (here + self - domains.lowest[i] > c.max_skew)
        return {Code::unschedulable, {"node(s) didn't match pod topology spread constraints"}};
    }
    return {};
  }

  PreScoreAnswer pre_score(const Snapshot& snapshot, const PodInfo& pod,
                           const std::vector<const NodeInfo*>& feasible) const override {
    Spread spread;
    const bool own = !pod.pod.topology_spread.empty();
    spread.constraints =
        own ? constraints_of(pod.pod, false) : system_constraints(snapshot, pod.pod);
    if (spread.constraints.empty()) return {Status{Code::skip}};
    spread.counts.resize(spread.constraints.size());
    for (const NodeInfo* node : feasible) {
      // The system's constraints bear with nodes that lack a zone.
      if (own && !has_all_labels(*node, spread.constraints)) {
        spread.ignored.insert(node);
        continue;
      }
      for (std::size_t i = 0; i < spread.constraints.size(); ++i)
        if (spread.constraints[i].topology_key != hostname_label)
          spread.counts[i].try_emplace(domain_of(*node, spread.constraints[i]), 0);
    }
    for (std::size_t i = 0; i < spread.constraints.size(); ++i) {
      const std::size_t domains = spread.constraints[i].topology_key == hostname_label
                                      ? feasible.size() - spread.ignored.size()
                                      : spread.counts[i].size();
      spread.weights.push_back(portable::log(static_cast<double>(domains + 2)));
    }
    for (const NodeInfo& node : snapshot.nodes()) {
      if (own && !has_all_labels(node, spread.constraints)) continue;
      for (std::size_t i = 0; i < spread.constraints.size(); ++i) {
        const Constraint& c = spread.constraints[i];
        const auto count = spread.counts[i].find(domain_of(node, c));
        if (count != spread.counts[i].end() && c.includes(pod.pod, *node.node))
          count->second += matching_pods(node, c.selector, pod.pod.meta.name_space);
      }
    }
    return {.state = std::make_unique<StateOf<Spread>>(std::move(spread))};
  }

  std::int64_t score(const PluginState* state, const Snapshot&, const PodInfo& pod,
                     const NodeInfo& node) const override {
    const Spread& spread = state_of<Spread>(state);
    if (spread.ignored.contains(&node)) return 0;
    double sum = 0;
    for (std::size_t i = 0; i < spread.constraints.size(); ++i) {
      const Constraint& c = spread.constraints[i];
      const std::string* const domain = label(node, c.topology_key);
      if (!domain) continue;
      const std::int64_t count = c.topology_key == hostname_label
                                     ? matching_pods(node, c.selector, pod.pod.meta.name_space)
                                     : spread.counts[i].find(*domain)->second;
      sum += static_cast<double>(count) * spread.weights[i] + static_cast<double>(c.max_skew - 1);
    }
    return std::llround(sum);
  }

  void normalize(const PluginState* state, const std::vector<const NodeInfo*>& feasible,
                 std::vector<std::int64_t>& scores) const override {
    const Spread& spread = state_of<Spread>(state);
    std::int64_t lowest = std::numeric_limits<std::int64_t>::max(), highest = 0;
    for (std::size_t i = 0; i < scores.size(); ++i) {
      if (spread.ignored.contains(feasible[i])) continue;
      lowest = std::min(lowest, scores[i]);
      highest = std::max(highest, scores[i]);
    }
    for (std::size_t i = 0; i < scores.size(); ++i) {
      if (spread.ignored.contains(feasible[i]))
        scores[i] = 0;
      else if (highest == 0)
        scores[i] = max_node_score;
      else
        scores[i] = max_node_score * (highest + lowest - scores[i]) / highest;
    }
  }

private:
  static std::string domain_of(const NodeInfo& node, const Constraint& constraint) {
    const std::string* const domain = label(node, constraint.topology_key);
    return domain ? *domain : std::string();
  }
};

} // namespace

std::unique_ptr<Plugin> make_pod_topology_spread() { return std::make_unique<PodTopologySpread>(); }

} // namespace windtunnel::scheduling
