// Workload: work of one's own beside a scenario's training jobs, on the same clock, pool and bill.
//
// Derive from Workload, write its behaviour as a coroutine, and pass it to run() in a table
// (RunOptions::workloads). It takes nodes of one node pool of the scenario, says what they did
// (book), and gives them back. What it books appears in the bill, in the waterfall (useful time
// under a cause of its own, "useful_<name>"; other uses with those of the training jobs) and in
// Report::workloads.
//
// Contract. Every node-nanosecond it holds is booked to exactly one NodeUse; nothing is held or
// waited for when run() ends. A workload that breaks this ends the run with a SimulationError that
// names it and the node-hours missing or booked too often: the bill would not add up. It may be
// made and run on any thread, one object a replication; equal seeds give equal reports as long as
// it draws random numbers from `sim.stream(name)` alone and shares nothing between objects.
// The coroutine laws of libsim/engine/process.hpp hold.
//
//   class Evaluation : public Workload {
//   public:
//     explicit Evaluation(const WorkloadContext& context) : nodes_(context.nodes) {}
//     engine::Process run() override {
//       co_await nodes_.acquire(2);
//       co_await hours(3);
//       nodes_.book(usage::NodeUse::useful, 2, hours(3));
//       nodes_.release(2);
//     }
//   private:
//     HeldNodes& nodes_;
//   };
//   RunOptions options;
//   options.workloads.push_back(workload_of<Evaluation>("evaluation", "gpu"));
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <utility>

#include "libsim/engine/process.hpp"
#include "models/eks/node_pool.hpp"
#include "models/usage/usage.hpp"

namespace windtunnel::scenarios {

/// The nodes one workload holds of its pool, and the book of what they did. Made by the runner.
class HeldNodes {
public:
  HeldNodes(engine::Simulation& sim, eks::NodePool& pool, std::string workload);
  HeldNodes(const HeldNodes&) = delete;
  HeldNodes& operator=(const HeldNodes&) = delete;

  /// Succeeds when the workload has been given `nodes` more nodes, all together and in the order
  /// jobs asked. Cannot be withdrawn: who is interrupted in the wait must still take them. Throws
  /// ModelError when the pool has fewer, counting those already held.
  engine::Event acquire(int nodes);
  /// Gives nodes back. Throws ModelError when it holds fewer.
  void release(int nodes);
  /// One of the held nodes failed: it leaves now, its replacement is booked by the pool until the
  /// event succeeds. `*swapped`, when given, says at once whether a spare was ready.
  engine::Event replace_one(bool* swapped = nullptr);
  /// `nodes` of the held nodes did `use` for `span`. When this is said does not matter, but what is
  /// booked at the end must be what was held. Throws ModelError for a negative figure.
  void book(usage::NodeUse use, int nodes, Time span);

  int held() const { return held_; }
  const std::string& pool() const { return pool_.name(); }
  const usage::NodeTime& booked() const { return booked_; }
  /// The runner's, when run() has ended. Throws SimulationError when the contract is broken.
  void close();

private:
  void account();
  void require_open(const char* what) const;
  engine::Event granted(engine::Event event, int nodes);

  engine::Simulation& sim_;
  eks::NodePool& pool_;
  std::string workload_;
  int held_ = 0, awaited_ = 0;
  Time accounted_{};
  Int128 node_ns_ = 0; ///< held until accounted_
  usage::NodeTime booked_;
  bool closed_ = false;
};

/// What a workload is made with. The nodes outlive it; the simulation outlives its coroutine but
/// not its destructor, which must not touch it.
struct WorkloadContext {
  engine::Simulation& sim;
  HeldNodes& nodes;
};

class Workload {
public:
  virtual ~Workload() = default;
  /// The behaviour, called once; the workload ends when it returns.
  virtual engine::Process run() = 0;
};

/// A row of RunOptions::workloads.
struct CustomWorkload {
  std::string name{};      ///< unlike those of the scenario's workloads
  std::string node_pool{}; ///< of the scenario
  /// Makes the workload of one replication; called from any thread.
  std::function<std::unique_ptr<Workload>(const WorkloadContext&)> make{};
  std::string useful_label{}; ///< its row of the waterfall; empty: "Useful work of <name>"
};

/// A row whose workload is an Own(context, arguments ...); the arguments are copied.
template <class Own, class... Arguments>
CustomWorkload workload_of(std::string name, std::string node_pool, Arguments... arguments) {
  return {.name = std::move(name),
          .node_pool = std::move(node_pool),
          .make = [arguments...](const WorkloadContext& context) -> std::unique_ptr<Workload> {
            return std::make_unique<Own>(context, arguments...);
          }};
}

} // namespace windtunnel::scenarios
