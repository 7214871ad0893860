// The plugins of kube-scheduler's default profile; the header essay of each .cpp says what it does.
#pragma once

#include <memory>

#include "models/scheduling/plugin.hpp"

namespace windtunnel::scheduling {

std::unique_ptr<Plugin> make_node_unschedulable();
std::unique_ptr<Plugin> make_node_name();
std::unique_ptr<Plugin> make_taint_toleration();
std::unique_ptr<Plugin> make_node_affinity();
std::unique_ptr<Plugin> make_node_ports();
std::unique_ptr<Plugin> make_node_resources_fit();
std::unique_ptr<Plugin> make_volume_restrictions();
std::unique_ptr<Plugin> make_node_volume_limits();
std::unique_ptr<Plugin> make_volume_binding();
std::unique_ptr<Plugin> make_volume_zone();
std::unique_ptr<Plugin> make_pod_topology_spread();
std::unique_ptr<Plugin> make_inter_pod_affinity();
std::unique_ptr<Plugin> make_dynamic_resources();
std::unique_ptr<Plugin> make_balanced_allocation();
std::unique_ptr<Plugin> make_image_locality();

} // namespace windtunnel::scheduling
