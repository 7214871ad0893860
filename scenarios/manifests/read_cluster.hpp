// A whole cluster as `kubectl get ... -o json` prints it: one object, a List, or an array of
// either.
#pragma once

#include <map>
#include <string>

#include "libsim/json/value.hpp"
#include "models/cluster/objects.hpp"

namespace windtunnel::scenarios {

struct ReadCluster {
  cluster::Objects objects;
  std::map<std::string, int> not_modelled; ///< kinds that no decision looks at, with their number
};

/// Pods that have finished are left out, as the scheduler never sees them. Throws InputError, with
/// the JSON pointer, for what cannot be read and for two objects of one kind and name.
ReadCluster read_cluster(const json::Value& root);

} // namespace windtunnel::scenarios
