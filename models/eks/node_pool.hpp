// NodePool: the nodes of one pool on the clock: bring-up, gang admission, spares, replacement.
//
// All `count + spares` nodes are launched at time zero. Jobs ask for their nodes together and are
// admitted in order (first come, first served, no overtaking). A failed node is replaced by a ready
// spare (after the swap delay), else by the next node that becomes ready; its own replacement is
// launched at once and joins the ready nodes when it is up. EC2 bills the replacement from its
// launch and the failed one until then, so the number of billed nodes stays count + spares.
//
// Node time of no job is recorded here: bring-up, spares, idle. What a job holds, the job records.
#pragma once

#include <functional>
#include <list>
#include <string>

#include "libsim/engine/process.hpp"
#include "libsim/trace/timeline.hpp"
#include "models/eks/node_bring_up.hpp"
#include "models/usage/usage.hpp"

namespace windtunnel::eks {

class NodePool {
public:
  struct Config {
    std::string name;
    int count = 0; ///< nodes jobs may hold at a time
    int spares = 0;
    Bytes image{};
    std::string image_pull = "full";
    trace::Timeline* timeline = nullptr; ///< counts its nodes by state when set; outlives it
  };

  NodePool(engine::Simulation& sim, Config config);
  NodePool(const NodePool&) = delete;
  NodePool& operator=(const NodePool&) = delete;

  /// Succeeds when the caller has been given `nodes` nodes. Throws ModelError when the pool has
  /// fewer.
  engine::Event acquire(int nodes);
  void release(int nodes);
  /// A node of a job failed: it leaves at once. Succeeds when another takes its place; `*swapped`
  /// says that a spare was ready.
  engine::Event replace_one(bool* swapped);
  /// All jobs are done: the nodes are given back now.
  void shut_down();

  const std::string& name() const { return config_.name; }
  int count() const { return config_.count; } ///< nodes jobs may hold at a time
  /// Of no job, until now or the shut-down.
  const usage::NodeTime& unassigned() const { return unassigned_; }
  Time until() const { return shut_down_at_; }

private:
  struct Waiter {
    int nodes;
    engine::Event granted;
    bool replacement;
  };
  void launch();
  void account();
  void serve();

  engine::Simulation& sim_;
  Config config_;
  RandomStream random_;
  int booting_ = 0, ready_ = 0, held_ = 0;
  std::list<Waiter> queue_; // replacements first, then jobs, each in order
  Time accounted_{}, shut_down_at_ = Time::max();
  usage::NodeTime unassigned_;
  trace::Counter nodes_; ///< of config_.timeline
  bool started_ = false; // some job has been given its nodes
};

} // namespace windtunnel::eks
