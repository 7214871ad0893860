// Preemption: which pods to evict so that one that fits nowhere has room. On each node that
// eviction could help, all pods of lower priority are taken off; if the pod then fits, as many of
// them as possible are put back, those whose disruption budget would be broken first, the more
// important before the less. The best node breaks the fewest budgets, then has the least important
// victims, the lowest sum of their priorities, the fewest of them, and the one that started last
// (framework/preemption/preemption.go, defaultpreemption/default_preemption.go).
#pragma once

#include <cstddef>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "models/scheduling/attempt.hpp"

namespace windtunnel::scheduling {

struct Victims {
  std::vector<PodPtr> pods; ///< the most important first
  std::int64_t budget_violations = 0;
};

struct PreemptionCandidates {
  std::vector<std::pair<std::string, Victims>> nodes; ///< without broken budgets first
  std::map<std::string, Status> refused;              ///< nodes that were tried in vain
};

/// Tries nodes from `offset` on until there are enough candidates: a tenth of the nodes, at least
/// 100, one of them breaking no budget.
PreemptionCandidates find_preemption_candidates(const Framework& framework,
                                                const Snapshot& snapshot, const PodInfo& pod,
                                                const Search& search, std::size_t offset);

/// Why the pod may not evict others at all; empty when it may.
std::string not_eligible_to_preempt(const Snapshot& snapshot, const PodInfo& pod,
                                    const Search& search);

struct PreemptionChoice {
  std::string node; ///< empty: none, and `reason` says why
  Victims victims{};
  std::string reason{}; ///< in the words of the pod's event
};
PreemptionChoice choose_preemption(const Framework& framework, const Snapshot& snapshot,
                                   const PodInfo& pod, const Search& search,
                                   std::size_t offset = 0);

} // namespace windtunnel::scheduling
