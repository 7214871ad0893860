// InterPodAffinity: pods near pods that a selector matches, or away from them, "near" being a node
// with the same value of a label (the topology key).
//
// Filter: every required affinity term must have a matching pod in the node's domain (a pod may be
// the first of its kind if it matches its own terms); no required anti-affinity term may, neither
// one of the pod nor one of a pod that runs. Score: each matching pod in a node's domain adds the
// weight of the preferred term, or takes it off (anti-affinity), in both directions; a required
// affinity term of a running pod that the pod matches adds 1. Then to 0..100 from the lowest to the
// highest (interpodaffinity/{filtering,scoring}.go).
#include <algorithm>
#include <limits>
#include <map>

#include "models/scheduling/plugins/plugins.hpp"

namespace windtunnel::scheduling {
namespace {

/// Kubernetes' default for hardPodAffinityWeight.
constexpr std::int64_t hard_affinity_weight = 1;

using Domain = std::pair<std::string, std::string>; ///< topology key, value
using Counts = std::map<Domain, std::int64_t>;

void count(Counts& counts, const NodeInfo& node, const std::string& topology_key, std::int64_t by) {
  const auto label = node.labels().find(topology_key);
  if (label == node.labels().end()) return;
  const auto place = counts.try_emplace({topology_key, label->second}, 0).first;
  place->second += by;
  if (place->second == 0) counts.erase(place);
}

std::int64_t count_of(const Counts& counts, const NodeInfo& node, const std::string& key) {
  const auto label = node.labels().find(key);
  if (label == node.labels().end()) return 0;
  const auto place = counts.find({key, label->second});
  return place == counts.end() ? 0 : place->second;
}

/// Adds the names of the namespaces that a term's selector matches today.
void resolve(const Snapshot& snapshot, AffinityTerm& term) {
  if (term.namespace_selector.empty()) return;
  for (const cluster::Namespace& space : snapshot.namespaces())
    if (term.namespace_selector.matches(space.meta.labels)) term.namespaces.insert(space.meta.name);
}

std::vector<AffinityTerm> resolved(const Snapshot& snapshot, std::vector<AffinityTerm> terms) {
  for (AffinityTerm& term : terms) resolve(snapshot, term);
  return terms;
}

bool matches_all(const std::vector<AffinityTerm>& terms, const cluster::Pod& pod) {
  return !terms.empty() && std::all_of(terms.begin(), terms.end(), [&](const AffinityTerm& term) {
    return term.matches(pod, nullptr);
  });
}

struct Required {
  std::vector<AffinityTerm> affinity;
  std::vector<AffinityTerm> anti_affinity;
  cluster::Labels namespace_labels;
  Counts matching_affinity;
  Counts matching_anti_affinity;
  Counts existing_anti_affinity; ///< terms of other pods that this one matches

  void add(const PodInfo& pod, const PodInfo& other, const NodeInfo& node, int sign) {
    for (const AffinityTerm& term : other.required_anti_affinity)
      if (term.matches(pod.pod, &namespace_labels))
        count(existing_anti_affinity, node, term.topology_key, sign);
    if (matches_all(affinity, other.pod))
      for (const AffinityTerm& term : affinity)
        count(matching_affinity, node, term.topology_key, sign);
    for (const AffinityTerm& term : anti_affinity)
      if (term.matches(other.pod, nullptr))
        count(matching_anti_affinity, node, term.topology_key, sign);
  }
};

cluster::Labels labels_of_namespace(const Snapshot& snapshot, const PodInfo& pod) {
  const cluster::Labels* const labels = snapshot.namespace_labels(pod.pod.meta.name_space);
  return labels ? *labels : cluster::Labels();
}

/// Sums of weights by domain. A sum of zero stays: it is a match all the same.
class Weights {
public:
  Weights(const Snapshot& snapshot, const PodInfo& pod)
      : pod_(pod), affinity_(pod.preferred_affinity), anti_affinity_(pod.preferred_anti_affinity),
        namespace_labels_(labels_of_namespace(snapshot, pod)) {
    for (auto* terms : {&affinity_, &anti_affinity_})
      for (WeightedAffinityTerm& weighted : *terms) resolve(snapshot, weighted.term);
  }

  void add(const PodInfo& other, const NodeInfo& node) {
    for (const WeightedAffinityTerm& w : affinity_) add(w.term, w.weight, other.pod, nullptr, node);
    for (const WeightedAffinityTerm& w : anti_affinity_)
      add(w.term, -w.weight, other.pod, nullptr, node);
    for (const AffinityTerm& term : other.required_affinity)
      add(term, hard_affinity_weight, pod_.pod, &namespace_labels_, node);
    for (const WeightedAffinityTerm& w : other.preferred_affinity)
      add(w.term, w.weight, pod_.pod, &namespace_labels_, node);
    for (const WeightedAffinityTerm& w : other.preferred_anti_affinity)
      add(w.term, -w.weight, pod_.pod, &namespace_labels_, node);
  }

  using Sums = std::map<std::string, std::map<std::string, std::int64_t>>;
  Sums sums; ///< by topology key, then value

private:
  void add(const AffinityTerm& term, std::int64_t weight, const cluster::Pod& matched,
           const cluster::Labels* namespace_labels, const NodeInfo& node) {
    const auto label = node.labels().find(term.topology_key);
    if (label != node.labels().end() && term.matches(matched, namespace_labels))
      sums[term.topology_key][label->second] += weight;
  }

  const PodInfo& pod_;
  std::vector<WeightedAffinityTerm> affinity_;
  std::vector<WeightedAffinityTerm> anti_affinity_;
  cluster::Labels namespace_labels_;
};

class InterPodAffinity : public Plugin {
public:
  std::string_view name() const override { return "InterPodAffinity"; }

  PreFilterAnswer pre_filter(const Snapshot& snapshot, const PodInfo& pod) const override {
    Required required{.affinity = resolved(snapshot, pod.required_affinity),
                      .anti_affinity = resolved(snapshot, pod.required_anti_affinity),
                      .namespace_labels = labels_of_namespace(snapshot, pod),
                      .matching_affinity = {},
                      .matching_anti_affinity = {},
                      .existing_anti_affinity = {}};
    const bool asks = !required.affinity.empty() || !required.anti_affinity.empty();
    for (const NodeInfo& node : snapshot.nodes())
      for (const PodPtr& other : node.pods)
        if (asks || !other->required_anti_affinity.empty()) required.add(pod, *other, node, 1);
    if (!asks && required.existing_anti_affinity.empty()) return {.status = {Code::skip}};
    return {.state = std::make_unique<StateOf<Required>>(std::move(required))};
  }

  void update(PluginState& state, const PodInfo& pod, const TrialPod& trial) const override {
    state_of<Required>(state).add(pod, trial.pod, trial.node, trial.sign);
  }

  Status filter(const PluginState* state, const Snapshot&, const PodInfo& pod,
                const NodeInfo& node) const override {
    const Required& required = state_of<Required>(state);
    if (!satisfies_affinity(required, pod, node))
      return {Code::unschedulable_and_unresolvable, {"node(s) didn't match pod affinity rules"}};
    for (const AffinityTerm& term : required.anti_affinity)
      if (count_of(required.matching_anti_affinity, node, term.topology_key) > 0)
        return {Code::unschedulable, {"node(s) didn't match pod anti-affinity rules"}};
    for (const auto& [domain, matches] : required.existing_anti_affinity) {
      const auto label = node.labels().find(domain.first);
      if (matches > 0 && label != node.labels().end() && label->second == domain.second)
        return {Code::unschedulable, {"node(s) didn't satisfy existing pods anti-affinity rules"}};
    }
    return {};
  }

  PreScoreAnswer pre_score(const Snapshot& snapshot, const PodInfo& pod,
                           const std::vector<const NodeInfo*>&) const override {
    const bool asks = !pod.preferred_affinity.empty() || !pod.preferred_anti_affinity.empty();
    Weights weights(snapshot, pod);
    for (const NodeInfo& node : snapshot.nodes())
      for (const PodPtr& other : node.pods)
        if (asks || other->has_affinity()) weights.add(*other, node);
    if (weights.sums.empty()) return {Status{Code::skip}};
    return {.state = std::make_unique<StateOf<Weights::Sums>>(std::move(weights.sums))};
  }

  std::int64_t score(const PluginState* state, const Snapshot&, const PodInfo&,
                     const NodeInfo& node) const override {
    std::int64_t sum = 0;
    for (const auto& [key, by_value] : state_of<Weights::Sums>(state)) {
      const auto label = node.labels().find(key);
      if (label == node.labels().end()) continue;
      const auto weight = by_value.find(label->second);
      if (weight != by_value.end()) sum += weight->second;
    }
    return sum;
  }

  void normalize(const PluginState*, const std::vector<const NodeInfo*>&,
                 std::vector<std::int64_t>& scores) const override {
    if (scores.empty()) return;
    const auto [low, high] = std::minmax_element(scores.begin(), scores.end());
    const std::int64_t lowest = *low, range = *high - *low;
    for (std::int64_t& score : scores)
      score = range == 0 ? 0
                         : static_cast<std::int64_t>(
                               static_cast<double>(max_node_score) *
                               (static_cast<double>(score - lowest) / static_cast<double>(range)));
  }

private:
  static bool satisfies_affinity(const Required& required, const PodInfo& pod,
                                 const NodeInfo& node) {
    bool pods_exist = true;
    for (const AffinityTerm& term : required.affinity) {
      if (!node.labels().contains(term.topology_key)) return false;
      if (count_of(required.matching_affinity, node, term.topology_key) <= 0) pods_exist = false;
    }
    return pods_exist ||
           (required.matching_affinity.empty() && matches_all(required.affinity, pod.pod));
  }
};

} // namespace

std::unique_ptr<Plugin> make_inter_pod_affinity() { return std::make_unique<InterPodAffinity>(); }

} // namespace windtunnel::scheduling
