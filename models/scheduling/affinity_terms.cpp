#include "models/scheduling/affinity_terms.hpp"

#include <algorithm>

namespace windtunnel::scheduling {

void resolve_namespaces(const Snapshot& snapshot, AffinityTerm& term) {
  if (term.namespace_selector.empty()) return;
  for (const cluster::Namespace& space : snapshot.namespaces())
    if (term.namespace_selector.matches(space.meta.labels)) term.namespaces.insert(space.meta.name);
}

std::vector<AffinityTerm> resolved(const Snapshot& snapshot, std::vector<AffinityTerm> terms) {
  for (AffinityTerm& term : terms) resolve_namespaces(snapshot, term);
  return terms;
}

bool matches_all(const std::vector<AffinityTerm>& terms, const cluster::Pod& pod) {
  return !terms.empty() && std::all_of(terms.begin(), terms.end(), [&](const AffinityTerm& term) {
    return term.matches(pod, nullptr);
  });
}

cluster::Labels labels_of_namespace(const Snapshot& snapshot, const PodInfo& pod) {
  const cluster::Labels* const labels = snapshot.namespace_labels(pod.pod.meta.name_space);
  return labels ? *labels : cluster::Labels();
}

} // namespace windtunnel::scheduling
