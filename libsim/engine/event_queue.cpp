#include "libsim/engine/event_queue.hpp"

namespace windtunnel::engine {

void EventQueue::purge() {
  const auto dead = [this](const Entry& entry) { return !slots_.live(entry); };
  if (std::exchange(hole_, false)) set_.pop();
  set_.purge(dead);
  for (std::size_t left = ring_.size(); left > 0; --left) {
    const Entry entry = ring_.front();
    ring_.pop();
    if (!dead(entry)) ring_.push(entry);
  }
  dead_ = 0;
}

} // namespace windtunnel::engine
