// ProcessState: the simulation's record of one process, and what its co_await expressions stand on.
// Users meet it as ProcessRef (process.hpp); authors of new things to wait for meet Wait.
//
// The record and the coroutine frame are one block of memory. The frame dies when the process ends
// or is killed; the record stays until the last ProcessRef is gone.
#pragma once

#include <coroutine>
#include <exception>
#include <string>

#include "libsim/engine/event.hpp"
#include "libsim/engine/simulation.hpp"

namespace windtunnel::engine {

/// Something a suspended process waits in, other than time. Lives in the process's frame.
class Wait {
public:
  /// The process waits no longer: leave the queue, and give back what was granted meanwhile.
  virtual void abandon() = 0;
  /// The simulation ends: leave the queue, and that is all.
  virtual void forget() {}
  /// For the deadlock report: "a place of the resource 'counter'".
  virtual std::string describe() const = 0;

protected:
  ~Wait() = default;
};

/// A cache line of what every wait touches, a line of what is touched once in a life, the frame.
class alignas(64) ProcessState : public Resumable {
public:
  bool begun = false;
  bool awaited = false; ///< somebody takes the exception that leaves it
  Simulation* sim = nullptr;
  std::coroutine_handle<> leaf{};  ///< what resumes next: the process or a task it called
  std::coroutine_handle<> frame{}; ///< of the process; empty when it has ended
  Wait* wait = nullptr;            ///< what it waits in; none: time, or nothing
  Time until{};                    ///< the time it waits for, or waited for last

  bool alive() const { return static_cast<bool>(frame); }
  const std::string& name() const { return name_; }
  /// Resumes at the present time, behind what is scheduled for it.
  void resume_soon() { sim->schedule_now(*this); }
  bool interrupted() const { return interrupts_ != nullptr; }
  /// First thing when a co_await goes on: an interrupt that came meanwhile is thrown.
  void throw_interrupt() {
    if (interrupted()) [[unlikely]]
      throw_first_interrupt();
  }
  /// The next co_await throws `cause`; false when one was to be thrown already.
  bool add_interrupt(std::exception_ptr cause);
  /// Triggers when it ends; with the exception that leaves it when somebody awaits that.
  Event finished();

  void hold() { ++holders_; }
  void drop() {
    if (--holders_ == 0) release();
  }
  /// Memory of a frame behind its record; the frame is one of the record's holders.
  static void* allocate_frame(std::size_t bytes);
  static void free_frame(void* frame) { of(frame).drop(); }
  static ProcessState& of(void* frame) {
    return *reinterpret_cast<ProcessState*>(static_cast<std::byte*>(frame) - sizeof(ProcessState));
  }

private:
  friend class Simulation;
  ProcessState() = default;
  ~ProcessState();
  [[noreturn]] void throw_first_interrupt();
  void release();

  struct Interrupts;
  Interrupts* interrupts_ = nullptr; ///< not yet thrown

  // The second line.
  ProcessState *previous_ = nullptr, *next_ = nullptr; ///< among the simulation's processes
  EventState* finished_ = nullptr;                     ///< made when somebody asks
  std::string name_{};
  std::size_t block_bytes_ = 0;
};
static_assert(sizeof(ProcessState) == Resumable::record_bytes);

} // namespace windtunnel::engine
