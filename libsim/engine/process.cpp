#include "libsim/engine/process.hpp"

#include <algorithm>

#include "libsim/base/unit_strings.hpp"

namespace windtunnel::engine {

struct Event::State {
  explicit State(Simulation& simulation) : sim(simulation) {}
  Simulation& sim;
  bool triggered = false;
  std::exception_ptr error;
  std::uint64_t next_ticket = 1;
  std::vector<std::pair<std::uint64_t, std::function<void()>>> waiters;

  void trigger() {
    triggered = true;
    auto woken = std::exchange(waiters, {});
    for (auto& [ticket, then] : woken) then();
  }
};

Event::Event(Simulation& sim) : state_(std::make_shared<State>(sim)) {}
bool Event::triggered() const { return state_->triggered; }
std::exception_ptr Event::error() const { return state_->error; }

void Event::succeed() const {
  const std::shared_ptr<State> keep = state_;
  if (!keep->triggered) keep->trigger();
}

void Event::fail(std::exception_ptr error) const {
  const std::shared_ptr<State> keep = state_;
  if (keep->triggered) return;
  keep->error = std::move(error);
  keep->trigger();
}

std::uint64_t Event::subscribe(std::function<void()> then) const {
  const std::uint64_t ticket = state_->next_ticket++;
  if (state_->triggered)
    then();
  else
    state_->waiters.emplace_back(ticket, std::move(then));
  return ticket;
}

void Event::forget(std::uint64_t ticket) const {
  std::erase_if(state_->waiters, [&](const auto& waiter) { return waiter.first == ticket; });
}

Event timeout_event(Simulation& sim, Time delay) {
  Event event(sim);
  sim.after(delay, [event] { event.succeed(); });
  return event;
}

Event any_of(Simulation& sim, std::vector<Event> events) {
  Event any(sim);
  if (events.empty()) any.succeed();
  // Subscribers live in the event they watch: one that owned it would keep it for ever.
  for (const Event& event : events)
    event.subscribe([any, source = event.state_.get()] {
      source->error ? any.fail(source->error) : any.succeed();
    });
  return any;
}

Event all_of(Simulation& sim, std::vector<Event> events) {
  Event all(sim);
  const auto left = std::make_shared<std::size_t>(events.size());
  if (events.empty()) all.succeed();
  for (const Event& event : events)
    event.subscribe([all, source = event.state_.get(), left] {
      if (source->error)
        all.fail(source->error);
      else if (--*left == 0)
        all.succeed();
    });
  return all;
}

ProcessState::ProcessState(Simulation& simulation, std::string process_name,
                           Process::Handle coroutine)
    : sim(simulation), name(std::move(process_name)), finished(simulation), handle(coroutine) {}

ProcessState::~ProcessState() {
  if (handle) handle.destroy();
}

void ProcessState::resume_soon() {
  wake = sim.after(Time{}, [this] { resume(); });
}

void ProcessState::resume() {
  const ProcessRef keep = shared_from_this();
  wake = {};
  stop_waiting = nullptr;
  running = true;
  handle.resume();
  running = false;
  if (handle && handle.done()) return finish(handle.promise().error);
  if (pending) cut_wait_short(); // it was interrupted before it began
}

void ProcessState::cut_wait_short() {
  if (!stop_waiting) return;
  std::exchange(stop_waiting, nullptr)();
  sim.cancel(wake);
  resume_soon();
}

void ProcessState::finish(std::exception_ptr error) {
  const ProcessRef keep = shared_from_this();
  sim.forget(*this);
  std::exchange(handle, {}).destroy();
  if (!error) return finished.succeed();
  // Somebody waits: it is theirs to handle. Nobody does: the run ends here.
  if (has_waiters) return finished.fail(error);
  try {
    std::rethrow_exception(error);
  } catch (const std::exception& e) {
    throw SimulationError("at " + to_string(sim.now()) + ", process '" + name + "': " + e.what());
  }
}

Event done(const ProcessRef& process) {
  process->has_waiters = true;
  return process->finished;
}
bool alive(const ProcessRef& process) { return static_cast<bool>(process->handle); }
const std::string& name_of(const ProcessRef& process) { return process->name; }

void interrupt(const ProcessRef& process, std::string cause) {
  if (!alive(process)) return;
  if (process->running)
    throw SimulationError("process '" + process->name + "' cannot interrupt itself");
  // A process that has not begun yet waits for nothing: it is interrupted at its first co_await.
  process->cut_wait_short();
  process->pending = std::make_exception_ptr(Interrupt(std::move(cause)));
}

void kill(const ProcessRef& process) {
  if (!alive(process)) return;
  if (process->running) throw SimulationError("process '" + process->name + "' cannot kill itself");
  if (process->stop_waiting) std::exchange(process->stop_waiting, nullptr)();
  process->sim.cancel(process->wake);
  process->finish(nullptr);
}

void ProcessState::throw_pending() {
  if (pending) std::rethrow_exception(std::exchange(pending, nullptr));
}

void Process::promise_type::EventAwaiter::await_suspend(Handle) {
  ProcessState& process = process_;
  ticket_ = event_.subscribe([&process] { process.resume_soon(); });
  process.stop_waiting = [event = event_, ticket = ticket_] { event.forget(ticket); };
}

void Process::promise_type::EventAwaiter::await_resume() {
  process_.throw_pending();
  if (event_.error()) std::rethrow_exception(event_.error());
}

void Process::promise_type::TimeAwaiter::await_suspend(Handle) {
  ProcessState& process = process_;
  process.wake = process.sim.after(delay_, [&process] { process.resume(); });
  process.stop_waiting = [] {}; // cancelling `wake` is all there is to undo
}

void Process::promise_type::TimeAwaiter::await_resume() { process_.throw_pending(); }

} // namespace windtunnel::engine
