// TokenBucket: a rate with a burst, as rate limiters have it. Tokens come at a constant rate up to
// `burst`; `co_await bucket.take(n)` waits until n are there and takes them, in order, without
// overtaking. It starts full.
//
// Times are whole nanoseconds: the bucket remembers when it would have been empty, and n tokens are
// n / rate later, rounded to a nanosecond each time they are taken.
#pragma once

#include <cstdint>
#include <string>

#include "libsim/engine/process.hpp"
#include "libsim/engine/wait_queue.hpp"

namespace windtunnel::engine {

class TokenBucket {
public:
  /// Tokens per second, and at most so many at once. Throws ModelError unless both are positive.
  TokenBucket(Simulation& sim, double per_second, double burst, std::string name = "token bucket");
  TokenBucket(const TokenBucket&) = delete;
  TokenBucket& operator=(const TokenBucket&) = delete;
  ~TokenBucket() { sim_.cancel(timer_); }

  double per_second() const { return per_second_; }
  double burst() const { return burst_; }
  double tokens() const; ///< now; none are taken by those who wait
  std::size_t waiting() const { return queue_.size(); }

  class Request;
  /// Awaitable. Throws ModelError for n < 0 or n > burst, which would never come.
  Request take(double n = 1);
  /// At once, or not at all. For plain events.
  bool try_take(double n = 1);

private:
  class Awaiter;
  Time span(double tokens) const;
  Time ready_at(double n) const;
  void serve();
  void check(double n) const;

  Simulation& sim_;
  double per_second_, burst_;
  std::string name_;
  Time empty_at_{}; ///< when the tokens now there began to come
  EventHandle timer_;
  WaitQueue<Awaiter> queue_;
};

class TokenBucket::Awaiter final : public Wait, public WaitNode {
public:
  Awaiter(TokenBucket& bucket, double n, ProcessState& process)
      : bucket_(bucket), n_(n), process_(process) {}
  Awaiter(const Awaiter&) = delete;
  Awaiter& operator=(const Awaiter&) = delete;
  bool await_ready() { return process_.interrupted() || bucket_.try_take(n_); }
  void await_suspend(std::coroutine_handle<>);
  void await_resume() { process_.throw_interrupt(); }
  void abandon() override;
  void forget() override {
    if (queued) bucket_.queue_.remove(*this);
  }
  std::string describe() const override { return "tokens of '" + bucket_.name_ + "'"; }

private:
  friend class TokenBucket;
  friend class WaitQueue<Awaiter>;
  TokenBucket& bucket_;
  double n_;
  ProcessState& process_;
};

class TokenBucket::Request {
public:
  Request(TokenBucket& bucket, double n) : bucket_(bucket), n_(n) {}
  Awaiter awaiter(ProcessState& process) { return Awaiter(bucket_, n_, process); }

private:
  TokenBucket& bucket_;
  double n_;
};

} // namespace windtunnel::engine
