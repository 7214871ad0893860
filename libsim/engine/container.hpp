// Container: a level of something divisible into units (tokens, bytes, nodes) between 0 and a
// capacity. put(n) waits until there is room for all n, get(n) until all n are there; each side is
// served in order, and a large request at the head holds back those behind it (no overtaking).
#pragma once

#include <cstdint>
#include <deque>

#include "libsim/engine/process.hpp"

namespace windtunnel::engine {

class Container {
public:
  /// Throws ModelError unless 0 <= level <= capacity.
  Container(Simulation& sim, std::int64_t capacity, std::int64_t level = 0);
  Container(const Container&) = delete;
  Container& operator=(const Container&) = delete;

  std::int64_t level() const { return level_; }
  std::int64_t capacity() const { return capacity_; }

  /// Events that trigger when the amount has gone in or out: `co_await container.get(3);`
  /// Throw ModelError for an amount that is negative or above the capacity. Interrupting the
  /// process that waits leaves the request in the queue: cancel() it.
  Event put(std::int64_t amount);
  Event get(std::int64_t amount);
  /// Withdraws a request; false when it was already served.
  bool cancel(const Event& request);

private:
  struct Waiter {
    std::int64_t amount;
    Event event;
  };
  Event enqueue(std::deque<Waiter>& queue, std::int64_t amount);
  void serve();

  Simulation& sim_;
  std::int64_t capacity_, level_;
  std::deque<Waiter> putters_, getters_;
};

} // namespace windtunnel::engine
