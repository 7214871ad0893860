#include "models/scheduling/attempt.hpp"

#include <algorithm>

namespace windtunnel::scheduling {
namespace {

constexpr std::size_t least_feasible = 100;

/// The node the pod was nominated to, if it does.
const NodeInfo* nominated_node(const Framework& framework, const Snapshot& snapshot,
                               const PodInfo& pod, const CycleState& cycle) {
  if (pod.pod.nominated_node_name.empty()) return nullptr;
  const NodeInfo* const node = snapshot.node(pod.pod.nominated_node_name);
  return node && framework.filter(snapshot, pod, cycle, *node).ok() ? node : nullptr;
}

std::vector<const NodeInfo*> candidates(const Snapshot& snapshot, const PreFiltered& filtered) {
  std::vector<const NodeInfo*> nodes;
  if (filtered.node_names) {
    for (const std::string& name : *filtered.node_names)
      if (const NodeInfo* const node = snapshot.node(name)) nodes.push_back(node);
  } else {
    for (const NodeInfo& node : snapshot.nodes()) nodes.push_back(&node);
  }
  return nodes;
}

} // namespace

std::size_t feasible_nodes_to_find(std::size_t nodes, int percentage) {
  if (nodes < least_feasible) return nodes;
  std::size_t share = static_cast<std::size_t>(percentage);
  if (percentage == 0)
    share = std::max<std::size_t>(50 - std::min<std::size_t>(50, nodes / 125), 5);
  return std::max(nodes * share / 100, least_feasible);
}

Search search(const Framework& framework, const Snapshot& snapshot, const PodInfo& pod,
              const SearchOptions& options) {
  Search result{.pre_filtered = {}, .cycle = framework.new_cycle(), .feasible = {}, .refused = {}};
  result.pre_filtered = framework.pre_filter(snapshot, pod, result.cycle);
  if (!result.pre_filtered.status.ok()) {
    result.absent = result.pre_filtered.status;
    return result;
  }
  if (const NodeInfo* const node = nominated_node(framework, snapshot, pod, result.cycle)) {
    result.feasible.push_back(node);
    return result;
  }
  const std::vector<const NodeInfo*> nodes = candidates(snapshot, result.pre_filtered);
  if (result.pre_filtered.node_names)
    result.absent.reasons.push_back(narrowed_reason(result.pre_filtered));
  const std::size_t enough = feasible_nodes_to_find(nodes.size(), options.percentage);
  for (std::size_t i = 0; i < nodes.size(); ++i) {
    const NodeInfo& node = *nodes[(options.start + i) % nodes.size()];
    Status status = framework.filter(snapshot, pod, result.cycle, node);
    if (!status.ok())
      result.refused.emplace(node.name(), std::move(status));
    else if (result.feasible.size() == enough)
      break; // one more than enough: only now does the search end
    else
      result.feasible.push_back(&node);
  }
  result.evaluated = result.feasible.size() + result.refused.size();
  return result;
}

std::map<std::string, std::int64_t> reasons_of(const std::map<std::string, Status>& refused,
                                               const Status& absent, std::size_t nodes) {
  std::map<std::string, std::int64_t> reasons;
  for (const auto& [node, status] : refused)
    for (const std::string& reason : status.reasons) ++reasons[reason];
  if (refused.size() < nodes)
    for (const std::string& reason : absent.reasons)
      reasons[reason] += static_cast<std::int64_t>(nodes - refused.size());
  return reasons;
}

std::string unavailable(const std::map<std::string, std::int64_t>& reasons, std::size_t nodes) {
  std::vector<std::string> texts;
  for (const auto& [reason, count] : reasons) texts.push_back(std::to_string(count) + " " + reason);
  std::sort(texts.begin(), texts.end());
  std::string text = "0/" + std::to_string(nodes) + " nodes are available:";
  for (std::size_t i = 0; i < texts.size(); ++i) text += (i == 0 ? " " : ", ") + texts[i];
  return texts.empty() ? text : text + ".";
}

} // namespace windtunnel::scheduling
