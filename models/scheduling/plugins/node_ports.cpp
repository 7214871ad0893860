// NodePorts: two pods on one node cannot have one host port of a protocol at the same address.
#include <algorithm>

#include "models/scheduling/plugins/plugins.hpp"

namespace windtunnel::scheduling {
namespace {

constexpr const char* every_address = "0.0.0.0";

bool is_taken(const std::set<HostPort>& used, const HostPort& wanted) {
  const std::string& protocol = std::get<1>(wanted);
  const std::int32_t port = std::get<2>(wanted);
  if (std::get<0>(wanted) != every_address)
    return used.contains(wanted) || used.contains({every_address, protocol, port});
  return std::any_of(used.begin(), used.end(), [&](const HostPort& other) {
    return std::get<1>(other) == protocol && std::get<2>(other) == port;
  });
}

class NodePorts : public Plugin {
public:
  std::string_view name() const override { return "NodePorts"; }

  PreFilterAnswer pre_filter(const Snapshot&, const PodInfo& pod) const override {
    if (pod.host_ports.empty()) return {.status = {Code::skip}};
    return {};
  }

  Status filter(const PluginState*, const Snapshot&, const PodInfo& pod,
                const NodeInfo& node) const override {
    const bool conflict = std::any_of(
        pod.host_ports.begin(), pod.host_ports.end(),
        [&](const cluster::ContainerPort& p) { return is_taken(node.used_ports, host_port(p)); });
    if (!conflict) return {};
    return {Code::unschedulable, {"node(s) didn't have free ports for the requested pod ports"}};
  }
};

} // namespace

std::unique_ptr<Plugin> make_node_ports() { return std::make_unique<NodePorts>(); }

} // namespace windtunnel::scheduling
