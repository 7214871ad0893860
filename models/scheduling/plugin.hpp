// Plugin: one reason why a pod may or may not lie on a node, or how well it would lie there; the
// extension points of kube-scheduler's framework (framework/interface.go), without its clock.
//
// For one pod the framework asks, in the order of the profile:
//   pre_filter   once: what can be known without a node. Skip: this plugin will not filter this
//   pod. filter       for each node, until a plugin refuses it pre_score    once, with the feasible
//   nodes. Skip: this plugin gives no scores. score        for each feasible node; then normalize,
//   over all of them, to 0..100
// What pre_filter finds out it keeps in a PluginState, which update() follows up when another pod
// is added to a node, or removed, on trial (nominated pods, preemption). Plugins themselves are
// immutable.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "models/scheduling/snapshot.hpp"
#include "models/scheduling/status.hpp"

namespace windtunnel::scheduling {

constexpr std::int64_t max_node_score = 100;

struct PluginState {
  virtual ~PluginState() = default;
  virtual std::unique_ptr<PluginState> clone() const = 0;
};

/// A PluginState made of a plain struct.
template <class T> struct StateOf : PluginState {
  explicit StateOf(T v) : value(std::move(v)) {}
  std::unique_ptr<PluginState> clone() const override { return std::make_unique<StateOf>(value); }
  T value;
};

struct PreFilterAnswer {
  Status status{};
  std::unique_ptr<PluginState> state{};
  std::optional<std::set<std::string>> node_names{}; ///< no other node can do
};

struct PreScoreAnswer {
  Status status{};
  std::unique_ptr<PluginState> state{};
};

/// A pod on trial: added to a node, or removed from it.
struct TrialPod {
  const PodInfo& pod;
  const NodeInfo& node;
  int sign; ///< +1, -1
};

class Plugin {
public:
  virtual ~Plugin() = default;
  virtual std::string_view name() const = 0;

  virtual PreFilterAnswer pre_filter(const Snapshot&, const PodInfo&) const { return {}; }
  virtual void update(PluginState&, const PodInfo&, const TrialPod&) const {}
  virtual Status filter(const PluginState*, const Snapshot&, const PodInfo&,
                        const NodeInfo&) const {
    return {};
  }

  virtual PreScoreAnswer pre_score(const Snapshot&, const PodInfo&,
                                   const std::vector<const NodeInfo*>& /*feasible*/) const {
    return {Status{Code::skip}};
  }
  virtual std::int64_t score(const PluginState*, const Snapshot&, const PodInfo&,
                             const NodeInfo&) const {
    return 0;
  }
  virtual void normalize(const PluginState*, const std::vector<const NodeInfo*>& /*feasible*/,
                         std::vector<std::int64_t>& /*scores*/) const {}
};

/// The states the plugins of a profile keep for one pod.
template <class T> const T& state_of(const PluginState* state) {
  return static_cast<const StateOf<T>*>(state)->value;
}
template <class T> T& state_of(PluginState& state) { return static_cast<StateOf<T>&>(state).value; }

/// Scores to shares of the highest (0..100), or of what it is below it.
void normalize_by_highest(std::vector<std::int64_t>& scores, bool reverse);

} // namespace windtunnel::scheduling
