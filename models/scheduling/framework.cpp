#include "models/scheduling/framework.hpp"

#include <algorithm>
#include <iterator>

namespace windtunnel::scheduling {
namespace {

std::string listed(const std::set<std::string, std::less<>>& names) {
  std::string text;
  for (const std::string& name : names) text += (text.empty() ? "" : " ") + name;
  return text;
}

} // namespace

CycleState::CycleState(const CycleState& other) : entries_(other.entries_.size()) {
  for (std::size_t i = 0; i < entries_.size(); ++i) {
    entries_[i].skip = other.entries_[i].skip;
    if (other.entries_[i].state) entries_[i].state = other.entries_[i].state->clone();
  }
}

PreFiltered Framework::pre_filter(const Snapshot& snapshot, const PodInfo& pod,
                                  CycleState& cycle) const {
  PreFiltered result;
  Status rejection;
  for (std::size_t i = 0; i < profile_.size(); ++i) {
    const Plugin& plugin = *profile_[i].plugin;
    PreFilterAnswer answer = plugin.pre_filter(snapshot, pod);
    if (answer.status.code == Code::skip) {
      cycle[i].skip = true;
      continue;
    }
    answer.status.plugin = plugin.name();
    if (answer.status.code == Code::unschedulable) {
      rejection = std::move(answer.status);
      continue;
    }
    if (!answer.status.ok()) return {.status = std::move(answer.status)};
    cycle[i].state = std::move(answer.state);
    if (!answer.node_names) continue;
    result.narrowed_by.emplace(plugin.name());
    if (result.node_names) {
      std::set<std::string> both;
      std::set_intersection(result.node_names->begin(), result.node_names->end(),
                            answer.node_names->begin(), answer.node_names->end(),
                            std::inserter(both, both.end()));
      result.node_names = std::move(both);
    } else {
      result.node_names = std::move(answer.node_names);
    }
    if (!result.node_names->empty()) continue;
    const bool one = result.narrowed_by.size() == 1;
    result.status = {Code::unschedulable_and_unresolvable,
                     {one ? "node(s) didn't satisfy plugin " + listed(result.narrowed_by)
                          : "node(s) didn't satisfy plugin(s) [" + listed(result.narrowed_by) +
                                "] simultaneously"}};
    return result;
  }
  result.status = std::move(rejection);
  return result;
}

Status Framework::filter_as_is(const Snapshot& snapshot, const PodInfo& pod,
                               const CycleState& cycle, const NodeInfo& node) const {
  for (std::size_t i = 0; i < profile_.size(); ++i) {
    if (cycle[i].skip) continue;
    const Plugin& plugin = *profile_[i].plugin;
    Status status = plugin.filter(cycle[i].state.get(), snapshot, pod, node);
    if (status.ok()) continue;
    status.plugin = plugin.name();
    return status;
  }
  return {};
}

Status Framework::filter(const Snapshot& snapshot, const PodInfo& pod, const CycleState& cycle,
                         const NodeInfo& node) const {
  const std::vector<PodPtr>& nominated = snapshot.nominated(node.name());
  const auto goes_before = [&](const PodPtr& other) {
    return other->pod.priority >= pod.pod.priority && other->pod.meta.key() != pod.pod.meta.key();
  };
  if (std::any_of(nominated.begin(), nominated.end(), goes_before)) {
    CycleState with_nominated(cycle);
    NodeInfo filled = node;
    for (const PodPtr& other : nominated) {
      if (!goes_before(other)) continue;
      filled.add(other);
      update(with_nominated, pod, {*other, filled, 1});
    }
    Status status = filter_as_is(snapshot, pod, with_nominated, filled);
    if (!status.ok()) return status;
  }
  return filter_as_is(snapshot, pod, cycle, node);
}

void Framework::update(CycleState& cycle, const PodInfo& pod, const TrialPod& trial) const {
  for (std::size_t i = 0; i < profile_.size(); ++i)
    if (!cycle[i].skip && cycle[i].state) profile_[i].plugin->update(*cycle[i].state, pod, trial);
}

Framework::Scores Framework::score(const Snapshot& snapshot, const PodInfo& pod,
                                   const std::vector<const NodeInfo*>& feasible) const {
  Scores result;
  result.totals.assign(feasible.size(), 0);
  for (const ProfileEntry& entry : profile_) {
    if (entry.weight == 0) continue;
    const Plugin& plugin = *entry.plugin;
    const PreScoreAnswer answer = plugin.pre_score(snapshot, pod, feasible);
    if (answer.status.code == Code::skip) continue;
    std::vector<std::int64_t> scores;
    scores.reserve(feasible.size());
    for (const NodeInfo* node : feasible)
      scores.push_back(plugin.score(answer.state.get(), snapshot, pod, *node));
    plugin.normalize(answer.state.get(), feasible, scores);
    for (std::size_t i = 0; i < scores.size(); ++i) result.totals[i] += entry.weight * scores[i];
    result.by_plugin.emplace_back(plugin.name(), std::move(scores));
  }
  return result;
}

std::string narrowed_reason(const PreFiltered& filtered) {
  return "node(s) didn't satisfy plugin(s) [" + listed(filtered.narrowed_by) + "]";
}

} // namespace windtunnel::scheduling
