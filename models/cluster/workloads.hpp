// The objects that own or select pods, as far as decisions about pods look at them.
#pragma once

#include <cstdint>
#include <optional>
#include <set>
#include <string>

#include "models/cluster/object_meta.hpp"
#include "models/cluster/selectors.hpp"

namespace windtunnel::cluster {

struct Namespace {
  ObjectMeta meta;
};

struct Service {
  ObjectMeta meta;
  std::optional<Labels> selector{}; ///< absent: its endpoints are managed by hand
};

/// A ReplicaSet, StatefulSet or ReplicationController.
struct ReplicaController {
  ObjectMeta meta;
  std::optional<LabelSelector> selector{};
};

struct PodDisruptionBudget {
  ObjectMeta meta;
  std::optional<LabelSelector> selector{};
  std::int32_t disruptions_allowed = 0;
  std::set<std::string> disrupted_pods{}; ///< evicted already, by name
};

} // namespace windtunnel::cluster
