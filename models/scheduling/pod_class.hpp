// PodClass: pods that are alike but for their names share what is known of them: which nodes admit
// one, what each node scores, how many pods of each domain count for its spread and affinity.
//
// A class is followed up rather than computed anew. When a pod is bound, the node it went to is
// looked at again the next time the class is asked for, and the counters that pods of its class
// touch (worked out once for a pair of classes) are raised in that node's domain.
#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "models/scheduling/framework.hpp"
#include "models/scheduling/spread_constraints.hpp"

namespace windtunnel::scheduling {

/// Everything a decision looks at, but for what names one pod among its like.
std::string signature(const cluster::Pod& pod);

/// The domain of each node under a label, numbered from 0; -1 where the label is missing.
struct Topology {
  std::vector<std::int32_t> domain;
  std::size_t domains = 0;
};

struct Counter {
  const Topology* topology = nullptr;
  std::vector<std::int64_t> counts{}; ///< by domain
  std::vector<char> counted{};        ///< nodes whose pods count; empty: all
  bool touched = false;

  void add(std::size_t node, std::int64_t by) {
    const std::int32_t domain = topology->domain[node];
    if (domain < 0 || (!counted.empty() && !counted[node])) return;
    counts[static_cast<std::size_t>(domain)] += by;
    touched = true;
  }
  /// 0 where the label is missing.
  std::int64_t at(std::size_t node) const {
    const std::int32_t domain = topology->domain[node];
    return domain < 0 ? 0 : counts[static_cast<std::size_t>(domain)];
  }
};

/// A counter that each pod of a class raises where it is bound.
struct Effect {
  Counter* counter;
  std::int64_t by;
};

struct HardSpread {
  SpreadConstraint constraint;
  Counter counter{};
  std::vector<char> present{}; ///< domains that count for the lowest
  std::int64_t present_count = 0;
  std::int64_t self = 0; ///< 1 if the pod counts among its own
  std::int64_t lowest = 0;
};

struct SoftSpread {
  SpreadConstraint constraint;
  Counter counter{};
  bool by_node = false; ///< hostname: counted on the node itself
};

struct PodClass {
  PodPtr example;
  bool ready = false;     ///< the fields below are filled
  bool is_simple = false; ///< no volumes, no nodes by name: what follows decides it all

  struct Local { ///< of the plugins that look at one node
    std::uint32_t generation = 0;
    bool admits = false;
    std::int64_t fixed = 0; ///< weighted scores that need no normalising
  };
  std::vector<Local> nodes{};
  CycleState cycle{0};                                      ///< for their filters
  std::vector<std::unique_ptr<PluginState>> score_states{}; ///< by plugin
  std::vector<char> scores{};                               ///< by plugin: has a score
  std::vector<std::vector<std::int64_t>> raw{}; ///< by plugin that normalises, then node
  std::vector<char> any_raw{};                  ///< by plugin: some of them are not 0

  std::deque<HardSpread> hard_spread{};
  std::deque<SoftSpread> soft_spread{};
  bool own_spread = false;         ///< constraints of its own: nodes without the labels score 0
  std::vector<char> soft_labels{}; ///< nodes that have all of the soft constraints' labels

  std::vector<AffinityTerm> affinity{};
  std::vector<AffinityTerm> anti_affinity{};
  std::vector<WeightedAffinityTerm> preferred_affinity{};
  std::vector<WeightedAffinityTerm> preferred_anti_affinity{};
  cluster::Labels namespace_labels{};
  bool matches_own_affinity = false;
  using Counters = std::map<std::string, Counter, std::less<>>; ///< by topology key
  Counters matching_affinity{};
  Counters matching_anti_affinity{};
  Counters existing_anti_affinity{};
  Counters weights{};

  std::vector<std::unique_ptr<const std::vector<Effect>>> effects{}; ///< by the class bound
};

} // namespace windtunnel::scheduling
