// Container: a level of something divisible into units (tokens, bytes, litres) between 0 and a
// capacity. `co_await c.put(n)` waits until there is room for all n, `co_await c.get(n)` until all
// n are there. Each side is served in order and a large request at the head holds back those behind
// it (no overtaking). An interrupted request leaves the queue; one that was served and has not gone
// on yet is undone.
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
  bool possible(std::int64_t change) const {
    return level_ + change >= 0 && level_ + change <= capacity_;
  }
  WaitQueue<Awaiter>& queue_of(std::int64_t change) { return change < 0 ? getters_ : putters_; }
  bool try_change(std::int64_t change);
  void serve();
  void check(std::int64_t amount) const;

  Simulation& sim_;
  std::int64_t capacity_, level_;
  std::string name_;
  WaitQueue<Awaiter> putters_, getters_;
};

class Container::Awaiter final : public Wait, public WaitNode {
public:
  Awaiter(Container& container, std::int64_t change, ProcessState& process)
      : container_(container), change_(change), process_(process) {}
  Awaiter(const Awaiter&) = delete;
  Awaiter& operator=(const Awaiter&) = delete;
  bool await_ready() { return process_.interrupted() || container_.try_change(change_); }
  void await_suspend(std::coroutine_handle<>);
  void await_resume() { process_.throw_interrupt(); }
  void abandon() override;
  void forget() override {
    if (queued) container_.queue_of(change_).remove(*this);
  }
  std::string describe() const override;

private:
  friend class Container;
  friend class WaitQueue<Awaiter>;
  Container& container_;
  std::int64_t change_; ///< of the level
  ProcessState& process_;
};

class Container::Request {
public:
  Request(Container& container, std::int64_t change) : container_(container), change_(change) {}
  Awaiter awaiter(ProcessState& process) { return Awaiter(container_, change_, process); }

private:
  Container& container_;
  std::int64_t change_;
};

} // namespace windtunnel::engine
