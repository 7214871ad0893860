// Pod (anti-)affinity terms of a pod that is to be placed, against the namespaces there are.
#pragma once

#include <cstdint>
#include <vector>

#include "models/scheduling/snapshot.hpp"

namespace windtunnel::scheduling {

/// What a required affinity term of a running pod weighs for a pod that it matches: Kubernetes'
/// default for hardPodAffinityWeight.
inline constexpr std::int64_t hard_affinity_weight = 1;

/// Adds the names of the namespaces that a term's selector matches today.
void resolve_namespaces(const Snapshot& snapshot, AffinityTerm& term);
std::vector<AffinityTerm> resolved(const Snapshot& snapshot, std::vector<AffinityTerm> terms);
/// Whether there are terms, and the pod matches each.
bool matches_all(const std::vector<AffinityTerm>& terms, const cluster::Pod& pod);
/// Of the pod's namespace; none when it is not known.
cluster::Labels labels_of_namespace(const Snapshot& snapshot, const PodInfo& pod);

} // namespace windtunnel::scheduling
