#include "scenarios/decide/place_pods.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <limits>

#include "libsim/json/writer.hpp"
#include "models/scheduling/preemption.hpp"

namespace windtunnel::scenarios {
namespace {

using namespace scheduling;

constexpr std::size_t runners_up_shown = 3;
constexpr const char* scheduler_name = "default-scheduler";

/// In the order kube-scheduler's queue would give them (queuesort/priority_sort.go).
std::vector<cluster::Pod> take_pending(std::vector<cluster::Pod>& pods) {
  const auto lies_somewhere = [](const cluster::Pod& pod) { return !pod.node_name.empty(); };
  const auto first_pending = std::stable_partition(pods.begin(), pods.end(), lies_somewhere);
  std::vector<cluster::Pod> pending(std::make_move_iterator(first_pending),
                                    std::make_move_iterator(pods.end()));
  pods.erase(first_pending, pods.end());
  const auto created = [](const cluster::Pod& pod) {
    return pod.meta.creation.value_or(std::numeric_limits<cluster::Instant>::max());
  };
  std::stable_sort(pending.begin(), pending.end(),
                   [&](const cluster::Pod& a, const cluster::Pod& b) {
                     if (a.priority != b.priority) return a.priority > b.priority;
                     return created(a) < created(b);
                   });
  return pending;
}

std::string failure_message(const Snapshot& snapshot, const Search& found) {
  const std::size_t nodes = snapshot.nodes().size();
  if (!found.pre_filtered.status.ok())
    return fmt::format("0/{} nodes are available: {}.", nodes,
                       fmt::join(found.pre_filtered.status.reasons, ", "));
  return unavailable(reasons_of(found.refused, found.absent, nodes), nodes);
}

class Placing {
public:
  Placing(cluster::Objects objects, int percentage)
      : profile_(default_profile()), framework_(profile_), snapshot_(std::move(objects)),
        percentage_(percentage) {}

  PodPlacement place(cluster::Pod pod) {
    PodPlacement placement{.pod = pod.meta.key(), .node = ""};
    if (pod.scheduler_name != scheduler_name) {
      placement.message = "left to the scheduler " + pod.scheduler_name;
      return placement;
    }
    if (pod.meta.deleting) { // skipPodSchedule of scheduler/schedule_one.go
      placement.message = "is being deleted";
      return placement;
    }
    if (!pod.scheduling_gates.empty()) {
      placement.message = fmt::format("Scheduling is blocked due to non-empty scheduling gates: {}",
                                      fmt::join(pod.scheduling_gates, ", "));
      return placement;
    }
    const auto info = std::make_shared<const PodInfo>(std::move(pod));
    if (snapshot_.nodes().empty()) {
      placement.message = "no nodes available to schedule pods";
      return placement;
    }
    const Search found =
        search(framework_, snapshot_, *info, {.start = start_, .percentage = percentage_});
    start_ = (start_ + found.evaluated) % snapshot_.nodes().size();
    placement.feasible_nodes = found.feasible.size();
    if (found.feasible.empty())
      explain_failure(info, found, placement);
    else
      choose(info, found, placement);
    return placement;
  }

private:
  void choose(const PodPtr& pod, const Search& found, PodPlacement& placement) {
    const Framework::Scores scores = framework_.score(snapshot_, *pod, found.feasible);
    std::vector<std::size_t> order(found.feasible.size());
    for (std::size_t i = 0; i < order.size(); ++i) order[i] = i;
    std::sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) {
      if (scores.totals[a] != scores.totals[b]) return scores.totals[a] > scores.totals[b];
      return found.feasible[a]->name() < found.feasible[b]->name();
    });
    placement.node = found.feasible[order[0]]->name();
    placement.score = scores.totals[order[0]];
    for (const auto& [plugin, values] : scores.by_plugin)
      placement.by_plugin.emplace_back(plugin, values[order[0]]);
    for (std::size_t i = 1; i < std::min(order.size(), runners_up_shown + 1); ++i)
      placement.runners_up.emplace_back(found.feasible[order[i]]->name(), scores.totals[order[i]]);
    snapshot_.bind(pod, placement.node);
  }

  void explain_failure(const PodPtr& pod, const Search& found, PodPlacement& placement) {
    placement.message = failure_message(snapshot_, found);
    const PreemptionChoice choice = choose_preemption(framework_, snapshot_, *pod, found);
    if (choice.node.empty()) {
      placement.message += " " + choice.reason;
      return;
    }
    placement.nominated_node = choice.node;
    for (const PodPtr& victim : choice.victims.pods)
      placement.victims.push_back(victim->pod.meta.key());
    snapshot_.nominate(pod, choice.node);
  }

  Profile profile_;
  Framework framework_;
  Snapshot snapshot_;
  int percentage_;
  std::size_t start_ = 0;
};

std::string as_json(const std::vector<PodPlacement>& placements) {
  json::Writer w;
  w.begin_object().field("formatVersion", "1.0").begin_array("pods");
  for (const PodPlacement& p : placements) {
    w.begin_object().field("pod", p.pod).field("feasibleNodes", p.feasible_nodes);
    if (p.node.empty()) {
      w.null_field("node").field("message", p.message);
      if (!p.nominated_node.empty()) {
        w.field("nominatedNode", p.nominated_node).begin_array("victims");
        for (const std::string& victim : p.victims) w.element(victim);
        w.end();
      }
    } else {
      w.field("node", p.node).field("score", p.score).begin_object("scores");
      for (const auto& [plugin, score] : p.by_plugin) w.field(plugin, score);
      w.end().begin_array("runnersUp");
      for (const auto& [node, score] : p.runners_up)
        w.begin_object().field("node", node).field("score", score).end();
      w.end();
    }
    w.end();
  }
  w.end().end();
  return w.str();
}

std::string as_table(const std::vector<PodPlacement>& placements) {
  std::size_t pod_width = 3, node_width = 4;
  for (const PodPlacement& p : placements) {
    pod_width = std::max(pod_width, p.pod.size());
    node_width = std::max(node_width, p.node.size());
  }
  std::string text = fmt::format("{:<{}}  {:<{}}  {:>5}  {}\n", "POD", pod_width, "NODE",
                                 node_width, "SCORE", "RUNNERS-UP, OR WHY IT STAYS PENDING");
  for (const PodPlacement& p : placements) {
    std::string rest = p.message;
    for (const auto& [node, score] : p.runners_up)
      rest += fmt::format("{}{} {}", rest.empty() ? "" : ", ", node, score);
    if (!p.nominated_node.empty())
      rest +=
          fmt::format(" It would evict {} from {}.", fmt::join(p.victims, ", "), p.nominated_node);
    text +=
        fmt::format("{:<{}}  {:<{}}  {:>5}  {}", p.pod, pod_width, p.node.empty() ? "-" : p.node,
                    node_width, p.node.empty() ? "-" : std::to_string(p.score), rest);
    text.erase(text.find_last_not_of(' ') + 1);
    text += '\n';
  }
  return text;
}

} // namespace

std::vector<PodPlacement> place_pods(cluster::Objects objects, int percentage) {
  std::vector<cluster::Pod> pending = take_pending(objects.pods);
  Placing placing(std::move(objects), percentage);
  std::vector<PodPlacement> placements;
  for (cluster::Pod& pod : pending) placements.push_back(placing.place(std::move(pod)));
  return placements;
}

std::string render(const std::vector<PodPlacement>& placements, PlacementFormat format) {
  return format == PlacementFormat::json ? as_json(placements) : as_table(placements);
}

} // namespace windtunnel::scenarios
