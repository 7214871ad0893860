// within(limit, what): waits for anything, but not longer than a time, or than until an event.
//
//   std::optional<Lease> lease = co_await within(minutes(5), counter.request());
//   if (!lease) co_return;                                 // gave up
//   const bool rang = co_await within(seconds(30), bell);  // an Event: true when it triggered
//   lease = co_await within(closing, counter.request());   // `closing` is an Event
//
// At the limit the wait is withdrawn as by an interrupt, so nothing is granted later; what was
// granted in the same instant, before the limit came, counts, and so does what is there at once. An
// event that fails is a limit like one that succeeds.
#pragma once

#include <optional>

#include "libsim/engine/process.hpp"

namespace windtunnel::engine {

namespace detail {

/// A wait that a limit ends.
class Limited {
public:
  virtual void end() = 0;

protected:
  ~Limited() = default;
};

class TimeLimit {
public:
  TimeLimit(Simulation& sim, Time after) : sim_(sim), after_(after) {}
  TimeLimit(const TimeLimit&) = delete;
  TimeLimit& operator=(const TimeLimit&) = delete;
  ~TimeLimit() { stop(); }
  bool is_past() const { return false; }
  void start(Limited& wait) {
    timer_ = sim_.after(after_, [&wait] { wait.end(); });
  }
  void stop() { sim_.cancel(timer_); }

private:
  Simulation& sim_;
  Time after_;
  EventHandle timer_;
};

class EventLimit final : private EventListener {
public:
  EventLimit(Simulation&, Event event) : event_(std::move(event)) {}
  bool is_past() const { return event_.triggered(); }
  void start(Limited& wait) {
    wait_ = &wait;
    event_.state().add(*this);
  }
  void stop() { leave(); }

private:
  void triggered() override { wait_->end(); }
  Event event_;
  Limited* wait_ = nullptr;
};

} // namespace detail

/// `Limit` is a Time or an Event.
template <class Limit, class Awaitable> class Within {
public:
  Within(Limit limit, Awaitable awaitable)
      : limit_(std::move(limit)), awaitable_(std::move(awaitable)) {}

  template <class Inner> class Awaiter final : private detail::Limited {
  public:
    static_assert(std::is_base_of_v<Wait, Inner>, "tasks and times cannot be cut short: spawn it");
    using Value = decltype(std::declval<Inner&>().await_resume());
    using Result = std::conditional_t<
        std::is_void_v<Value>, bool,
        std::optional<std::decay_t<std::conditional_t<std::is_void_v<Value>, bool, Value>>>>;
    template <class Make> Awaiter(Limit limit, ProcessState& process, Make make)
        : process_(process), limit_(*process.sim, std::move(limit)), inner_(make()) {}
    Awaiter(const Awaiter&) = delete;
    Awaiter& operator=(const Awaiter&) = delete;

    bool await_ready() {
      if (inner_.await_ready()) return true;
      return ended_ = limit_.is_past();
    }
    void await_suspend(std::coroutine_handle<> frame) {
      inner_.await_suspend(frame);
      try {
        limit_.start(*this);
      } catch (...) { // a negative time: the process goes on, so it waits no longer
        std::exchange(process_.wait, nullptr)->abandon();
        throw;
      }
    }
    Result await_resume() {
      limit_.stop();
      if (ended_) {
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
    void end() override {
      if (process_.scheduled()) return; // granted, or interrupted, in this instant
      std::exchange(process_.wait, nullptr)->abandon();
      ended_ = true;
      process_.resume_soon();
    }
    ProcessState& process_;
    std::conditional_t<std::is_same_v<Limit, Event>, detail::EventLimit, detail::TimeLimit> limit_;
    Inner inner_;
    bool ended_ = false;
  };

  auto awaiter(ProcessState& process) {
    const auto make = [&] { return awaiter_of(awaitable_, process); };
    return Awaiter<decltype(make())>(std::move(limit_), process, make);
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
  Limit limit_;
  Awaitable awaitable_;
};

template <class Awaitable> Within<Time, Awaitable> within(Time limit, Awaitable awaitable) {
  return Within<Time, Awaitable>(limit, std::move(awaitable));
}
template <class Awaitable> Within<Event, Awaitable> within(Event limit, Awaitable awaitable) {
  return Within<Event, Awaitable>(std::move(limit), std::move(awaitable));
}

} // namespace windtunnel::engine
