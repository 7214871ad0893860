// TaintToleration: refuses nodes with a NoSchedule or NoExecute taint that the pod does not
// tolerate; prefers those with fewer PreferNoSchedule taints that it does not tolerate.
#include <algorithm>

#include "models/scheduling/node_inclusion.hpp"
#include "models/scheduling/plugins/plugins.hpp"

namespace windtunnel::scheduling {
namespace {

class TaintToleration : public Plugin {
public:
  std::string_view name() const override { return "TaintToleration"; }

  Status filter(const PluginState*, const Snapshot&, const PodInfo& pod,
                const NodeInfo& node) const override {
    if (tolerates_taints(pod.pod, *node.node)) return {};
    return {Code::unschedulable_and_unresolvable, {"node(s) had untolerated taint(s)"}};
  }

  PreScoreAnswer pre_score(const Snapshot&, const PodInfo&,
                           const std::vector<const NodeInfo*>&) const override {
    return {};
  }

  std::int64_t score(const PluginState*, const Snapshot&, const PodInfo& pod,
                     const NodeInfo& node) const override {
    const auto& taints = node.node->taints;
    return std::count_if(taints.begin(), taints.end(), [&](const cluster::Taint& taint) {
      return taint.effect == cluster::TaintEffect::prefer_no_schedule && !tolerates(pod.pod, taint);
    });
  }

  void normalize(const PluginState*, const std::vector<const NodeInfo*>&,
                 std::vector<std::int64_t>& scores) const override {
    normalize_by_highest(scores, true);
  }
};

} // namespace

std::unique_ptr<Plugin> make_taint_toleration() { return std::make_unique<TaintToleration>(); }

} // namespace windtunnel::scheduling
