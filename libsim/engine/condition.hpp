// Condition: processes wait until a predicate over the model's state holds.
//
//   Condition tank_level(sim, "tank level");
//   const Condition::Until full = tank_level.until([&] { return tank.level() > 40; });
//   co_await full;                          // goes on at once when it holds
//   tank.refill();  tank_level.changed();   // by whoever changed the state
//
// changed() tests the waiting predicates in the order they came and resumes those that hold at that
// moment. What a resumed process then does may falsify the predicate of another resumed with it:
// test again where that matters, as with condition variables.
#pragma once

#include <functional>
#include <string>

#include "libsim/engine/process.hpp"
#include "libsim/engine/wait_queue.hpp"

namespace windtunnel::engine {

class Condition {
public:
  using Predicate = std::function<bool()>;

  explicit Condition(Simulation& sim, std::string name = "condition")
      : sim_(sim), name_(std::move(name)) {}
  Condition(const Condition&) = delete;
  Condition& operator=(const Condition&) = delete;

  class Awaiter final : public Wait, public WaitNode {
  public:
    Awaiter(Condition& condition, Predicate holds, ProcessState& process)
        : condition_(condition), holds_(std::move(holds)), process_(process) {}
    Awaiter(const Awaiter&) = delete;
    Awaiter& operator=(const Awaiter&) = delete;
    bool await_ready() { return process_.interrupted() || holds_(); }
    void await_suspend(std::coroutine_handle<>) {
      process_.wait = this;
      condition_.queue_.insert(*this);
    }
    void await_resume() { process_.throw_interrupt(); }
    void abandon() override {
      if (queued) condition_.queue_.remove(*this);
    }
    void forget() override {
      if (queued) condition_.queue_.remove(*this);
    }
    std::string describe() const override { return "the condition '" + condition_.name_ + "'"; }

  private:
    friend class Condition;
    friend class WaitQueue<Awaiter>;
    Condition& condition_;
    Predicate holds_;
    ProcessState& process_;
  };
  class Until {
  public:
    Until(Condition& condition, Predicate holds)
        : condition_(condition), holds_(std::move(holds)) {}
    Awaiter awaiter(ProcessState& process) const { return Awaiter(condition_, holds_, process); }

  private:
    Condition& condition_;
    Predicate holds_;
  };

  Until until(Predicate holds) { return Until(*this, std::move(holds)); }
  void changed() {
    if (queue_.empty()) return;
    for (Awaiter* waiter = &queue_.front(); waiter;) {
      Awaiter* const next = queue_.after(*waiter);
      if (waiter->holds_()) {
        queue_.remove(*waiter);
        waiter->process_.resume_soon();
      }
      waiter = next;
    }
  }
  std::size_t waiting() const { return queue_.size(); }

private:
  Simulation& sim_;
  std::string name_;
  WaitQueue<Awaiter> queue_;
};

/// A door: processes pass while it is open and wait while it is closed.
class Gate {
public:
  explicit Gate(Simulation& sim, bool open = false, std::string name = "gate")
      : open_(open), passed_(sim, std::move(name)) {}
  bool is_open() const { return open_; }
  void open() {
    open_ = true;
    passed_.changed();
  }
  void close() { open_ = false; } ///< those let through already go on
  /// Awaitable: until it is open.
  Condition::Until pass() {
    return passed_.until([this] { return open_; });
  }

private:
  bool open_;
  Condition passed_;
};

} // namespace windtunnel::engine
