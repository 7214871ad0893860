// Simulation: a clock, the events pending on it, its processes and its random streams.
//
// An object, not a global: a thousand replications are a thousand Simulations on any threads.
// Events at equal times fire by priority (0 first), then in the order they were scheduled, so equal
// seeds give equal runs. run_until(t) fires the events at t too and leaves the clock at t.
//
// Errors: scheduling before now() throws SimulationError with both times. An exception that leaves
// an event or a process ends run() as a SimulationError that names the simulated time (and the
// process). The simulation can be inspected and run on afterwards. What events call cannot run it:
// run(), run_until() and step() throw there, and so does run_until() of a time before now().
//
//   Simulation sim(seed, replication);
//   sim.after(minutes(5), [&] { ++fired; });
//   sim.spawn("customer", customer(sim, counter));
//   sim.run();
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "libsim/base/error.hpp"
#include "libsim/base/random.hpp"
#include "libsim/engine/event_queue.hpp"

namespace windtunnel::engine {

class Process;
class ProcessRef;
class ProcessState;

/// What one process is doing, as processes() tells.
struct ProcessStatus {
  std::string name;
  std::string waits_for; ///< "until 5.00s", "a place of 'counter'", "its turn"
};

/// One event that fired, as an event trace tells.
struct FiredEvent {
  Time at{};
  std::uint64_t number = 0;   ///< 1 for the first of the run
  std::string_view process{}; ///< that resumed; empty for a callback
};

/// Which events a trace is told of: all, unless told otherwise.
struct EventFilter {
  Time from{}, until = Time::max(); ///< both inclusive
  /// Of the process that resumes, "" for a callback; none: any.
  std::function<bool(std::string_view process)> process{};
};

class Simulation {
public:
  static constexpr int normal_priority = EventQueue::normal_priority;

  explicit Simulation(std::uint64_t seed = 0, std::uint64_t replication = 0)
      : seed_(seed), replication_(replication) {}
  ~Simulation(); // destroys the frames of unfinished processes
  Simulation(const Simulation&) = delete;
  Simulation& operator=(const Simulation&) = delete;

  Time now() const { return queue_.now(); }
  /// Calls `callback()` at `time`. It is kept in place: 48 bytes of captures at most.
  template <class F> EventHandle at(Time time, F&& callback, int priority = normal_priority) {
    if (time < now()) [[unlikely]]
      refuse_past(time);
    return queue_.push(time, priority, std::forward<F>(callback));
  }
  template <class F> EventHandle after(Time delay, F&& callback, int priority = normal_priority) {
    if (delay < Time{}) [[unlikely]] // cheaper than to compare the sum
      refuse_past(now() + delay);
    return queue_.push(in(delay), priority, std::forward<F>(callback));
  }
  /// now() + delay, or the end of time when that is later: Time::max(), 292 years.
  Time in(Time delay) const {
    std::int64_t ns = 0;
    if (__builtin_add_overflow(now().ns(), delay.ns(), &ns)) [[unlikely]]
      return Time::max();
    return nanoseconds(ns);
  }
  /// True when the event was pending; its callback is destroyed at once.
  bool cancel(EventHandle handle) { return queue_.cancel(handle); }
  /// Moves a pending event behind what is scheduled for `time`; the new handle, none when it was
  /// not pending.
  EventHandle reschedule(EventHandle handle, Time time, int priority = normal_priority) {
    if (time < now()) [[unlikely]]
      refuse_past(time);
    return queue_.reschedule(handle, time, priority);
  }
  bool pending(EventHandle handle) const { return queue_.pending(handle); }

  /// Starts a process at the present time, behind what is scheduled for it.
  ProcessRef spawn(std::string_view name, Process process);

  void run();                ///< until nothing is pending
  void run_until(Time time); ///< inclusive
  bool step();               ///< one event; false when none is pending

  /// The stream of that name: its draws depend on (seed, replication, name) alone.
  RandomStream stream(std::string_view name) const;
  std::uint64_t events_fired() const { return fired_; }
  std::size_t events_pending() const { return queue_.size(); }
  /// Processes that have not finished, by name, in the order they were spawned; after run() these
  /// wait for ever.
  std::vector<std::string> unfinished_processes() const;
  /// The same with what each waits for: after run() a deadlock report.
  std::vector<ProcessStatus> processes() const;
  /// `trace` is called for each event that passes the filter, before it fires; an empty one ends
  /// tracing. An event that the trace cancels does not fire. Costs nothing when off.
  void trace_events(std::function<void(const FiredEvent&)> trace, EventFilter only = {});

  // For things to wait for (process_state.hpp):
  /// Resumes a process that is not scheduled.
  void schedule(Time time, Resumable& process) {
    if (time < now()) [[unlikely]]
      refuse_past(time);
    queue_.push(time, process);
  }
  void schedule_now(Resumable& process) { queue_.push_now(process); }
  void unschedule(Resumable& process) { queue_.cancel(process); }
  /// The process that runs now; nullptr between processes and in callbacks.
  ProcessState* running() const { return running_; }
  /// Frames are being destroyed by ~Simulation: what they held need not be given back.
  bool closing() const { return closing_; }
  /// Ends a process that does not run: destroys its frame and triggers its end.
  void finish(ProcessState& process, std::exception_ptr error);

private:
  template <class Run> void guarded(Run run);
  bool fire_next(std::uint64_t limit);
  void fire();
  void resume(ProcessState& process);
  [[noreturn]] void refuse_past(Time time) const;

  EventQueue queue_;
  std::uint64_t fired_ = 0;
  ProcessState* running_ = nullptr;
  ProcessState *first_ = nullptr, *last_ = nullptr; ///< processes in the order they were spawned
  std::function<void(const FiredEvent&)> trace_;
  bool runs_ = false, closing_ = false;
  std::uint64_t seed_, replication_;
};

} // namespace windtunnel::engine
