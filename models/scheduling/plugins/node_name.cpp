// NodeName: a pod that names its node lies there or nowhere.
#include "models/scheduling/plugins/plugins.hpp"

namespace windtunnel::scheduling {
namespace {

class NodeName : public Plugin {
public:
  std::string_view name() const override { return "NodeName"; }

  Status filter(const PluginState*, const Snapshot&, const PodInfo& pod,
                const NodeInfo& node) const override {
    if (pod.pod.node_name.empty() || pod.pod.node_name == node.name()) return {};
    return {Code::unschedulable_and_unresolvable, {"node(s) didn't match the requested node name"}};
  }
};

} // namespace

std::unique_ptr<Plugin> make_node_name() { return std::make_unique<NodeName>(); }

} // namespace windtunnel::scheduling
