#include "libsim/engine/resource.hpp"

namespace windtunnel::engine {
namespace {

std::int64_t checked_capacity(std::int64_t capacity) {
  if (capacity < 0) throw ModelError("a resource cannot have a negative capacity");
  return capacity;
}

} // namespace

Resource::Resource(Simulation& sim, std::int64_t capacity)
    : sim_(sim), capacity_(checked_capacity(capacity)) {}

void Resource::set_capacity(std::int64_t capacity) {
  capacity_ = checked_capacity(capacity);
  serve();
}

void Resource::serve() {
  while (in_use_ < capacity_ && !queue_.empty()) {
    const Waiter waiter = queue_.front();
    queue_.pop_front();
    ++in_use_;
    *waiter.granted = true;
    waiter.process->resume_soon();
  }
}

void Resource::give_back() {
  --in_use_;
  serve();
}

void Lease::release() {
  if (resource_) std::exchange(resource_, nullptr)->give_back();
}

void Resource::Request::Awaiter::await_suspend(Process::Handle) {
  std::list<Waiter>& queue = resource_.queue_;
  auto behind = queue.end();
  while (behind != queue.begin() && std::prev(behind)->priority > priority_) --behind;
  position_ = queue.insert(behind, Waiter{priority_, &process_, &granted_});
  queued_ = true;
  process_.stop_waiting = [this] { leave(); };
  resource_.serve();
}

void Resource::Request::Awaiter::leave() {
  if (std::exchange(granted_, false))
    resource_.give_back();
  else if (queued_)
    resource_.queue_.erase(position_);
  queued_ = false;
}

Resource::Request::Awaiter::~Awaiter() {
  if (std::exchange(granted_, false)) resource_.give_back();
}

Lease Resource::Request::Awaiter::await_resume() {
  process_.throw_pending();
  granted_ = queued_ = false;
  return Lease(&resource_);
}

} // namespace windtunnel::engine
