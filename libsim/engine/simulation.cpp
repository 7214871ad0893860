#include "libsim/engine/simulation.hpp"

#include "libsim/base/unit_strings.hpp"
#include "libsim/engine/process.hpp"

namespace windtunnel::engine {

Simulation::Simulation(std::uint64_t seed, std::uint64_t replication)
    : seed_(seed), replication_(replication) {}

Simulation::~Simulation() {
  // A destructor in a frame may touch the simulation, so frames go before its members.
  while (!processes_.empty()) {
    const ProcessRef last = std::move(processes_.back());
    processes_.pop_back();
    if (last->handle) std::exchange(last->handle, {}).destroy();
    last->stop_waiting = nullptr;
  }
}

EventHandle Simulation::at(Time time, Callback callback, int priority) {
  if (time < now_)
    throw SimulationError("an event at " + to_string(time) + " was scheduled at " +
                          to_string(now_) + ": the past cannot be changed");
  return queue_.push(time, priority, std::move(callback));
}

EventHandle Simulation::reschedule(EventHandle handle, Time time, int priority) {
  if (time < now_)
    throw SimulationError("an event was moved to " + to_string(time) + " at " + to_string(now_) +
                          ": the past cannot be changed");
  return queue_.reschedule(handle, time, priority);
}

bool Simulation::step() {
  Time time;
  if (!queue_.next_time(time)) return false;
  Callback callback = queue_.pop(now_);
  ++fired_;
  try {
    callback();
  } catch (const SimulationError&) {
    throw;
  } catch (const std::exception& error) {
    throw SimulationError("at " + to_string(now_) + ": " + error.what());
  }
  return true;
}

void Simulation::run() {
  while (step()) {
  }
}

void Simulation::run_until(Time time) {
  Time next;
  while (queue_.next_time(next) && next <= time) step();
  if (time > now_) now_ = time;
}

RandomStream Simulation::stream(std::string_view name) const {
  return RandomStream(seed_, replication_, name);
}

ProcessRef Simulation::spawn(std::string name, Process process) {
  auto state =
      std::make_shared<ProcessState>(*this, std::move(name), std::exchange(process.handle_, {}));
  state->handle.promise().state = state.get();
  processes_.push_back(state);
  state->resume_soon();
  return state;
}

void Simulation::forget(const ProcessState& process) {
  for (ProcessRef& candidate : processes_)
    if (candidate.get() == &process) {
      std::swap(candidate, processes_.back());
      processes_.pop_back();
      return;
    }
}

std::vector<std::string> Simulation::unfinished_processes() const {
  std::vector<std::string> names;
  for (const ProcessRef& process : processes_) names.push_back(process->name);
  return names;
}

} // namespace windtunnel::engine
