#include "libsim/engine/process.hpp"

#include <deque>
#include <new>

namespace windtunnel::engine {

struct ProcessState::Interrupts {
  std::deque<std::exception_ptr> causes;
};

void* ProcessState::allocate_frame(std::size_t bytes) {
  const std::size_t all = sizeof(ProcessState) + bytes;
  void* const block = take_block(all);
  auto* const state = new (block) ProcessState;
  state->block_bytes_ = all;
  state->hold();
  return static_cast<std::byte*>(block) + sizeof(ProcessState);
}

void ProcessState::release() {
  const std::size_t bytes = block_bytes_;
  this->~ProcessState();
  give_block(this, bytes);
}

ProcessState::~ProcessState() {
  if (finished_) finished_->drop();
  delete interrupts_;
}

Event ProcessState::finished() {
  if (!finished_) {
    finished_ = new EventState(*sim);
    finished_->hold();
    if (!alive()) finished_->trigger(nullptr);
  }
  return Event(*finished_);
}

bool ProcessState::add_interrupt(std::exception_ptr cause) {
  const bool first = !interrupted();
  if (first) interrupts_ = new Interrupts;
  interrupts_->causes.push_back(std::move(cause));
  return first;
}

void ProcessState::throw_first_interrupt() {
  std::deque<std::exception_ptr>& causes = interrupts_->causes;
  const std::exception_ptr first = causes.front();
  causes.pop_front();
  if (causes.empty()) delete std::exchange(interrupts_, nullptr);
  std::rethrow_exception(first);
}

namespace {

/// A process that does not run stops waiting; nothing will wake it.
void stop_waiting(ProcessState& process) {
  if (process.wait) std::exchange(process.wait, nullptr)->abandon();
  process.sim->unschedule(process);
}

void refuse_self(const ProcessState& process, const char* what) {
  if (process.sim->running() == &process)
    throw SimulationError("process '" + process.name() + "' cannot " + what + " itself");
}

} // namespace

void interrupt(const ProcessRef& process, std::string cause) {
  interrupt(process, std::make_exception_ptr(Interrupt(std::move(cause))));
}

void interrupt(const ProcessRef& ref, std::exception_ptr cause) {
  ProcessState& process = ref.state();
  if (!process.alive()) return;
  refuse_self(process, "interrupt");
  const bool first = process.add_interrupt(std::move(cause));
  if (!process.begun || !first) return; // it is scheduled to begin, or to be interrupted
  stop_waiting(process);
  process.resume_soon();
}

void kill(const ProcessRef& ref) {
  ProcessState& process = ref.state();
  if (!process.alive()) return;
  refuse_self(process, "kill");
  stop_waiting(process);
  process.sim->finish(process, nullptr);
}

} // namespace windtunnel::engine
