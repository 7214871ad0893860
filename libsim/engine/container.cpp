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
  return Request(*this, Side::put, amount);
}
Container::Request Container::get(std::int64_t amount) {
  check(amount);
  return Request(*this, Side::get, amount);
}
bool Container::try_put(std::int64_t amount) {
  check(amount);
  return try_move(Side::put, amount);
}
bool Container::try_get(std::int64_t amount) {
  check(amount);
  return try_move(Side::get, amount);
}

bool Container::try_move(Side side, std::int64_t amount) {
  if (!queue_of(side).empty() || !possible(side, amount)) return false;
  move(side, amount);
  serve();
  return true;
}

/// What moved on one side may let the other move.
void Container::serve() {
  for (bool moved = true; moved;) {
    moved = false;
    for (WaitQueue<Awaiter>* queue : {&putters_, &getters_})
      while (!queue->empty() && possible(queue->front().side_, queue->front().amount_)) {
        Awaiter& first = queue->front();
        queue->remove(first);
        move(first.side_, first.amount_);
        first.served_ = true;
        first.process_.resume_soon();
        moved = true;
      }
  }
}

void Container::Awaiter::await_suspend(std::coroutine_handle<>) {
  process_.wait = this;
  container_.queue_of(side_).insert(*this);
}

void Container::Awaiter::abandon() {
  if (queued)
    container_.queue_of(side_).remove(*this);
  else if (served_ && side_ == Side::get)
    container_.level_ += amount_;
  else
    return; // a put that has happened; or the container is gone
  served_ = false;
  container_.serve(); // it may have held others back
}

std::string Container::Awaiter::describe() const {
  const bool puts = side_ == Side::put;
  return (puts ? "to put " : "to get ") + std::to_string(amount_) + (puts ? " into '" : " from '") +
         container_.name_ + "'";
}

} // namespace windtunnel::engine
