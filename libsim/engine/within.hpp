// within(limit, what): waits for anything, but not longer than a time.
//
//   std::optional<Lease> lease = co_await within(minutes(5), counter.request());
//   if (!lease) co_return;                                 // gave up
//   const bool rang = co_await within(seconds(30), bell);  // an Event: true when it triggered
//
// When the time is up the wait is withdrawn as by an interrupt, so nothing is granted later; what
// was granted in the same instant, before the time was up, counts.
#pragma once

#include <optional>

#include "libsim/engine/process.hpp"

namespace windtunnel::engine {

template <class Awaitable> class Within {
public:
  Within(Time limit, Awaitable awaitable) : limit_(limit), awaitable_(std::move(awaitable)) {}

  template <class Inner> class Awaiter {
  public:
    static_assert(std::is_base_of_v<Wait, Inner>, "tasks and times cannot be cut short: spawn it");
    using Value = decltype(std::declval<Inner&>().await_resume());
    using Result = std::conditional_t<
        std::is_void_v<Value>, bool,
        std::optional<std::decay_t<std::conditional_t<std::is_void_v<Value>, bool, Value>>>>;
    template <class Make> Awaiter(Time limit, ProcessState& process, Make make)
        : limit_(limit), process_(process), inner_(make()) {}
    Awaiter(const Awaiter&) = delete;
    Awaiter& operator=(const Awaiter&) = delete;
    ~Awaiter() { process_.sim->cancel(timer_); }

    bool await_ready() { return inner_.await_ready(); }
    void await_suspend(std::coroutine_handle<> frame) {
      inner_.await_suspend(frame);
      timer_ = process_.sim->after(limit_, [this] { time_is_up(); });
    }
    Result await_resume() {
      process_.sim->cancel(timer_);
      if (timed_out_) {
        process_.throw_interrupt();
        return Result();
      }
      if constexpr (std::is_void_v<Value>) {
        inner_.await_resume();
        return true;
      } else {
        return Result(inner_.await_resume());
      }
    }

  private:
    void time_is_up() {
      if (process_.scheduled()) return; // granted, or interrupted, in this instant
      std::exchange(process_.wait, nullptr)->abandon();
      timed_out_ = true;
      process_.resume_soon();
    }
    Time limit_;
    ProcessState& process_;
    Inner inner_;
    EventHandle timer_;
    bool timed_out_ = false;
  };

  auto awaiter(ProcessState& process) {
    const auto make = [&] { return awaiter_of(awaitable_, process); };
    return Awaiter<decltype(make())>(limit_, process, make);
  }

private:
  static EventAwaiter awaiter_of(Event& event, ProcessState& process) {
    return EventAwaiter(process, std::move(event));
  }
  static EventAwaiter awaiter_of(ProcessRef& other, ProcessState& process) {
    return EventAwaiter(process, done(other));
  }
  template <class Other> static auto awaiter_of(Other& other, ProcessState& process) {
    return other.awaiter(process);
  }
  Time limit_;
  Awaitable awaitable_;
};

template <class Awaitable> Within<Awaitable> within(Time limit, Awaitable awaitable) {
  return Within<Awaitable>(limit, std::move(awaitable));
}

} // namespace windtunnel::engine
