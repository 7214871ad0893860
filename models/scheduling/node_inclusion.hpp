// Whether a node's taints and labels admit a pod: asked by two plugins that filter by it, and by
// topology spread, which leaves out of its domains the nodes that cannot be meant.
#pragma once

#include "models/cluster/node.hpp"
#include "models/cluster/pod.hpp"

namespace windtunnel::scheduling {

bool tolerates(const cluster::Pod& pod, const cluster::Taint& taint);
/// Every NoSchedule and NoExecute taint of the node.
bool tolerates_taints(const cluster::Pod& pod, const cluster::Node& node);
/// The pod's nodeSelector and required node affinity.
bool matches_node_affinity(const cluster::Pod& pod, const cluster::Node& node);

} // namespace windtunnel::scheduling
