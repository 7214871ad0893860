// The steps of one scheduling attempt, as kube-scheduler's framework runs them: pre-filter, filter
// (nominated pods included), score. Pure: a snapshot and a pod in, a verdict out.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "models/scheduling/profile.hpp"
#include "models/scheduling/snapshot.hpp"

namespace windtunnel::scheduling {

/// What the plugins of a profile found out about a pod before filtering.
class CycleState {
public:
  explicit CycleState(std::size_t plugins) : entries_(plugins) {}
  CycleState(const CycleState& other);
  CycleState& operator=(const CycleState&) = delete;
  CycleState(CycleState&&) = default;

  struct Entry {
    bool skip = false; ///< the plugin does not filter this pod
    std::unique_ptr<PluginState> state{};
  };
  Entry& operator[](std::size_t plugin) { return entries_[plugin]; }
  const Entry& operator[](std::size_t plugin) const { return entries_[plugin]; }

private:
  std::vector<Entry> entries_;
};

struct PreFiltered {
  Status status{};
  std::optional<std::set<std::string>> node_names{}; ///< no other node can do
  std::set<std::string, std::less<>> narrowed_by{};  ///< the plugins that said so
};

class Framework {
public:
  /// The profile must outlive it.
  explicit Framework(const Profile& profile) : profile_(profile) {}

  CycleState new_cycle() const { return CycleState(profile_.size()); }
  PreFiltered pre_filter(const Snapshot& snapshot, const PodInfo& pod, CycleState& cycle) const;

  /// The first plugin's refusal, or success. Pods nominated to the node that go before this one are
  /// taken to lie there, and not to: both must do.
  Status filter(const Snapshot& snapshot, const PodInfo& pod, const CycleState& cycle,
                const NodeInfo& node) const;
  /// A pod added to the node, or removed from it, on trial.
  void update(CycleState& cycle, const PodInfo& pod, const TrialPod& trial) const;

  struct Scores {
    /// By plugin, of those that scored, in the order of the feasible nodes; normalised, unweighted.
    std::vector<std::pair<std::string_view, std::vector<std::int64_t>>> by_plugin;
    std::vector<std::int64_t> totals; ///< weighted
  };
  Scores score(const Snapshot& snapshot, const PodInfo& pod,
               const std::vector<const NodeInfo*>& feasible) const;

private:
  Status filter_as_is(const Snapshot& snapshot, const PodInfo& pod, const CycleState& cycle,
                      const NodeInfo& node) const;

  const Profile& profile_;
};

/// "node(s) didn't satisfy plugin(s) [A B]": of the nodes that pre-filtering left out.
std::string narrowed_reason(const PreFiltered& filtered);

} // namespace windtunnel::scheduling
