#include "libsim/engine/resource.hpp"

namespace windtunnel::engine {
namespace {

std::int64_t checked_capacity(std::int64_t capacity) {
  if (capacity < 0) throw ModelError("a resource cannot have a negative capacity");
  return capacity;
}

} // namespace

Resource::Resource(Simulation& sim, std::int64_t capacity, std::string name)
    : sim_(sim), capacity_(checked_capacity(capacity)), name_(std::move(name)) {}

void Resource::set_capacity(std::int64_t capacity) {
  capacity_ = checked_capacity(capacity);
  serve();
}

void Resource::serve() {
  while (in_use_ < capacity_ && !queue_.empty()) {
    Awaiter& next = queue_.front();
    queue_.remove(next);
    ++in_use_;
    next.granted_ = true;
    next.process_.resume_soon();
  }
}

void Resource::Awaiter::abandon() {
  if (std::exchange(granted_, false))
    resource_.give_back();
  else if (queued)
    resource_.queue_.remove(*this);
}

} // namespace windtunnel::engine
