#include "libsim/engine/container.hpp"

namespace windtunnel::engine {

Container::Container(Simulation& sim, std::int64_t capacity, std::int64_t level, std::string name)
    : sim_(sim), capacity_(capacity), level_(level), name_(std::move(name)) {
  if (level < 0 || level > capacity)
    throw ModelError("a container's level must lie between 0 and its capacity");
}

void Container::check(std::int64_t amount) const {
  if (amount < 0 || amount > capacity_)
    throw ModelError("a container cannot move " + std::to_string(amount) + " of a capacity of " +
                     std::to_string(capacity_));
}

Container::Request Container::put(std::int64_t amount) {
  check(amount);
  return Request(*this, amount);
}
Container::Request Container::get(std::int64_t amount) {
  check(amount);
  return Request(*this, -amount);
}
bool Container::try_put(std::int64_t amount) {
  check(amount);
  return try_change(amount);
}
bool Container::try_get(std::int64_t amount) {
  check(amount);
  return try_change(-amount);
}

bool Container::try_change(std::int64_t change) {
  if (!queue_of(change).empty() || !possible(change)) return false;
  level_ += change;
  serve();
  return true;
}

/// What moved on one side may let the other move.
void Container::serve() {
  for (bool moved = true; moved;) {
    moved = false;
    for (WaitQueue<Awaiter>* queue : {&putters_, &getters_})
      while (!queue->empty() && possible(queue->front().change_)) {
        Awaiter& first = queue->front();
        queue->remove(first);
        level_ += first.change_;
        first.process_.resume_soon();
        moved = true;
      }
  }
}

void Container::Awaiter::await_suspend(std::coroutine_handle<>) {
  process_.wait = this;
  container_.queue_of(change_).insert(*this);
}

void Container::Awaiter::abandon() {
  if (queued)
    container_.queue_of(change_).remove(*this);
  else
    container_.level_ -= change_;
  container_.serve(); // it may have held others back
}

std::string Container::Awaiter::describe() const {
  return (change_ < 0 ? "to get " : "to put ") + std::to_string(change_ < 0 ? -change_ : change_) +
         (change_ < 0 ? " from '" : " into '") + container_.name_ + "'";
}

} // namespace windtunnel::engine
