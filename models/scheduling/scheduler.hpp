// Scheduler: places pods one after another and keeps what it has found out, so that pods of one
// class share work (pod_class.hpp). Its verdicts are those of search() and Framework::score(),
// which it falls back on for pods with volumes, pods that name their nodes, and clusters with
// nominated pods.
//
//   Scheduler scheduler(Snapshot(objects), profile);
//   const Scheduler::Verdict& verdict = scheduler.find(*pod);
//   if (!verdict.feasible.empty()) scheduler.bind(pod, verdict.feasible[best]);
//
// A verdict costs, for each feasible node, one look at its entry and the normalising of its scores:
// for plain pods some nanoseconds. Not safe to use from several threads.
#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

#include "models/scheduling/attempt.hpp"

namespace windtunnel::scheduling {

struct PodClass;
struct Topology;
struct Counter;

class Scheduler {
public:
  /// `percentage` of nodes to score; 0: adaptive. The profile must outlive it.
  Scheduler(Snapshot snapshot, const Profile& profile, int percentage = 0);
  ~Scheduler();
  Scheduler(const Scheduler&) = delete;
  Scheduler& operator=(const Scheduler&) = delete;

  struct Verdict {
    std::vector<std::size_t> feasible{}; ///< indices of the snapshot's nodes, as they were found
    std::vector<std::int64_t> totals{};
    std::size_t evaluated = 0;

    std::int64_t top() const; ///< of at least one
    /// The feasible nodes with the top total; kube-scheduler takes any of them.
    std::vector<std::size_t> best() const;
  };
  /// Where the pod could go; the next one is looked for from where this search stopped.
  const Verdict& find(const PodInfo& pod);
  void bind(PodPtr pod, std::size_t node);

  const Snapshot& snapshot() const { return snapshot_; }
  const Framework& framework() const { return framework_; }

private:
  std::size_t class_of(const PodInfo& pod);
  void prepare(PodClass& pods);
  void prepare_spread(PodClass& pods);
  void prepare_affinity(PodClass& pods);
  const Topology& topology(const std::string& key);
  const Topology& each_node();
  void make_counter(std::map<std::string, Counter, std::less<>>& counters, const std::string& key);
  void apply(PodClass& pods, std::size_t bound_class, std::size_t node);
  void collect(PodClass& pods, std::size_t enough);
  void refresh(PodClass& pods, std::size_t node);
  void find_as_is(const PodInfo& pod);
  void score(PodClass& pods);
  void score_spread(PodClass& pods, std::int64_t weight);
  void score_affinity(const PodClass& pods, std::int64_t weight);

  Snapshot snapshot_;
  const Profile& profile_;
  Framework framework_;
  int percentage_;
  bool follows_profile_ = true; ///< it knows how to follow each plugin that is not local
  std::size_t start_ = 0;
  std::deque<PodClass> classes_;
  std::unordered_map<std::string, std::size_t> class_index_;
  std::unordered_map<std::string, std::unique_ptr<Topology>> topologies_;
  std::unique_ptr<Topology> each_node_;
  std::vector<std::uint32_t> generations_;              ///< of each node: pods bound to it so far
  std::vector<std::vector<std::size_t>> bound_classes_; ///< of the pods on each node
  Verdict verdict_;
  std::vector<std::int64_t> scratch_;
  std::vector<char> ignored_;
};

} // namespace windtunnel::scheduling
