// NodeAffinity: refuses nodes that the pod's nodeSelector or required node affinity does not match;
// prefers those that more of its preferred terms match, by weight.
#include <algorithm>
#include <iterator>

#include "models/scheduling/node_inclusion.hpp"
#include "models/scheduling/plugins/plugins.hpp"

namespace windtunnel::scheduling {
namespace {

using Names = std::set<std::string>;

/// The names that a term's `metadata.name In` allows; nullopt when it has none.
std::optional<Names> names_of(const cluster::NodeSelectorTerm& term) {
  std::optional<Names> names;
  for (const cluster::Requirement& r : term.match_fields) {
    if (r.key != "metadata.name" || r.op != cluster::Operator::in) continue;
    const Names allowed(r.values.begin(), r.values.end());
    if (!names) {
      names = allowed;
      continue;
    }
    Names both;
    std::set_intersection(names->begin(), names->end(), allowed.begin(), allowed.end(),
                          std::inserter(both, both.end()));
    names = std::move(both);
  }
  return names;
}

class NodeAffinity : public Plugin {
public:
  std::string_view name() const override { return "NodeAffinity"; }

  PreFilterAnswer pre_filter(const Snapshot&, const PodInfo& pod) const override {
    const auto& required = pod.pod.required_node_affinity;
    if (!required && pod.pod.node_selector.empty()) return {.status = {Code::skip}};
    if (!required || required->terms.empty()) return {};
    Names all;
    for (const cluster::NodeSelectorTerm& term : required->terms) {
      const std::optional<Names> names = names_of(term);
      if (!names) return {}; // this alternative may be met by any node
      all.insert(names->begin(), names->end());
    }
    if (all.empty())
      return {.status = {Code::unschedulable_and_unresolvable, {"pod affinity terms conflict"}}};
    return {.node_names = std::move(all)};
  }

  Status filter(const PluginState*, const Snapshot&, const PodInfo& pod,
                const NodeInfo& node) const override {
    if (matches_node_affinity(pod.pod, *node.node)) return {};
    return {Code::unschedulable_and_unresolvable,
            {"node(s) didn't match Pod's node affinity/selector"}};
  }

  PreScoreAnswer pre_score(const Snapshot&, const PodInfo& pod,
                           const std::vector<const NodeInfo*>&) const override {
    if (pod.pod.preferred_node_affinity.empty()) return {Status{Code::skip}};
    return {};
  }

  std::int64_t score(const PluginState*, const Snapshot&, const PodInfo& pod,
                     const NodeInfo& node) const override {
    std::int64_t sum = 0;
    for (const cluster::PreferredNodeTerm& preferred : pod.pod.preferred_node_affinity)
      if (preferred.term.matches(node.name(), node.labels())) sum += preferred.weight;
    return sum;
  }

  void normalize(const PluginState*, const std::vector<const NodeInfo*>&,
                 std::vector<std::int64_t>& scores) const override {
    normalize_by_highest(scores, false);
  }
};

} // namespace

std::unique_ptr<Plugin> make_node_affinity() { return std::make_unique<NodeAffinity>(); }

} // namespace windtunnel::scheduling
