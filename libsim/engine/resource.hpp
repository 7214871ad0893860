// Resource: a number of equal places that processes hold for a while.
//
// `Lease lease = co_await resource.request();` goes on when a place is free; the lease returns the
// place when it is released or destroyed (an exception, an interrupt or a kill included). Waiting
// requests are served by priority (smaller first), then in the order they came; nobody overtakes
// them. A request that is interrupted leaves the queue, and one that was granted but has not gone
// on yet gives its place back. Raising the capacity serves waiters at once; lowering it takes no
// lease away, it lets none follow until enough have been returned.
#pragma once

#include <cstdint>
#include <string>
#include <utility>

#include "libsim/engine/process.hpp"
#include "libsim/engine/wait_queue.hpp"

namespace windtunnel::engine {

class Resource;

/// A held place. Movable; releases on destruction, but not after its simulation has begun to close.
class Lease {
public:
  Lease() = default;
  explicit Lease(Resource& resource);
  Lease(Lease&& other) noexcept
      : resource_(std::exchange(other.resource_, nullptr)), sim_(other.sim_) {}
  Lease& operator=(Lease&& other) noexcept {
    if (this != &other) {
      release();
      resource_ = std::exchange(other.resource_, nullptr);
      sim_ = other.sim_;
    }
    return *this;
  }
  ~Lease() { release(); }
  void release();
  explicit operator bool() const { return resource_ != nullptr; }

private:
  Resource* resource_ = nullptr;
  Simulation* sim_ = nullptr;
};

class Resource {
public:
  /// `name` is for reports. Throws ModelError when capacity < 0.
  Resource(Simulation& sim, std::int64_t capacity, std::string name = "resource");
  Resource(const Resource&) = delete;
  Resource& operator=(const Resource&) = delete;

  std::int64_t capacity() const { return capacity_; }
  std::int64_t in_use() const { return in_use_; }
  std::size_t queue_length() const { return queue_.size(); }
  const std::string& name() const { return name_; }
  Simulation& sim() const { return sim_; }
  void set_capacity(std::int64_t capacity);

  class Request;
  /// Awaitable: the Lease.
  Request request(int priority = 0);

private:
  friend class Lease;
  class Awaiter;
  bool take_free() {
    if (in_use_ >= capacity_ || !queue_.empty()) return false;
    ++in_use_;
    return true;
  }
  void give_back() {
    --in_use_;
    if (!queue_.empty()) serve();
  }
  void serve();

  Simulation& sim_;
  std::int64_t capacity_, in_use_ = 0;
  std::string name_;
  WaitQueue<Awaiter> queue_;
};

class Resource::Awaiter final : public Wait, public WaitNode {
public:
  Awaiter(Resource& resource, int request_priority, ProcessState& process)
      : resource_(resource), process_(process) {
    priority = request_priority;
  }
  Awaiter(const Awaiter&) = delete;
  Awaiter& operator=(const Awaiter&) = delete;
  bool await_ready() { return process_.interrupted() || (granted_ = resource_.take_free()); }
  void await_suspend(std::coroutine_handle<>) {
    process_.wait = this;
    resource_.queue_.insert(*this);
  }
  Lease await_resume() {
    process_.throw_interrupt();
    granted_ = false;
    return Lease(resource_);
  }
  void abandon() override;
  void forget() override {
    if (queued) resource_.queue_.remove(*this);
  }
  std::string describe() const override { return "a place of '" + resource_.name_ + "'"; }

private:
  friend class Resource;
  friend class WaitQueue<Awaiter>;
  Resource& resource_;
  ProcessState& process_;
  bool granted_ = false;
};

class Resource::Request {
public:
  Request(Resource& resource, int priority) : resource_(resource), priority_(priority) {}
  Awaiter awaiter(ProcessState& process) { return Awaiter(resource_, priority_, process); }

private:
  Resource& resource_;
  int priority_;
};

inline Resource::Request Resource::request(int priority) { return Request(*this, priority); }

inline Lease::Lease(Resource& resource) : resource_(&resource), sim_(&resource.sim()) {}
inline void Lease::release() {
  if (Resource* const held = std::exchange(resource_, nullptr); held && !sim_->closing())
    held->give_back();
}

} // namespace windtunnel::engine
