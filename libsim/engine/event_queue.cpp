#include "libsim/engine/event_queue.hpp"

#include "libsim/engine/process_state.hpp"

namespace windtunnel::engine {
namespace {

void drop(Resumable* process) {
  if (process) static_cast<ProcessState*>(process)->drop();
}

} // namespace

EventQueue::~EventQueue() {
  while (!ring_.empty()) drop(ring_.pop().process);
}

void EventQueue::refuse_priority(int priority) {
  throw SimulationError("an event's priority is in [0, 15], not " + std::to_string(priority));
}

void EventQueue::skip_soon() {
  --dead_;
  drop(ring_.pop().process);
}

void EventQueue::purge() {
  if (std::exchange(hole_, false)) set_.pop();
  set_.purge([this](const Entry& entry) { return !slots_.live(entry.word); });
  for (std::size_t left = ring_.size(); left > 0; --left) {
    const Soon soon = ring_.pop();
    if (live(soon))
      ring_.push(soon);
    else
      drop(soon.process);
  }
  dead_ = 0;
}

} // namespace windtunnel::engine
