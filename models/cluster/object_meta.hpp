// What all Kubernetes objects have: a name, labels, owners.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "models/cluster/selectors.hpp"

namespace windtunnel::cluster {

struct OwnerReference {
  std::string api_version;
  std::string kind;
  std::string name;
  std::string uid;
  bool controller = false;
};

/// Instants are seconds since 1970-01-01T00:00:00Z, the API's resolution.
using Instant = std::int64_t;

struct ObjectMeta {
  std::string name;
  std::string name_space{}; ///< "namespace"; empty for kinds that lie in none
  std::string uid{};
  Labels labels{};
  Labels annotations{};
  std::vector<OwnerReference> owner_references{};
  std::optional<Instant> creation{};
  bool deleting = false; ///< a deletionTimestamp is set

  /// "namespace/name", or the name alone.
  std::string key() const { return name_space.empty() ? name : name_space + "/" + name; }
};

} // namespace windtunnel::cluster
