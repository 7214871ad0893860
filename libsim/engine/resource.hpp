// Resource: a number of equal places that processes hold for a while.
//
// co_await resource.request() gives a Lease when a place is free; the lease returns the place when
// it is released or destroyed (an exception, an interrupt or a kill included). Waiting requests are
// served by priority (smaller first), then in the order they came; a request that is interrupted
// leaves the queue, and one that was granted but not yet resumed gives its place back. Raising the
// capacity serves waiters at once; lowering it takes no lease away, it lets none follow.
#pragma once

#include <cstdint>
#include <list>
#include <utility>

#include "libsim/engine/process.hpp"

namespace windtunnel::engine {

class Resource;

/// A held place. Movable; releases on destruction. The Resource must outlive it.
class Lease {
public:
  Lease() = default;
  explicit Lease(Resource* resource) : resource_(resource) {}
  Lease(Lease&& other) noexcept : resource_(std::exchange(other.resource_, nullptr)) {}
  Lease& operator=(Lease&& other) noexcept {
    if (this != &other) {
      release();
      resource_ = std::exchange(other.resource_, nullptr);
    }
    return *this;
  }
  ~Lease() { release(); }
  void release();
  explicit operator bool() const { return resource_ != nullptr; }

private:
  Resource* resource_ = nullptr;
};

class Resource {
public:
  /// Throws ModelError when capacity < 0.
  Resource(Simulation& sim, std::int64_t capacity);
  Resource(const Resource&) = delete;
  Resource& operator=(const Resource&) = delete;

  std::int64_t capacity() const { return capacity_; }
  std::int64_t in_use() const { return in_use_; }
  std::size_t queue_length() const { return queue_.size(); }
  void set_capacity(std::int64_t capacity);

  class Request;
  /// Awaitable: the Lease.
  Request request(int priority = 0);

private:
  friend class Lease;
  struct Waiter {
    int priority;
    ProcessState* process;
    bool* granted;
  };
  void serve();
  void give_back();

  Simulation& sim_;
  std::int64_t capacity_, in_use_ = 0;
  std::list<Waiter> queue_;
};

class Resource::Request {
public:
  Request(Resource& resource, int priority) : resource_(resource), priority_(priority) {}

  class Awaiter {
  public:
    Awaiter(Resource& resource, int priority, ProcessState& process)
        : resource_(resource), priority_(priority), process_(process) {}
    ~Awaiter(); // a place granted to a process that was killed meanwhile goes back
    Awaiter(const Awaiter&) = delete;
    Awaiter& operator=(const Awaiter&) = delete;
    bool await_ready() const noexcept { return false; }
    void await_suspend(Process::Handle);
    Lease await_resume();

  private:
    void leave();
    Resource& resource_;
    int priority_;
    ProcessState& process_;
    bool granted_ = false, queued_ = false;
    std::list<Waiter>::iterator position_{};
  };
  Awaiter awaiter(ProcessState& process) { return Awaiter(resource_, priority_, process); }

private:
  Resource& resource_;
  int priority_;
};

inline Resource::Request Resource::request(int priority) { return Request(*this, priority); }

} // namespace windtunnel::engine
