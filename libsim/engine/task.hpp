// Task<T>: a piece of a process's behaviour in a coroutine of its own, with a result.
//
//   Task<int> unload(Simulation& sim, Resource& dock) {
//     Lease lease = co_await dock.request();
//     co_await minutes(20);
//     co_return 12;
//   }
//   Process truck(Simulation& sim, Resource& dock) {
//     const int pallets = co_await unload(sim, dock);
//   }
//
// A task is part of the process that awaits it: it waits as that process, is interrupted with it
// and destroyed with it. Its exceptions come out of the co_await. It starts when awaited. Task and
// caller change places in the event loop, so tasks may nest and repeat without using up the stack,
// and at no event of their own. To run beside the caller, spawn a process instead and await its
// end.
#pragma once

#include <optional>

#include "libsim/engine/process.hpp"

namespace windtunnel::engine {

namespace detail {

class TaskPromise : public PromiseBase {
public:
  static void* operator new(std::size_t bytes) { return take_block(bytes); }
  static void operator delete(void* frame, std::size_t bytes) { give_block(frame, bytes); }

  /// The caller goes on next.
  class Return {
  public:
    Return() {}
    bool await_ready() const noexcept { return false; }
    template <class Promise>
    void await_suspend(std::coroutine_handle<Promise> task) const noexcept {
      task.promise().state->leaf = task.promise().caller;
    }
    void await_resume() const noexcept {}
  };
  Return final_suspend() noexcept { return Return(); }

  std::coroutine_handle<> caller{};
};

template <class T> class TaskResult : public TaskPromise {
public:
  template <class U> void return_value(U&& value) { result_.emplace(std::forward<U>(value)); }
  T take() { return std::move(*result_); }

private:
  std::optional<T> result_;
};
template <> class TaskResult<void> : public TaskPromise {
public:
  void return_void() {}
  void take() {}
};

} // namespace detail

template <class T = void> class Task {
public:
  class promise_type : public detail::TaskResult<T> {
  public:
    Task get_return_object() {
      return Task(std::coroutine_handle<promise_type>::from_promise(*this));
    }
  };
  Task(Task&& other) noexcept : frame_(std::exchange(other.frame_, {})) {}
  Task& operator=(Task&&) = delete;
  ~Task() {
    if (frame_) frame_.destroy();
  }

  class Awaiter {
  public:
    Awaiter(std::coroutine_handle<promise_type> task, ProcessState& process)
        : task_(task), process_(process) {}
    bool await_ready() const noexcept { return false; }
    void await_suspend(std::coroutine_handle<> caller) {
      task_.promise().state = &process_;
      task_.promise().caller = caller;
      process_.leaf = task_;
    }
    T await_resume() {
      if (task_.promise().error) std::rethrow_exception(task_.promise().error);
      return task_.promise().take();
    }

  private:
    std::coroutine_handle<promise_type> task_;
    ProcessState& process_;
  };
  Awaiter awaiter(ProcessState& process) { return Awaiter(frame_, process); }

private:
  explicit Task(std::coroutine_handle<promise_type> frame) : frame_(frame) {}
  std::coroutine_handle<promise_type> frame_;
};

} // namespace windtunnel::engine
