// Simulation: a clock, the events pending on it, its processes and its random streams.
//
// An object, not a global: a thousand replications are a thousand Simulations on any threads.
// Events at equal times fire by priority (0 first), then in the order they were scheduled, so equal
// seeds give equal runs. run_until(t) fires the events at t too and leaves the clock at t.
//
// Errors: scheduling before now() throws SimulationError with both times. An exception that leaves
// an event or a process ends run() as a SimulationError that names the simulated time (and the
// process).
//
//   Simulation sim(seed, replication);
//   sim.after(minutes(5), [&] { ++fired; });
//   sim.spawn("customer", customer(sim, counter));
//   sim.run();
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "libsim/base/error.hpp"
#include "libsim/base/random.hpp"
#include "libsim/engine/event_queue.hpp"

namespace windtunnel::engine {

class Process;
class ProcessState;
using ProcessRef = std::shared_ptr<ProcessState>;

class Simulation {
public:
  static constexpr int normal_priority = 8;

  explicit Simulation(std::uint64_t seed = 0, std::uint64_t replication = 0);
  ~Simulation(); // destroys the frames of unfinished processes
  Simulation(const Simulation&) = delete;
  Simulation& operator=(const Simulation&) = delete;

  Time now() const { return now_; }
  EventHandle at(Time time, Callback callback, int priority = normal_priority);
  EventHandle after(Time delay, Callback callback, int priority = normal_priority) {
    return at(now_ + delay, std::move(callback), priority);
  }
  bool cancel(EventHandle handle) { return queue_.cancel(handle); }
  EventHandle reschedule(EventHandle handle, Time time, int priority = normal_priority);
  bool pending(EventHandle handle) const { return queue_.pending(handle); }

  /// Starts a process at the present time, behind what is scheduled for it.
  ProcessRef spawn(std::string name, Process process);

  void run();                ///< until nothing is pending
  void run_until(Time time); ///< inclusive
  bool step();               ///< one event; false when none is pending

  /// The stream of that name: its draws depend on (seed, replication, name) alone.
  RandomStream stream(std::string_view name) const;
  std::uint64_t events_fired() const { return fired_; }
  std::size_t events_pending() const { return queue_.size(); }
  /// Processes that have not finished, by name; after run() these wait for ever (a deadlock
  /// report).
  std::vector<std::string> unfinished_processes() const;

private:
  friend class ProcessState;
  void forget(const ProcessState& process);

  std::uint64_t seed_, replication_;
  Time now_{};
  EventQueue queue_;
  std::uint64_t fired_ = 0;
  std::vector<ProcessRef> processes_;
};

} // namespace windtunnel::engine
