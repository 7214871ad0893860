#include "libsim/engine/simulation.hpp"

#include <utility>

#include "libsim/base/unit_strings.hpp"
#include "libsim/engine/process.hpp"

namespace windtunnel::engine {
namespace {

/// The exception at hand as a SimulationError that says where; the original is nested in it.
[[noreturn]] void rethrow_at(const std::string& where) {
  try {
    throw;
  } catch (const std::exception& e) {
    std::throw_with_nested(SimulationError(where + ": " + e.what()));
  } catch (...) {
    std::throw_with_nested(SimulationError(where + ": an exception that is no std::exception"));
  }
}

} // namespace

Simulation::~Simulation() {
  // Destructors in frames may touch the simulation, so frames go before its members.
  closing_ = true;
  while (last_) finish(*last_, nullptr);
}

void Simulation::refuse_past(Time time) const {
  throw SimulationError("an event at " + to_string(time) + " was scheduled at " + to_string(now()) +
                        ": the past cannot be changed");
}

ProcessRef Simulation::spawn(std::string_view name, Process process) {
  const auto frame = std::exchange(process.handle_, {});
  ProcessState& state = ProcessState::of(frame.address());
  state.sim = this;
  state.name_ = name;
  state.frame = state.leaf = frame;
  frame.promise().state = &state;
  state.previous_ = last_;
  (last_ ? last_->next_ : first_) = &state;
  last_ = &state;
  state.resume_soon();
  return ProcessRef(state);
}

/// Fires the event that queue_.first() found.
[[gnu::always_inline]] inline void Simulation::fire() {
  ++fired_;
  if (Resumable* const resumed = queue_.fire()) {
    ProcessState& process = static_cast<ProcessState&>(*resumed);
    __builtin_prefetch(&process + 1); // its frame, which is reached through the record only
    resume(process);
  }
}

[[gnu::always_inline]] inline void Simulation::resume(ProcessState& process) {
  process.wait = nullptr;
  process.begun = true;
  running_ = &process;
  for (;;) {
    const std::coroutine_handle<> leaf = process.leaf;
    leaf.resume();
    if (process.leaf != leaf) continue; // a task begins, or ends and its caller goes on
    running_ = nullptr;
    if (leaf.done())
      finish(process, std::move(Process::Handle::from_address(leaf.address()).promise().error));
    return;
  }
}

void Simulation::finish(ProcessState& process, std::exception_ptr error) {
  (process.previous_ ? process.previous_->next_ : first_) = process.next_;
  (process.next_ ? process.next_->previous_ : last_) = process.previous_;
  process.previous_ = process.next_ = nullptr;
  const ProcessRef keep(process); // the frame may be its last holder, and a listener may throw
  if (closing_ && process.wait) std::exchange(process.wait, nullptr)->forget();
  process.leaf = {};
  std::exchange(process.frame, {}).destroy();
  if (closing_) return;
  const bool awaited = process.awaited;
  if (error) {
    // With time and name, so that whoever gets it knows where it comes from.
    try {
      try {
        std::rethrow_exception(error);
      } catch (...) {
        rethrow_at("at " + to_string(now()) + ", process '" + process.name_ + "'");
      }
    } catch (...) {
      error = std::current_exception();
    }
  }
  // Somebody waits: the error is theirs to handle. Nobody does: the run ends here.
  const bool ends_run = error && !awaited;
  if (error && !process.finished_) { // for who asks later how it ended
    process.finished_ = new EventState(*this);
    process.finished_->hold();
  }
  try {
    if (process.finished_) process.finished_->trigger(error);
  } catch (...) {
    if (!ends_run) throw; // else the process's own error comes before that of who heard of it
  }
  if (ends_run) std::rethrow_exception(error);
}

/// Runs events; what leaves one names the time, unless a process has said so already.
template <class Run> void Simulation::guarded(Run run) {
  // One that runs inside could resume the process that called it.
  if (runs_)
    throw SimulationError(
        "at " + to_string(now()) +
        ": an event called run(), run_until() or step(), which are not for events");
  struct Ends {
    bool& runs;
    ~Ends() { runs = false; }
  } const ends{runs_ = true};
  try {
    run();
  } catch (const SimulationError&) {
    running_ = nullptr;
    throw;
  } catch (...) {
    running_ = nullptr;
    rethrow_at("at " + to_string(now()));
  }
}

void Simulation::trace_events(std::function<void(const FiredEvent&)> trace, EventFilter only) {
  if (trace && (only.process || only.from > Time{} || only.until < Time::max()))
    trace = [trace = std::move(trace), only = std::move(only)](const FiredEvent& event) {
      if (event.at >= only.from && event.at <= only.until &&
          (!only.process || only.process(event.process)))
        trace(event);
    };
  trace_ = std::move(trace);
}

/// Fires the next event if that is not after `limit`, in nanoseconds; the trace is told before.
[[gnu::noinline]] bool Simulation::fire_next(std::uint64_t limit) {
  for (;;) {
    const std::uint64_t time = queue_.first();
    if (time > limit) return false;
    if (!trace_) break;
    const std::uint64_t word = queue_.first_word();
    const auto* const process = static_cast<const ProcessState*>(queue_.first_process());
    const std::function<void(const FiredEvent&)> trace = trace_; // it may end itself
    trace({.at = nanoseconds(static_cast<std::int64_t>(time)),
           .number = fired_ + 1,
           .process = process ? std::string_view(process->name_) : std::string_view()});
    // It may have cancelled that event, or scheduled what comes before.
    if (queue_.first() == time && queue_.first_word() == word) break;
  }
  fire();
  return true;
}

bool Simulation::step() {
  bool fired = false;
  guarded([&] { fired = fire_next(EventQueue::never - 1); });
  return fired;
}

void Simulation::run() { run_until(Time::max()); }

void Simulation::run_until(Time time) {
  if (time < now())
    throw SimulationError("a run until " + to_string(time) + " was begun at " + to_string(now()) +
                          ": the past cannot be run");
  const bool bounded = time != Time::max();
  const auto limit = bounded ? static_cast<std::uint64_t>(time.ns()) : EventQueue::never - 1;
  guarded([&] {
    for (;;) {
      const std::uint64_t first = queue_.first();
      if (first > limit) break;
      if (trace_) [[unlikely]]
        fire_next(limit);
      else
        fire();
    }
  });
  if (bounded && time > now()) queue_.advance(time);
}

RandomStream Simulation::stream(std::string_view name) const {
  return RandomStream(seed_, replication_, name);
}

std::vector<std::string> Simulation::unfinished_processes() const {
  std::vector<std::string> names;
  for (const ProcessState* p = first_; p; p = p->next_) names.push_back(p->name_);
  return names;
}

std::vector<ProcessStatus> Simulation::processes() const {
  std::vector<ProcessStatus> all;
  for (const ProcessState* p = first_; p; p = p->next_) {
    std::string waits = "its turn";
    if (p == running_) {
      waits = "nothing: it runs";
    } else if (p->wait) {
      waits = p->wait->describe();
    } else if (p->until > now()) {
      waits = "until " + to_string(p->until);
    }
    all.push_back({p->name_, std::move(waits)});
  }
  return all;
}

} // namespace windtunnel::engine
