// Process: simulated behaviour written as a C++20 coroutine, in SimPy's words.
//
//   Process customer(Simulation& sim, Resource& counter) {
//     co_await seconds(3);                          // time passes
//     Lease lease = co_await counter.request();     // a place, given back when `lease` dies
//     co_await seconds(10);
//   }
//   ProcessRef p = sim.spawn("customer", customer(sim, counter));
//   Process boss(ProcessRef p) { co_await done(p); }
//
// Rules. A process starts when spawned, not when called. Its parameters are plain values or
// references that outlive it; no capturing lambda may be a coroutine. `co_await` stands alone in a
// statement or initialiser (g++ 12 destroys aggregates in it twice; tests/house checks). Resuming
// happens only in the event loop. An exception that leaves a process ends the run, unless another
// process waits for it with done(): then the waiter gets it.
//
// interrupt(p, cause) makes the co_await in which p waits throw Interrupt; what it waited for is
// cancelled, nothing wakes it twice. kill(p) destroys the frame: destructors release what it holds.
#pragma once

#include <coroutine>
#include <exception>
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "libsim/engine/simulation.hpp"

namespace windtunnel::engine {

/// What an interrupted co_await throws.
class Interrupt : public std::exception {
public:
  explicit Interrupt(std::string cause) : cause_(std::move(cause)) {}
  const char* what() const noexcept override { return cause_.c_str(); }
  const std::string& cause() const { return cause_; }

private:
  std::string cause_;
};

class Process {
public:
  class promise_type;
  using Handle = std::coroutine_handle<promise_type>;
  Process(Process&& other) noexcept : handle_(std::exchange(other.handle_, {})) {}
  Process& operator=(Process&&) = delete;
  ~Process() {
    if (handle_) handle_.destroy();
  }

private:
  friend class Simulation;
  friend class promise_type;
  explicit Process(Handle handle) : handle_(handle) {}
  Handle handle_;
};

/// A one-shot occurrence that processes wait for; copies name the same one.
class Event {
public:
  explicit Event(Simulation& sim);
  void succeed() const; ///< wakes the waiters now, in the order they came; no effect if triggered
  void fail(std::exception_ptr error) const; ///< waiters get the exception
  bool triggered() const;
  /// `then` is called when the event triggers (at once when it has). Returns a ticket for forget().
  std::uint64_t subscribe(std::function<void()> then) const;
  void forget(std::uint64_t ticket) const;
  std::exception_ptr error() const;
  friend bool operator==(const Event&, const Event&) = default; ///< the same occurrence

private:
  friend Event any_of(Simulation& sim, std::vector<Event> events);
  friend Event all_of(Simulation& sim, std::vector<Event> events);
  struct State;
  std::shared_ptr<State> state_;
};

/// An event that succeeds after `delay`.
Event timeout_event(Simulation& sim, Time delay);
/// Triggers with the first, or the last, of `events`; the first failure fails it.
Event any_of(Simulation& sim, std::vector<Event> events);
Event all_of(Simulation& sim, std::vector<Event> events);
/// Succeeds when the process ends, fails with the exception that left it.
Event done(const ProcessRef& process);
bool alive(const ProcessRef& process);
const std::string& name_of(const ProcessRef& process);
/// No effect on a process that ended. A process cannot interrupt or kill itself.
void interrupt(const ProcessRef& process, std::string cause);
void kill(const ProcessRef& process);

/// The simulator's record of one process; use the functions above.
class ProcessState : public std::enable_shared_from_this<ProcessState> {
public:
  ProcessState(Simulation& sim, std::string name, Process::Handle handle);
  ~ProcessState();

  Simulation& sim;
  std::string name;
  Event finished;
  Process::Handle handle;
  std::function<void()> stop_waiting; ///< undoes the wait it is in; empty while it runs
  std::exception_ptr pending;         ///< thrown by the co_await that resumes next
  EventHandle wake;
  bool has_waiters = false; ///< somebody asked for done()
  bool running = false;

  void resume_soon(); ///< schedules the resumption at the present time
  void resume();
  void cut_wait_short(); ///< what it waits for is undone; it resumes at the present time
  void finish(std::exception_ptr error);
  /// First thing when a co_await resumes: an interrupt that came meanwhile is thrown.
  void throw_pending();
};

class Process::promise_type {
public:
  Process get_return_object() { return Process(Handle::from_promise(*this)); }
  std::suspend_always initial_suspend() noexcept { return {}; }
  std::suspend_always final_suspend() noexcept { return {}; }
  void return_void() {}
  void unhandled_exception() { error = std::current_exception(); }

  /// Waits until an event triggers.
  class EventAwaiter {
  public:
    EventAwaiter(ProcessState& process, Event event)
        : process_(process), event_(std::move(event)) {}
    bool await_ready() const noexcept { return false; }
    void await_suspend(Handle);
    void await_resume();

  private:
    ProcessState& process_;
    Event event_;
    std::uint64_t ticket_ = 0;
  };
  /// Waits for a time; needs no Event.
  class TimeAwaiter {
  public:
    TimeAwaiter(ProcessState& process, Time delay) : process_(process), delay_(delay) {}
    bool await_ready() const noexcept { return false; }
    void await_suspend(Handle);
    void await_resume();

  private:
    ProcessState& process_;
    Time delay_;
  };

  EventAwaiter await_transform(Event event) { return EventAwaiter(*state, std::move(event)); }
  TimeAwaiter await_transform(Time delay) { return TimeAwaiter(*state, delay); }
  /// Other awaitables bring `Awaiter awaiter(ProcessState&)`.
  template <class Awaitable> auto await_transform(Awaitable&& awaitable) {
    return std::forward<Awaitable>(awaitable).awaiter(*state);
  }

  ProcessState* state = nullptr;
  std::exception_ptr error;
};

} // namespace windtunnel::engine
