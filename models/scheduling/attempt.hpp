// Attempt: where one pod could go. All nodes are filtered, or as many as it takes to find enough of
// them feasible, going on where the last attempt stopped; the feasible ones are scored
// (schedule_one.go).
#pragma once

#include <cstddef>
#include <map>
#include <string>
#include <vector>

#include "models/scheduling/framework.hpp"

namespace windtunnel::scheduling {

/// How many feasible nodes to look for among `nodes`: percentage 0 is adaptive, 50 % less 1 % for
/// each 125 nodes, at least 5 %; always at least 100.
std::size_t feasible_nodes_to_find(std::size_t nodes, int percentage);

struct SearchOptions {
  std::size_t start = 0; ///< the node to begin with
  int percentage = 0;    ///< of nodes to score; 0: adaptive
};

/// What was found out about the nodes.
struct Search {
  PreFiltered pre_filtered;
  CycleState cycle;
  std::vector<const NodeInfo*> feasible;               ///< in the order they were found
  std::map<std::string, Status> refused;               ///< the nodes that were looked at in vain
  Status absent{Code::unschedulable_and_unresolvable}; ///< of nodes that were not looked at
  std::size_t evaluated = 0; ///< the next search starts this much further on
};
Search search(const Framework& framework, const Snapshot& snapshot, const PodInfo& pod,
              const SearchOptions& options);

/// Reasons to numbers of nodes, over all nodes: what "0/n nodes are available" lists.
std::map<std::string, std::int64_t> reasons_of(const std::map<std::string, Status>& refused,
                                               const Status& absent, std::size_t nodes);
/// "0/3 nodes are available: 1 Insufficient cpu, 2 node(s) had untolerated taint(s)."
std::string unavailable(const std::map<std::string, std::int64_t>& reasons, std::size_t nodes);

} // namespace windtunnel::scheduling
