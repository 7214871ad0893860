// NodeResourcesBalancedAllocation: prefers nodes on which the pod makes the shares of CPU and
// memory in use more alike. With f the shares, capped at 1, and balance = (1 - |f_cpu - f_memory| /
// 2) x 100 (100 where a node offers one of them alone), in whole numbers:
//
//   score = 50 + (50 + balance with the pod - balance without it) / 2
//
// A pod that asks for neither gets no score, lest all of them go to one node
// (noderesources/balanced_allocation.go, 1.36).
#include <cmath>

#include "models/scheduling/plugins/plugins.hpp"

namespace windtunnel::scheduling {
namespace {

struct Amounts {
  std::int64_t milli_cpu = 0;
  std::int64_t memory = 0;
};

std::int64_t balance(const Resources& allocatable, const Amounts& used) {
  if (allocatable.milli_cpu == 0 || allocatable.memory == 0) return max_node_score;
  const auto share = [](std::int64_t part, std::int64_t whole) {
    return std::min(static_cast<double>(part) / static_cast<double>(whole), 1.0);
  };
  const double deviation = std::abs(
      (share(used.milli_cpu, allocatable.milli_cpu) - share(used.memory, allocatable.memory)) / 2);
  return static_cast<std::int64_t>((1 - deviation) * static_cast<double>(max_node_score));
}

class BalancedAllocation : public Plugin {
public:
  std::string_view name() const override { return "NodeResourcesBalancedAllocation"; }

  PreScoreAnswer pre_score(const Snapshot&, const PodInfo& pod,
                           const std::vector<const NodeInfo*>&) const override {
    Resources wanted;
    wanted.add(pod_requests(pod.pod, {}));
    if (wanted.milli_cpu == 0 && wanted.memory == 0) return {Status{Code::skip}};
    return {.state = std::make_unique<StateOf<Amounts>>(Amounts{wanted.milli_cpu, wanted.memory})};
  }

  std::int64_t score(const PluginState* state, const Snapshot&, const PodInfo&,
                     const NodeInfo& node) const override {
    const Amounts& wanted = state_of<Amounts>(state);
    const Amounts before{node.requested.milli_cpu, node.requested.memory};
    const Amounts after{wrapping_add(before.milli_cpu, wanted.milli_cpu),
                        wrapping_add(before.memory, wanted.memory)};
    constexpr std::int64_t half = max_node_score / 2;
    return half + (half + balance(node.allocatable, after) - balance(node.allocatable, before)) / 2;
  }
};

} // namespace

std::unique_ptr<Plugin> make_balanced_allocation() {
  return std::make_unique<BalancedAllocation>();
}

} // namespace windtunnel::scheduling
