#include "libsim/engine/preemptive_resource.hpp"

#include <algorithm>

namespace windtunnel::engine {
namespace {

std::int64_t checked_capacity(std::int64_t capacity) {
  if (capacity < 0) throw ModelError("a resource cannot have a negative capacity");
  return capacity;
}

} // namespace

Hold::Hold(PreemptiveResource& resource, std::uint64_t ticket)
    : resource_(&resource), sim_(&resource.sim()), ticket_(ticket) {}

void Hold::release() {
  PreemptiveResource* const held = std::exchange(resource_, nullptr);
  if (held && !sim_->closing()) held->give_back(ticket_);
}

Hold::operator bool() const { return resource_ && resource_->holds(ticket_); }

PreemptiveResource::PreemptiveResource(Simulation& sim, std::int64_t capacity, std::string name)
    : sim_(sim), capacity_(checked_capacity(capacity)), name_(std::move(name)) {}

PreemptiveResource::Request PreemptiveResource::request(int priority, Preempt preempt) {
  return Request(*this, priority, preempt);
}

void PreemptiveResource::set_capacity(std::int64_t capacity, OnCut on_cut) {
  capacity_ = checked_capacity(capacity);
  if (on_cut == OnCut::preempt_holders)
    while (in_use() > capacity_) {
      const auto holder = least_urgent(sim_.running());
      if (holder == holders_.end()) break; // only the caller's own places are left
      const Holder loser = remove(holder);
      tell(loser, "a cut of '" + name_ + "'");
    }
  serve();
}

std::uint64_t PreemptiveResource::admit(ProcessState& process, int priority) {
  holders_.push_back({next_ticket_, priority, sim_.now(), ProcessRef(process)});
  return next_ticket_++;
}

/// A ticket when there is a place, or one can be taken; else 0.
std::uint64_t PreemptiveResource::try_admit(ProcessState& process, int priority, Preempt preempt) {
  if (!queue_.empty() && queue_.front().priority <= priority) return 0; // others wait before it
  if (in_use() < capacity_) return admit(process, priority);
  if (preempt == Preempt::no || in_use() > capacity_) return 0;
  const auto holder = least_urgent(&process);
  if (holder == holders_.end() || holder->priority <= priority) return 0;
  // The place changes hands before the loser hears of it: giving up what it waits for, that may
  // return another place of its own, which is for those who wait.
  const Holder loser = remove(holder);
  const std::uint64_t ticket = admit(process, priority);
  tell(loser, "'" + process.name() + "'");
  return ticket;
}

std::vector<PreemptiveResource::Holder>::iterator
PreemptiveResource::least_urgent(const ProcessState* except) {
  auto least = holders_.end();
  for (auto holder = holders_.begin(); holder != holders_.end(); ++holder)
    if (&holder->process.state() != except &&
        (least == holders_.end() || holder->priority >= least->priority))
      least = holder;
  return least;
}

PreemptiveResource::Holder PreemptiveResource::remove(std::vector<Holder>::iterator holder) {
  Holder removed = std::move(*holder);
  holders_.erase(holder);
  return removed;
}

/// Interrupts who has lost a place.
void PreemptiveResource::tell(const Holder& loser, const std::string& by) {
  interrupt(loser.process, std::make_exception_ptr(Preempted(by, loser.since)));
}

bool PreemptiveResource::holds(std::uint64_t ticket) const {
  return std::any_of(holders_.begin(), holders_.end(),
                     [&](const Holder& holder) { return holder.ticket == ticket; });
}

void PreemptiveResource::give_back(std::uint64_t ticket) {
  if (std::erase_if(holders_, [&](const Holder& holder) { return holder.ticket == ticket; }) > 0)
    serve();
}

void PreemptiveResource::serve() {
  while (in_use() < capacity_ && !queue_.empty()) {
    Awaiter& next = queue_.front();
    queue_.remove(next);
    next.ticket_ = admit(next.process_, next.priority);
    next.process_.resume_soon();
  }
}

bool PreemptiveResource::Awaiter::await_ready() {
  if (process_.interrupted()) return true;
  ticket_ = resource_.try_admit(process_, priority, preempt_);
  return ticket_ != 0;
}

void PreemptiveResource::Awaiter::await_suspend(std::coroutine_handle<>) {
  process_.wait = this;
  resource_.queue_.insert(*this);
}

Hold PreemptiveResource::Awaiter::await_resume() {
  process_.throw_interrupt();
  return Hold(resource_, std::exchange(ticket_, 0));
}

void PreemptiveResource::Awaiter::abandon() {
  if (queued)
    resource_.queue_.remove(*this);
  else if (ticket_ != 0)
    resource_.give_back(std::exchange(ticket_, 0));
}

} // namespace windtunnel::engine
