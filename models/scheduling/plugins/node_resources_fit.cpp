// NodeResourcesFit: refuses nodes that lack room; prefers those with more of it left (the strategy
// LeastAllocated over CPU and memory, weights 1 and 1):
//
//   score = mean of (allocatable - requested) x 100 / allocatable
//
// in whole numbers, where pods count with 100m and 200 Mi a container if they ask for none
// (noderesources/fit.go, least_allocated.go). What a pod asks for beyond a node's allocatable, no
// eviction can give.
#include "models/scheduling/plugins/plugins.hpp"

namespace windtunnel::scheduling {
namespace {

/// A pending pod's status says nothing yet, so the filter looks at its spec alone.
Resources filtered_requests(const cluster::Pod& pod) {
  Resources resources;
  resources.add(pod_requests(pod, {.in_place_resizing = false}));
  return resources;
}

std::int64_t least_allocated(std::int64_t requested, std::int64_t allocatable) {
  if (requested > allocatable) return 0;
  return wrapping_multiply(wrapping_subtract(allocatable, requested), max_node_score) / allocatable;
}

class NodeResourcesFit : public Plugin {
public:
  std::string_view name() const override { return "NodeResourcesFit"; }

  PreFilterAnswer pre_filter(const Snapshot&, const PodInfo& pod) const override {
    return {.state = std::make_unique<StateOf<Resources>>(filtered_requests(pod.pod))};
  }

  Status filter(const PluginState* state, const Snapshot&, const PodInfo&,
                const NodeInfo& node) const override {
    const Resources& wanted = state_of<Resources>(state);
    Status status;
    const auto lacks = [&](std::string reason, bool unresolvable) {
      if (status.ok()) status.code = Code::unschedulable;
      if (unresolvable) status.code = Code::unschedulable_and_unresolvable;
      status.reasons.push_back(std::move(reason));
    };
    const auto check = [&](const std::string& resource, std::int64_t want, std::int64_t allocatable,
                           std::int64_t requested) {
      if (want > 0 && want > wrapping_subtract(allocatable, requested))
        lacks("Insufficient " + resource, want > allocatable);
    };
    if (static_cast<std::int64_t>(node.pods.size()) + 1 > node.allocatable.pods)
      lacks("Too many pods", false);
    check("cpu", wanted.milli_cpu, node.allocatable.milli_cpu, node.requested.milli_cpu);
    check("memory", wanted.memory, node.allocatable.memory, node.requested.memory);
    check("ephemeral-storage", wanted.ephemeral_storage, node.allocatable.ephemeral_storage,
          node.requested.ephemeral_storage);
    for (const auto& [resource, want] : wanted.scalars)
      check(resource, want, node.allocatable.scalar(resource), node.requested.scalar(resource));
    return status;
  }

  PreScoreAnswer pre_score(const Snapshot&, const PodInfo& pod,
                           const std::vector<const NodeInfo*>&) const override {
    Resources wanted;
    // The scorer is made without the switches for pod-level resources and resizing, so that it
    // looks at the containers' requests alone (kube-scheduler 1.36, fit.go: NewFit).
    wanted.add(pod_requests(
        pod.pod,
        {.in_place_resizing = false, .pod_level = false, .missing = scored_when_missing()}));
    return {.state = std::make_unique<StateOf<Resources>>(std::move(wanted))};
  }

  std::int64_t score(const PluginState* state, const Snapshot&, const PodInfo&,
                     const NodeInfo& node) const override {
    const Resources& wanted = state_of<Resources>(state);
    std::int64_t sum = 0, weights = 0;
    const auto add = [&](std::int64_t allocatable, std::int64_t requested) {
      if (allocatable == 0) return;
      sum += least_allocated(requested, allocatable);
      ++weights;
    };
    add(node.allocatable.milli_cpu, wrapping_add(node.scored_milli_cpu, wanted.milli_cpu));
    add(node.allocatable.memory, wrapping_add(node.scored_memory, wanted.memory));
    return weights == 0 ? 0 : sum / weights;
  }
};

} // namespace

std::unique_ptr<Plugin> make_node_resources_fit() { return std::make_unique<NodeResourcesFit>(); }

} // namespace windtunnel::scheduling
