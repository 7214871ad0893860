// Flows: transfers that the processes of one Simulation wait for, over links that all of them share
// max-min fairly: collectives of several jobs, checkpoints, image pulls.
//
//   Flows flows(sim);
//   const auto nic = flows.add_link("nic", gigabytes_per_second(50));
//   const std::vector<LinkUse> route{{nic}};
//   co_await flows.transfer(route, 1_GiB);
//
// What happens at one time shares one update of rates, behind all that is scheduled for that time;
// with a window, what happens in one (fluid.hpp). A process that is interrupted or killed in a
// transfer ends it; whole bytes that it moved are counted. A steady ring is one flow over the links
// of its rail, an all-to-all one over all its links with their shares, so that months of training
// beside a storm of checkpoints are a few flows.
//
// The Simulation and the Flows are declared before the processes that use them.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "libsim/engine/process.hpp"
#include "models/network/fluid.hpp"

namespace windtunnel::network {

class Flows {
public:
  explicit Flows(engine::Simulation& sim, Time window = {})
      : sim_(sim), fluid_(window, sim.now()) {}
  Flows(const Flows&) = delete;
  Flows& operator=(const Flows&) = delete;
  ~Flows();

  MaxMin::Link add_link(std::string name, Bandwidth capacity);
  /// From now on; at zero what uses the link waits.
  void set_capacity(MaxMin::Link link, Bandwidth capacity);
  const std::string& name(MaxMin::Link link) const { return names_.at(link); }

  class Transfer;
  /// Awaitable; a route without links takes no time. Errors as MaxMin::add_flow and Fluid::start.
  Transfer transfer(std::span<const LinkUse> route, Bytes size);
  /// The same for callbacks: `then()` is called when it ends.
  FlowId start(std::span<const LinkUse> route, Bytes size, std::function<void()> then);
  /// What it has moved; `then` is not called.
  Bytes cancel(FlowId flow);

  /// Flows, rates and bytes as of now. A copy can be put forward: what happens if nothing else
  /// does.
  const Fluid& state();

private:
  class Awaiter;
  struct Waiter {
    Awaiter* process = nullptr;
    std::function<void()> then{};
  };

  void catch_up();
  FlowId enter(std::span<const LinkUse> route, Bytes size, Waiter waiter);
  void schedule();
  void advance();

  engine::Simulation& sim_;
  Fluid fluid_;
  std::vector<std::string> names_;
  std::vector<Waiter> waiters_; ///< by the numbers of flows
  std::vector<Waiter> ended_;
  engine::EventHandle timer_;
  Time timer_at_ = Time::max();
};

class Flows::Awaiter final : public engine::Wait {
public:
  Awaiter(Flows& flows, std::vector<LinkUse> route, Bytes size, engine::ProcessState& process)
      : flows_(flows), route_(std::move(route)), size_(size), process_(process) {}
  Awaiter(const Awaiter&) = delete;
  Awaiter& operator=(const Awaiter&) = delete;
  bool await_ready() const { return process_.interrupted() || route_.empty(); }
  void await_suspend(std::coroutine_handle<>);
  void await_resume() { process_.throw_interrupt(); }
  void abandon() override;
  void forget() override { abandon(); }
  std::string describe() const override;

private:
  friend class Flows;
  Flows& flows_;
  std::vector<LinkUse> route_;
  Bytes size_;
  engine::ProcessState& process_;
  FlowId flow_{};
  bool present_ = false;
};

class Flows::Transfer {
public:
  Transfer(Flows& flows, std::vector<LinkUse> route, Bytes size)
      : flows_(flows), route_(std::move(route)), size_(size) {}
  Awaiter awaiter(engine::ProcessState& process) {
    return Awaiter(flows_, std::move(route_), size_, process);
  }

private:
  Flows& flows_;
  std::vector<LinkUse> route_;
  Bytes size_;
};

} // namespace windtunnel::network
