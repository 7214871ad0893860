// NodeUnschedulable: no pods for a cordoned node, but those that tolerate its taint.
#include <algorithm>

#include "models/scheduling/plugins/plugins.hpp"

namespace windtunnel::scheduling {
namespace {

class NodeUnschedulable : public Plugin {
public:
  std::string_view name() const override { return "NodeUnschedulable"; }

  Status filter(const PluginState*, const Snapshot&, const PodInfo& pod,
                const NodeInfo& node) const override {
    if (!node.node->unschedulable) return {};
    const cluster::Taint taint{"node.kubernetes.io/unschedulable", "",
                               cluster::TaintEffect::no_schedule};
    const auto& tolerations = pod.pod.tolerations;
    if (std::any_of(tolerations.begin(), tolerations.end(),
                    [&](const cluster::Toleration& t) { return t.tolerates(taint); }))
      return {};
    return {Code::unschedulable_and_unresolvable, {"node(s) were unschedulable"}};
  }
};

} // namespace

std::unique_ptr<Plugin> make_node_unschedulable() { return std::make_unique<NodeUnschedulable>(); }

} // namespace windtunnel::scheduling
