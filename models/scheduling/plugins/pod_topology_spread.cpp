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

#include "models/scheduling/plugins/plugins.hpp"
#include "models/scheduling/spread_constraints.hpp"

namespace windtunnel::scheduling {
namespace {

using Counts = std::map<std::string, std::int64_t, std::less<>>;

struct Domains {
  std::vector<SpreadConstraint> constraints;
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
  std::vector<SpreadConstraint> constraints;
  std::vector<Counts> counts; ///< none for hostnames, which are counted on the node
  std::vector<double> weights;
  std::set<const NodeInfo*> ignored; ///< lack a label: score 0
};

const std::string* label(const NodeInfo& node, const std::string& key) {
  const auto found = node.labels().find(key);
  return found == node.labels().end() ? nullptr : &found->second;
}

std::int64_t matching_pods(const NodeInfo& node, const SpreadConstraint& constraint,
                           const std::string& name_space) {
  return std::count_if(node.pods.begin(), node.pods.end(), [&](const PodPtr& other) {
    return constraint.counts(other->pod, name_space);
  });
}

class PodTopologySpread : public Plugin {
public:
  std::string_view name() const override { return "PodTopologySpread"; }
  bool is_local() const override { return false; }
  bool normalizes() const override { return true; }

  PreFilterAnswer pre_filter(const Snapshot& snapshot, const PodInfo& pod) const override {
    Domains domains;
    domains.constraints = spread_constraints(pod.pod, true);
    if (domains.constraints.empty()) return {.status = {Code::skip}};
    domains.counts.resize(domains.constraints.size());
    for (const NodeInfo& node : snapshot.nodes()) {
      if (!has_spread_labels(*node.node, domains.constraints)) continue;
      for (std::size_t i = 0; i < domains.constraints.size(); ++i) {
        const SpreadConstraint& c = domains.constraints[i];
        if (c.includes(pod.pod, *node.node))
          domains.counts[i][*label(node, c.topology_key)] +=
              matching_pods(node, c, pod.pod.meta.name_space);
      }
    }
    domains.find_lowest();
    return {.state = std::make_unique<StateOf<Domains>>(std::move(domains))};
  }

  void update(PluginState& state, const PodInfo& pod, const TrialPod& trial) const override {
    auto& domains = state_of<Domains>(state);
    const cluster::ObjectMeta& meta = trial.pod.pod.meta;
    if (meta.name_space != pod.pod.meta.name_space ||
        !has_spread_labels(*trial.node.node, domains.constraints))
      return;
    for (std::size_t i = 0; i < domains.constraints.size(); ++i) {
      const SpreadConstraint& c = domains.constraints[i];
      if (c.selector.matches(meta.labels) && c.includes(pod.pod, *trial.node.node))
        domains.counts[i][*label(trial.node, c.topology_key)] += trial.sign;
    }
    domains.find_lowest();
  }

  Status filter(const PluginState* state, const Snapshot&, const PodInfo& pod,
                const NodeInfo& node) const override {
    const Domains& domains = state_of<Domains>(state);
    for (std::size_t i = 0; i < domains.constraints.size(); ++i) {
      const SpreadConstraint& c = domains.constraints[i];
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
        own ? spread_constraints(pod.pod, false) : system_spread_constraints(snapshot, pod.pod);
    if (spread.constraints.empty()) return {Status{Code::skip}};
    spread.counts.resize(spread.constraints.size());
    for (const NodeInfo* node : feasible) {
      // The system's constraints bear with nodes that lack a zone.
      if (own && !has_spread_labels(*node->node, spread.constraints)) {
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
      spread.weights.push_back(spread_weight(domains));
    }
    for (const NodeInfo& node : snapshot.nodes()) {
      if (own && !has_spread_labels(*node.node, spread.constraints)) continue;
      for (std::size_t i = 0; i < spread.constraints.size(); ++i) {
        const SpreadConstraint& c = spread.constraints[i];
        const auto count = spread.counts[i].find(domain_of(node, c));
        if (count != spread.counts[i].end() && c.includes(pod.pod, *node.node))
          count->second += matching_pods(node, c, pod.pod.meta.name_space);
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
      const SpreadConstraint& c = spread.constraints[i];
      const std::string* const domain = label(node, c.topology_key);
      if (!domain) continue;
      const std::int64_t count = c.topology_key == hostname_label
                                     ? matching_pods(node, c, pod.pod.meta.name_space)
                                     : spread.counts[i].find(*domain)->second;
      sum += spread_cost(count, spread.weights[i], c.max_skew);
    }
    return std::llround(sum);
  }

  void normalize(const PluginState* state, const std::vector<const NodeInfo*>& feasible,
                 std::vector<std::int64_t>& scores) const override {
    const Spread& spread = state_of<Spread>(state);
    std::vector<char> ignored;
    ignored.reserve(feasible.size());
    for (const NodeInfo* node : feasible) ignored.push_back(spread.ignored.contains(node));
    normalize_spread(scores, ignored);
  }

private:
  static std::string domain_of(const NodeInfo& node, const SpreadConstraint& constraint) {
    const std::string* const domain = label(node, constraint.topology_key);
    return domain ? *domain : std::string();
  }
};

} // namespace

std::unique_ptr<Plugin> make_pod_topology_spread() { return std::make_unique<PodTopologySpread>(); }

} // namespace windtunnel::scheduling
