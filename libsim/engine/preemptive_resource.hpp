// PreemptiveResource: places that a more urgent request may take from who holds them.
//
//   Hold hold = co_await machine.request(2);           // priority 2
//   try {
//     co_await job_time;
//   } catch (const Preempted& preempted) {             // lost to a request of priority < 2
//     done = sim.now() - preempted.held_since();
//   }
//
// A request that finds no free place takes one from the least urgent holder (largest priority
// number; of equals, who came last) if that is less urgent than itself; `Preempt::no` waits
// instead. The holder's process is interrupted with Preempted at the same time, its Hold is empty
// from then on. Requests of equal priority never preempt each other. Waiting requests are served by
// priority, then in order. A process does not preempt itself. Lowering the capacity takes nothing
// away, unless asked to: then the least urgent holders lose their places until the rest fits.
//
// Whether a request takes a place is decided once, when it is made: one that waits, because the
// holders were as urgent, somebody as urgent waited before it or a cut had left more holders than
// places, takes none later on.
#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "libsim/engine/process.hpp"
#include "libsim/engine/wait_queue.hpp"

namespace windtunnel::engine {

class PreemptiveResource;

enum class Preempt { yes, no };
enum class OnCut { keep_holders, preempt_holders };

/// What a process is interrupted with when its place is taken.
class Preempted : public Interrupt {
public:
  Preempted(std::string by, Time held_since)
      : Interrupt("preempted by " + by), held_since_(held_since) {}
  Time held_since() const { return held_since_; }

private:
  Time held_since_;
};

/// A held place. Movable; releases on destruction. It belongs to the process that asked for it.
class Hold {
public:
  Hold() = default;
  Hold(PreemptiveResource& resource, std::uint64_t ticket);
  Hold(Hold&& other) noexcept
      : resource_(std::exchange(other.resource_, nullptr)), sim_(other.sim_),
        ticket_(other.ticket_) {}
  Hold& operator=(Hold&& other) noexcept {
    if (this != &other) {
      release();
      resource_ = std::exchange(other.resource_, nullptr);
      sim_ = other.sim_;
      ticket_ = other.ticket_;
    }
    return *this;
  }
  ~Hold() { release(); }
  void release();
  explicit operator bool() const; ///< false when released or preempted

private:
  PreemptiveResource* resource_ = nullptr;
  Simulation* sim_ = nullptr;
  std::uint64_t ticket_ = 0;
};

class PreemptiveResource {
public:
  /// Throws ModelError when capacity < 0.
  PreemptiveResource(Simulation& sim, std::int64_t capacity, std::string name = "resource");
  PreemptiveResource(const PreemptiveResource&) = delete;
  PreemptiveResource& operator=(const PreemptiveResource&) = delete;

  Simulation& sim() const { return sim_; }
  std::int64_t capacity() const { return capacity_; }
  std::int64_t in_use() const { return static_cast<std::int64_t>(holders_.size()); }
  std::size_t queue_length() const { return queue_.size(); }
  const std::string& name() const { return name_; }
  void set_capacity(std::int64_t capacity, OnCut on_cut = OnCut::keep_holders);

  class Request;
  /// Awaitable: the Hold. A smaller priority is more urgent.
  Request request(int priority = 0, Preempt preempt = Preempt::yes);

private:
  friend class Hold;
  class Awaiter;
  struct Holder {
    std::uint64_t ticket;
    int priority;
    Time since;
    ProcessRef process;
  };
  std::uint64_t admit(ProcessState& process, int priority);
  std::uint64_t try_admit(ProcessState& process, int priority, Preempt preempt);
  std::vector<Holder>::iterator least_urgent(const ProcessState* except);
  Holder remove(std::vector<Holder>::iterator holder);
  void tell(const Holder& loser, const std::string& by);
  bool holds(std::uint64_t ticket) const;
  void give_back(std::uint64_t ticket);
  void serve();

  Simulation& sim_;
  std::int64_t capacity_;
  std::string name_;
  std::uint64_t next_ticket_ = 1;
  std::vector<Holder> holders_; ///< in the order they came
  WaitQueue<Awaiter> queue_;
};

class PreemptiveResource::Awaiter final : public Wait, public WaitNode {
public:
  Awaiter(PreemptiveResource& resource, int request_priority, Preempt preempt,
          ProcessState& process)
      : resource_(resource), preempt_(preempt), process_(process) {
    priority = request_priority;
  }
  Awaiter(const Awaiter&) = delete;
  Awaiter& operator=(const Awaiter&) = delete;
  bool await_ready();
  void await_suspend(std::coroutine_handle<>);
  Hold await_resume();
  void abandon() override;
  void forget() override {
    if (queued) resource_.queue_.remove(*this);
  }
  std::string describe() const override { return "a place of '" + resource_.name_ + "'"; }

private:
  friend class PreemptiveResource;
  friend class WaitQueue<Awaiter>;
  PreemptiveResource& resource_;
  Preempt preempt_;
  ProcessState& process_;
  std::uint64_t ticket_ = 0; ///< granted, not yet handed over
};

class PreemptiveResource::Request {
public:
  Request(PreemptiveResource& resource, int priority, Preempt preempt)
      : resource_(resource), priority_(priority), preempt_(preempt) {}
  Awaiter awaiter(ProcessState& process) {
    return Awaiter(resource_, priority_, preempt_, process);
  }

private:
  PreemptiveResource& resource_;
  int priority_;
  Preempt preempt_;
};

} // namespace windtunnel::engine
