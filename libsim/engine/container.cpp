#include "libsim/engine/container.hpp"

#include <algorithm>

namespace windtunnel::engine {

Container::Container(Simulation& sim, std::int64_t capacity, std::int64_t level)
    : sim_(sim), capacity_(capacity), level_(level) {
  if (level < 0 || level > capacity)
    throw ModelError("a container's level must lie between 0 and its capacity");
}

Event Container::enqueue(std::deque<Waiter>& queue, std::int64_t amount) {
  if (amount < 0 || amount > capacity_)
    throw ModelError("a container cannot move " + std::to_string(amount) + " of a capacity of " +
                     std::to_string(capacity_));
  Event event(sim_);
  queue.push_back({amount, event});
  serve();
  return event;
}

Event Container::put(std::int64_t amount) { return enqueue(putters_, amount); }
Event Container::get(std::int64_t amount) { return enqueue(getters_, amount); }

bool Container::cancel(const Event& request) {
  for (std::deque<Waiter>* queue : {&putters_, &getters_}) {
    const auto found = std::find_if(queue->begin(), queue->end(),
                                    [&](const Waiter& w) { return w.event == request; });
    if (found == queue->end()) continue;
    queue->erase(found);
    serve(); // it may have held others back
    return true;
  }
  return false;
}

void Container::serve() {
  for (bool moved = true; moved;) {
    moved = false;
    if (!putters_.empty() && level_ + putters_.front().amount <= capacity_) {
      const Waiter waiter = putters_.front();
      putters_.pop_front();
      level_ += waiter.amount;
      waiter.event.succeed();
      moved = true;
    }
    if (!getters_.empty() && level_ >= getters_.front().amount) {
      const Waiter waiter = getters_.front();
      getters_.pop_front();
      level_ -= waiter.amount;
      waiter.event.succeed();
      moved = true;
    }
  }
}

} // namespace windtunnel::engine
