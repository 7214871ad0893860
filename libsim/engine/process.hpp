// Process: simulated behaviour written as a C++20 coroutine, in SimPy's words.
//
//   Process customer(Simulation& sim, Resource& counter) {
//     co_await seconds(3);                          // time passes
//     Lease lease = co_await counter.request();     // a place, given back when `lease` dies
//     co_await seconds(10);
//   }
//   ProcessRef p = sim.spawn("customer", customer(sim, counter));
//   Process boss(ProcessRef p) { co_await p; }      // until it has ended
//
// Rules. A process starts when spawned, not when called. Its parameters are plain values or
// references that outlive it; no capturing lambda may be a coroutine. `co_await` stands alone in a
// statement or initialiser (g++ 12 destroys aggregates in it twice; tests/house checks). Resuming
// happens only in the event loop. Waiting for what is there already goes on at once, without giving
// way to others.
//
// An exception that leaves a process ends the run, unless somebody waits for its end: then the
// waiter gets it, as a SimulationError with time and name. interrupt(p, cause) makes the co_await
// in which p waits throw Interrupt; what it waited for is cancelled, nothing wakes it twice.
// kill(p) destroys the frame: destructors release what it holds.
//
// Frames come from the thread's pool (frame_pool.hpp): processes cost no allocation in steady
// state.
#pragma once

#include <optional>

#include "libsim/engine/process_state.hpp"

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

/// A process, running or ended; copies name the same one. Default-constructed: none.
class ProcessRef {
public:
  ProcessRef() = default;
  explicit ProcessRef(ProcessState& state) : state_(&state) { state.hold(); }
  ProcessRef(const ProcessRef& other) : state_(other.state_) {
    if (state_) state_->hold();
  }
  ProcessRef(ProcessRef&& other) noexcept : state_(std::exchange(other.state_, nullptr)) {}
  ProcessRef& operator=(ProcessRef other) noexcept {
    std::swap(state_, other.state_);
    return *this;
  }
  ~ProcessRef() {
    if (state_) state_->drop();
  }
  explicit operator bool() const { return state_ != nullptr; }
  friend bool operator==(const ProcessRef&, const ProcessRef&) = default;
  ProcessState& state() const { return *state_; }

private:
  ProcessState* state_ = nullptr;
};

/// Succeeds when the process ends, fails with the exception that left it.
inline Event done(const ProcessRef& process) {
  process.state().awaited = true;
  return process.state().finished();
}
inline bool alive(const ProcessRef& process) { return process.state().alive(); }
inline const std::string& name_of(const ProcessRef& process) { return process.state().name(); }
/// No effect on a process that ended. One that has not begun is interrupted at its first co_await.
/// Several interrupts are thrown one after another. A process cannot interrupt or kill itself.
void interrupt(const ProcessRef& process, std::string cause);
void interrupt(const ProcessRef& process, std::exception_ptr cause); ///< throws that instead
void kill(const ProcessRef& process);

/// Waits for a time; needs no Event.
class TimeAwaiter {
public:
  TimeAwaiter(ProcessState& process, Time delay) : process_(process), delay_(delay) {}
  bool await_ready() const noexcept { return process_.interrupted(); }
  void await_suspend(std::coroutine_handle<>) {
    process_.until = process_.sim->in(delay_);
    process_.sim->schedule(process_.until, process_);
  }
  void await_resume() { process_.throw_interrupt(); }

private:
  ProcessState& process_;
  Time delay_;
};

/// Waits until an event triggers.
class EventAwaiter final : public Wait, private EventListener {
public:
  EventAwaiter(ProcessState& process, Event event) : process_(process), event_(std::move(event)) {}
  bool await_ready() const noexcept { return process_.interrupted() || event_.triggered(); }
  void await_suspend(std::coroutine_handle<>) {
    process_.wait = this;
    event_.state().add(*this);
  }
  void await_resume() {
    process_.throw_interrupt();
    if (event_.error()) std::rethrow_exception(event_.error());
  }
  void abandon() override { leave(); }
  std::string describe() const override { return "an event"; }

private:
  void triggered() override { process_.resume_soon(); }
  ProcessState& process_;
  Event event_;
};

/// What processes and tasks can await, and how exceptions leave them.
class PromiseBase {
public:
  std::suspend_always initial_suspend() noexcept { return {}; }
  void unhandled_exception() { error = std::current_exception(); }

  TimeAwaiter await_transform(Time delay) { return TimeAwaiter(*state, delay); }
  EventAwaiter await_transform(Event event) { return EventAwaiter(*state, std::move(event)); }
  EventAwaiter await_transform(ProcessRef process) { return EventAwaiter(*state, done(process)); }
  /// Other awaitables bring `Awaiter awaiter(ProcessState&)`.
  template <class Awaitable> auto await_transform(Awaitable&& awaitable) {
    return std::forward<Awaitable>(awaitable).awaiter(*state);
  }

  ProcessState* state = nullptr;
  std::exception_ptr error;
};

class Process {
public:
  class promise_type : public PromiseBase {
  public:
    static void* operator new(std::size_t bytes) { return ProcessState::allocate_frame(bytes); }
    static void operator delete(void* frame) { ProcessState::free_frame(frame); }
    Process get_return_object() { return Process(Handle::from_promise(*this)); }
    std::suspend_always final_suspend() noexcept { return {}; }
    void return_void() {}
  };
  using Handle = std::coroutine_handle<promise_type>;
  Process(Process&& other) noexcept : handle_(std::exchange(other.handle_, {})) {}
  Process& operator=(Process&&) = delete;
  ~Process() {
    if (handle_) handle_.destroy();
  }

private:
  friend class Simulation;
  explicit Process(Handle handle) : handle_(handle) {}
  Handle handle_;
};

} // namespace windtunnel::engine
