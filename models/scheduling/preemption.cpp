#include "models/scheduling/preemption.hpp"

#include <algorithm>
#include <functional>
#include <limits>

#include "models/scheduling/go_sort.hpp"

namespace windtunnel::scheduling {
namespace {

/// A pod that has not started starts now, after all others.
cluster::Instant start_of(const PodInfo& pod) {
  return pod.pod.start_time.value_or(std::numeric_limits<cluster::Instant>::max());
}

bool is_more_important(const PodPtr& a, const PodPtr& b) {
  if (a->pod.priority != b->pod.priority) return a->pod.priority > b->pod.priority;
  return start_of(*a) < start_of(*b);
}

/// Those whose eviction breaks a disruption budget, and the others, in their order.
std::pair<std::vector<PodPtr>, std::vector<PodPtr>>
split_by_budget(const std::vector<PodPtr>& pods,
                const std::vector<cluster::PodDisruptionBudget>& budgets) {
  std::vector<std::int64_t> allowed;
  std::vector<cluster::Selector> selectors;
  for (const cluster::PodDisruptionBudget& budget : budgets) {
    allowed.push_back(budget.disruptions_allowed);
    selectors.push_back(cluster::selector_of(budget.selector));
  }
  std::pair<std::vector<PodPtr>, std::vector<PodPtr>> split;
  for (const PodPtr& pod : pods) {
    const cluster::ObjectMeta& meta = pod->pod.meta;
    bool breaks = false;
    for (std::size_t i = 0; i < budgets.size() && !meta.labels.empty(); ++i) {
      if (budgets[i].meta.name_space != meta.name_space || selectors[i].empty() ||
          !selectors[i].matches(meta.labels) || budgets[i].disrupted_pods.contains(meta.name))
        continue;
      if (--allowed[i] < 0) breaks = true;
    }
    (breaks ? split.first : split.second).push_back(pod);
  }
  return split;
}

/// The pods to evict from one node with some of lower priority, on copies of what the attempt
/// knows.
class DryRun {
public:
  DryRun(const Framework& framework, const Snapshot& snapshot, const PodInfo& pod,
         const CycleState& cycle, const NodeInfo& node)
      : framework_(framework), snapshot_(snapshot), pod_(pod), cycle_(cycle), node_(node) {}

  /// The victims, or why there are none.
  tl::expected<Victims, Status> victims() {
    std::vector<PodPtr> lower;
    for (const PodPtr& other : node_.pods)
      if (other->pod.priority < pod_.pod.priority) lower.push_back(other);
    if (lower.empty())
      return refused(
          {Code::unschedulable_and_unresolvable, {"No preemption victims found for incoming pod"}});
    for (const PodPtr& other : lower) remove(other);
    if (Status status = filter(); !status.ok()) return refused(std::move(status));
    go_sort_slice(lower, is_more_important);
    const auto [breaking, harmless] = split_by_budget(lower, snapshot_.disruption_budgets());
    Victims victims;
    for (const PodPtr& other : breaking)
      if (!reprieve(other, victims)) ++victims.budget_violations;
    for (const PodPtr& other : harmless) reprieve(other, victims);
    if (!breaking.empty() && !harmless.empty()) go_sort_slice(victims.pods, is_more_important);
    if (victims.pods
            .empty()) // it fits without any eviction, so the attempt cannot have failed here
      return refused(
          {Code::error, {"expected at least one victim pod on node \"" + node_.name() + "\""}});
    return victims;
  }

private:
  static tl::unexpected<Status> refused(Status status) { return tl::unexpected(std::move(status)); }
  Status filter() const { return framework_.filter(snapshot_, pod_, cycle_, node_); }

  void remove(const PodPtr& other) {
    node_.remove(other->pod.meta.key());
    framework_.update(cycle_, pod_, {*other, node_, -1});
  }
  bool reprieve(const PodPtr& other, Victims& victims) {
    node_.add(other);
    framework_.update(cycle_, pod_, {*other, node_, 1});
    if (filter().ok()) return true;
    remove(other);
    victims.pods.push_back(other);
    return false;
  }

  const Framework& framework_;
  const Snapshot& snapshot_;
  const PodInfo& pod_;
  CycleState cycle_;
  NodeInfo node_;
};

bool has_lower(const NodeInfo& node, const PodInfo& pod) {
  return std::any_of(node.pods.begin(), node.pods.end(),
                     [&](const PodPtr& other) { return other->pod.priority < pod.pod.priority; });
}

tl::expected<Victims, Status> no_victims() {
  return tl::unexpected(Status{Code::unschedulable_and_unresolvable,
                               {"No preemption victims found for incoming pod"}});
}

/// Nodes that the pod was refused for reasons that eviction may remove.
std::vector<const NodeInfo*> nodes_worth_trying(const Snapshot& snapshot, const Search& search) {
  std::vector<const NodeInfo*> nodes;
  for (const NodeInfo& node : snapshot.nodes()) {
    const auto status = search.refused.find(node.name());
    const Code code = status == search.refused.end() ? search.absent.code : status->second.code;
    if (code == Code::unschedulable) nodes.push_back(&node);
  }
  return nodes;
}

/// The start of the most important victim that started first.
cluster::Instant earliest_start(const Victims& victims) {
  std::int32_t highest = victims.pods.front()->pod.priority;
  cluster::Instant earliest = start_of(*victims.pods.front());
  for (const PodPtr& pod : victims.pods) {
    if (pod->pod.priority > highest) {
      highest = pod->pod.priority;
      earliest = start_of(*pod);
    } else if (pod->pod.priority == highest) {
      earliest = std::min(earliest, start_of(*pod));
    }
  }
  return earliest;
}

using Candidate = std::pair<std::string, Victims>;

/// The highest by each measure in turn, until one is left; of several that are alike, the first
/// (the real one takes any).
const Candidate& best_of(const std::vector<Candidate>& candidates) {
  constexpr std::int64_t above_all_priorities = std::int64_t{1} << 31;
  const std::vector<std::function<std::int64_t(const Victims&)>> measures{
      [](const Victims& v) { return -v.budget_violations; },
      [](const Victims& v) { return -std::int64_t{v.pods.front()->pod.priority}; },
      [](const Victims& v) {
        std::int64_t sum = 0;
        for (const PodPtr& pod : v.pods) sum += pod->pod.priority + above_all_priorities;
        return -sum;
      },
      [](const Victims& v) { return -std::ssize(v.pods); },
      [](const Victims& v) { return earliest_start(v); },
  };
  std::vector<const Candidate*> left;
  for (const Candidate& candidate : candidates) left.push_back(&candidate);
  for (const auto& measure : measures) {
    std::int64_t best = std::numeric_limits<std::int64_t>::min();
    for (const Candidate* candidate : left) best = std::max(best, measure(candidate->second));
    std::erase_if(left, [&](const Candidate* c) { return measure(c->second) != best; });
    if (left.size() == 1) break;
  }
  return *left.front();
}

bool is_evicted_by_scheduler(const cluster::Pod& pod) {
  if (!pod.meta.deleting) return false;
  const auto condition =
      std::find_if(pod.conditions.begin(), pod.conditions.end(),
                   [](const cluster::PodCondition& c) { return c.type == "DisruptionTarget"; });
  return condition != pod.conditions.end() && condition->status == "True" &&
         condition->reason == "PreemptionByScheduler";
}

} // namespace

PreemptionCandidates find_preemption_candidates(const Framework& framework,
                                                const Snapshot& snapshot, const PodInfo& pod,
                                                const Search& search, std::size_t offset) {
  PreemptionCandidates result;
  const std::vector<const NodeInfo*> nodes = nodes_worth_trying(snapshot, search);
  const std::size_t enough = std::min(std::max<std::size_t>(nodes.size() / 10, 100), nodes.size());
  std::vector<Candidate> breaking;
  for (std::size_t i = 0; i < nodes.size(); ++i) {
    const NodeInfo& node = *nodes[(offset + i) % nodes.size()];
    auto victims = has_lower(node, pod)
                       ? DryRun(framework, snapshot, pod, search.cycle, node).victims()
                       : no_victims();
    if (!victims) {
      result.refused.emplace(node.name(), std::move(victims.error()));
      continue;
    }
    auto& list = victims->budget_violations == 0 ? result.nodes : breaking;
    list.emplace_back(node.name(), std::move(*victims));
    if (!result.nodes.empty() && result.nodes.size() + breaking.size() >= enough) break;
  }
  std::move(breaking.begin(), breaking.end(), std::back_inserter(result.nodes));
  return result;
}

std::string not_eligible_to_preempt(const Snapshot& snapshot, const PodInfo& pod,
                                    const Search& search) {
  if (!pod.pod.preempts) return "not eligible due to preemptionPolicy=Never.";
  const std::string& nominated = pod.pod.nominated_node_name;
  if (nominated.empty()) return "";
  const auto status = search.refused.find(nominated);
  const Code code = status == search.refused.end() ? search.absent.code : status->second.code;
  const NodeInfo* const node = snapshot.node(nominated);
  if (code == Code::unschedulable_and_unresolvable || !node) return "";
  const bool waits = std::any_of(node->pods.begin(), node->pods.end(), [&](const PodPtr& other) {
    return other->pod.priority < pod.pod.priority && is_evicted_by_scheduler(other->pod);
  });
  return waits ? "not eligible due to a terminating pod on the nominated node." : "";
}

PreemptionChoice choose_preemption(const Framework& framework, const Snapshot& snapshot,
                                   const PodInfo& pod, const Search& search, std::size_t offset) {
  // Two plugins are asked for help; the first, DynamicResources, has none to give.
  const auto none = [](const std::string& why) {
    return PreemptionChoice{.node = "",
                            .reason = "no new claims to deallocate, preemption: " + why};
  };
  if (const std::string why = not_eligible_to_preempt(snapshot, pod, search); !why.empty())
    return none(why);
  const PreemptionCandidates candidates =
      find_preemption_candidates(framework, snapshot, pod, search, offset);
  if (candidates.nodes.empty()) {
    const Status absent{Code::unschedulable_and_unresolvable,
                        {"Preemption is not helpful for scheduling"}};
    const std::size_t nodes = snapshot.nodes().size();
    return none(unavailable(reasons_of(candidates.refused, absent, nodes), nodes));
  }
  const auto& [node, victims] = best_of(candidates.nodes);
  return {.node = node, .victims = victims};
}

} // namespace windtunnel::scheduling
