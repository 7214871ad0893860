#include "libsim/engine/token_bucket.hpp"

#include <algorithm>

namespace windtunnel::engine {

TokenBucket::TokenBucket(Simulation& sim, double per_second, double burst, std::string name)
    : sim_(sim), per_second_(per_second), burst_(burst), name_(std::move(name)) {
  if (!(per_second > 0) || !(burst > 0))
    throw ModelError("a token bucket needs a positive rate and burst");
  empty_at_ = sim.now() - span(burst);
}

Time TokenBucket::span(double tokens) const { return seconds(tokens / per_second_); }

/// When n tokens are there if nobody takes any; a full bucket gains nothing.
Time TokenBucket::ready_at(double n) const {
  return std::max(empty_at_, sim_.now() - span(burst_)) + span(n);
}

double TokenBucket::tokens() const {
  return std::clamp((sim_.now() - empty_at_).seconds() * per_second_, 0.0, burst_);
}

void TokenBucket::check(double n) const {
  if (!(n >= 0) || n > burst_)
    throw ModelError("a token bucket of burst " + std::to_string(burst_) + " cannot give " +
                     std::to_string(n));
}

TokenBucket::Request TokenBucket::take(double n) {
  check(n);
  return Request(*this, n);
}

bool TokenBucket::try_take(double n) {
  check(n);
  const Time ready = ready_at(n);
  if (!queue_.empty() || ready > sim_.now()) return false;
  empty_at_ = ready;
  return true;
}

/// Serves the head of the queue, or sets the timer for it.
void TokenBucket::serve() {
  sim_.cancel(timer_);
  while (!queue_.empty()) {
    Awaiter& first = queue_.front();
    const Time ready = ready_at(first.n_);
    if (ready > sim_.now()) {
      timer_ = sim_.at(ready, [this] { serve(); });
      return;
    }
    empty_at_ = ready;
    queue_.remove(first);
    first.process_.resume_soon();
  }
}

void TokenBucket::Awaiter::await_suspend(std::coroutine_handle<>) {
  process_.wait = this;
  bucket_.queue_.insert(*this);
  if (&bucket_.queue_.front() == this) bucket_.serve();
}

void TokenBucket::Awaiter::abandon() {
  if (queued)
    bucket_.queue_.remove(*this);
  else
    bucket_.empty_at_ -= bucket_.span(n_); // granted in this instant: the tokens go back
  bucket_.serve();
}

} // namespace windtunnel::engine
