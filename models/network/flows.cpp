#include "models/network/flows.hpp"

#include <utility>

#include "libsim/base/error.hpp"
#include "libsim/base/unit_strings.hpp"
#include "libsim/engine/wait_queue.hpp"

namespace windtunnel::network {
namespace {

/// Rates are brought up to date behind all else of a time.
constexpr int last_priority = 15;

} // namespace

Flows::~Flows() {
  sim_.cancel(timer_);
  for (const Waiter& waiter : waiters_)
    if (waiter.process) engine::WaitForNothing::begin(waiter.process->process_);
}

MaxMin::Link Flows::add_link(std::string name, Bandwidth capacity) {
  const MaxMin::Link link = fluid_.add_link(capacity);
  names_.push_back(std::move(name));
  return link;
}

/// The state follows the clock; what ends now is left to the event that is scheduled for it.
void Flows::catch_up() { fluid_.idle_until(sim_.now()); }

void Flows::set_capacity(MaxMin::Link link, Bandwidth capacity) {
  catch_up();
  fluid_.set_capacity(link, capacity);
  schedule();
}

const Fluid& Flows::state() {
  catch_up();
  return fluid_;
}

Flows::Transfer Flows::transfer(std::span<const LinkUse> route, Bytes size) {
  if (size < Bytes{}) throw ModelError("a flow's size is not negative");
  fluid_.rates().require_route(route);
  return Transfer(*this, {route.begin(), route.end()}, size);
}

FlowId Flows::enter(std::span<const LinkUse> route, Bytes size, Waiter waiter) {
  catch_up();
  const FlowId flow = fluid_.start(route, size);
  if (waiters_.size() <= flow.number) waiters_.resize(flow.number + 1);
  waiters_[flow.number] = std::move(waiter);
  schedule();
  return flow;
}

FlowId Flows::start(std::span<const LinkUse> route, Bytes size, std::function<void()> then) {
  return enter(route, size, {.then = std::move(then)});
}

Bytes Flows::cancel(FlowId flow) {
  catch_up();
  const Bytes moved = fluid_.cancel(flow);
  waiters_[flow.number] = {};
  schedule();
  return moved;
}

void Flows::schedule() {
  const Time next = fluid_.next();
  if (next == timer_at_ && next != sim_.now()) return;
  sim_.cancel(timer_);
  timer_at_ = next;
  if (next == Time::max()) return;
  timer_ = sim_.at(
      next,
      [this] {
        timer_at_ = Time::max();
        advance();
      },
      next == sim_.now() ? last_priority : engine::Simulation::normal_priority);
}

void Flows::advance() {
  for (const FlowId flow : fluid_.advance(sim_.now()))
    ended_.push_back(std::exchange(waiters_[flow.number], {}));
  // Those who are called may start flows, which takes up the numbers again.
  std::vector<Waiter> ended = std::move(ended_);
  for (Waiter& waiter : ended)
    if (waiter.process) {
      waiter.process->present_ = false;
      waiter.process->process_.resume_soon();
    } else if (waiter.then) {
      waiter.then();
    }
  ended.clear();
  ended_ = std::move(ended); // its memory
  schedule();
}

void Flows::Awaiter::await_suspend(std::coroutine_handle<>) {
  process_.wait = this;
  flow_ = flows_.enter(route_, size_, {.process = this});
  present_ = true;
}

void Flows::Awaiter::abandon() {
  if (!present_) return;
  present_ = false;
  flows_.cancel(flow_);
}

std::string Flows::Awaiter::describe() const {
  std::string text = "a transfer of " + to_string(size_) + " over";
  for (std::size_t i = 0; i < route_.size() && i < 3; ++i)
    text += (i ? ", '" : " '") + flows_.name(route_[i].link) + "'";
  return route_.size() > 3 ? text + " and others" : text;
}

} // namespace windtunnel::network
