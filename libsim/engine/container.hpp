// Container: a level of something divisible into units (tokens, bytes, litres) between 0 and a
// capacity. `co_await c.put(n)` waits until there is room for all n, `co_await c.get(n)` until all
// n are there. Each side is served in order and a large request at the head holds back those behind
// it (no overtaking). An interrupted request leaves the queue.
//
// What moves in the instant of an interrupt or a kill is never lost, made or in doubt. A put that
// was served has happened: the co_await returns, and an interrupt is thrown by the next. A get that
// was served and has not gone on yet is undone; should its room be taken by then, the level stands
// above the capacity until enough is drawn.
#pragma once

#include <cstdint>
#include <string>

#include "libsim/engine/process.hpp"
#include "libsim/engine/wait_queue.hpp"

namespace windtunnel::engine {

class Container {
public:
  /// Throws ModelError unless 0 <= level <= capacity.
  Container(Simulation& sim, std::int64_t capacity, std::int64_t level = 0,
            std::string name = "container");
  Container(const Container&) = delete;
  Container& operator=(const Container&) = delete;

  Simulation& sim() const { return sim_; }
  std::int64_t level() const { return level_; }
  std::int64_t capacity() const { return capacity_; }
  const std::string& name() const { return name_; }

  class Request;
  /// Awaitables. Throw ModelError for an amount that is negative or above the capacity.
  Request put(std::int64_t amount);
  Request get(std::int64_t amount);
  /// At once, or not at all: false when there is not enough, or others wait. For plain events.
  bool try_put(std::int64_t amount);
  bool try_get(std::int64_t amount);

private:
  class Awaiter;
  enum class Side { put, get };
  bool possible(Side side, std::int64_t amount) const {
    return amount <= (side == Side::put ? capacity_ - level_ : level_);
  }
  void move(Side side, std::int64_t amount) { level_ += side == Side::put ? amount : -amount; }
  WaitQueue<Awaiter>& queue_of(Side side) { return side == Side::put ? putters_ : getters_; }
  bool try_move(Side side, std::int64_t amount);
  void serve();
  void check(std::int64_t amount) const;

  Simulation& sim_;
  std::int64_t capacity_, level_;
  std::string name_;
  WaitQueue<Awaiter> putters_, getters_;
};

class Container::Awaiter final : public Wait, public WaitNode {
public:
  Awaiter(Container& container, Side side, std::int64_t amount, ProcessState& process)
      : container_(container), side_(side), amount_(amount), process_(process) {}
  Awaiter(const Awaiter&) = delete;
  Awaiter& operator=(const Awaiter&) = delete;
  bool await_ready() { return process_.interrupted() || container_.try_move(side_, amount_); }
  void await_suspend(std::coroutine_handle<>);
  void await_resume() {
    if (!served_) process_.throw_interrupt();
  }
  void abandon() override;
  void forget() override {
    if (queued) container_.queue_of(side_).remove(*this);
  }
  std::string describe() const override;

private:
  friend class Container;
  friend class WaitQueue<Awaiter>;
  Container& container_;
  Side side_;
  std::int64_t amount_;
  ProcessState& process_;
  bool served_ = false; ///< after it has waited
};

class Container::Request {
public:
  Request(Container& container, Side side, std::int64_t amount)
      : container_(container), side_(side), amount_(amount) {}
  Awaiter awaiter(ProcessState& process) { return Awaiter(container_, side_, amount_, process); }

private:
  Container& container_;
  Side side_;
  std::int64_t amount_;
};

} // namespace windtunnel::engine
