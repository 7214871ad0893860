// ProcessorSharing: a server whose capacity all present jobs share at once, by weight: a disk, a
// link, a CPU. `co_await server.serve(work)` ends when the job's work is done.
//
// Generalised processor sharing by virtual time (Parekh and Gallager 1993): V grows at
// capacity / (sum of weights), a job is done when V has grown by work / weight since it came, so
// jobs finish in the order of that mark. Arrivals, departures and changes of the capacity cost
// O(log n); nothing happens in between.
//
// Completion is rounded up to a nanosecond, but less than a thousandth of a nanosecond's service,
// which is what doubles leave over, counts as done: a job alone takes exactly its work. Jobs that
// are done at one time go on in the order they came.
#pragma once

#include <string>
#include <vector>

#include "libsim/engine/process.hpp"

namespace windtunnel::engine {

class ProcessorSharing {
public:
  /// Units of work per second. Throws ModelError unless finite and not negative; at zero all stand
  /// still.
  ProcessorSharing(Simulation& sim, double capacity, std::string name = "server");
  ProcessorSharing(const ProcessorSharing&) = delete;
  ProcessorSharing& operator=(const ProcessorSharing&) = delete;
  ~ProcessorSharing();

  double capacity() const { return capacity_; }
  void set_capacity(double capacity);
  std::size_t jobs() const { return heap_.size(); }
  double work_done() const; ///< until now, of all jobs, those given up included

  class Request;
  /// Awaitable. Throws ModelError unless work >= 0 and weight > 0.
  Request serve(double work, double weight = 1);

private:
  class Awaiter;
  void advance();
  void schedule();
  void complete();
  void enter(Awaiter& job);
  void leave(Awaiter& job);
  void remove(Awaiter& job);
  double reached() const;
  void place(std::size_t at, Awaiter* job);
  void sift(std::size_t at);

  Simulation& sim_;
  double capacity_;
  std::string name_;
  double virtual_ = 0, weights_ = 0, done_ = 0;
  Time advanced_{};
  EventHandle timer_;
  std::uint64_t came_ = 0;
  std::vector<Awaiter*> heap_;     ///< binary, the job that finishes first on top
  std::vector<Awaiter*> finished_; ///< now
};

class ProcessorSharing::Awaiter final : public Wait {
public:
  Awaiter(ProcessorSharing& server, double work, double weight, ProcessState& process)
      : server_(server), work_(work), weight_(weight), process_(process) {}
  Awaiter(const Awaiter&) = delete;
  Awaiter& operator=(const Awaiter&) = delete;
  bool await_ready() const { return process_.interrupted() || work_ == 0; }
  void await_suspend(std::coroutine_handle<>) {
    process_.wait = this;
    server_.enter(*this);
  }
  void await_resume() { process_.throw_interrupt(); }
  void abandon() override {
    if (present_) server_.leave(*this);
  }
  void forget() override { abandon(); }
  std::string describe() const override { return "service by '" + server_.name_ + "'"; }

private:
  friend class ProcessorSharing;
  ProcessorSharing& server_;
  double work_, weight_;
  ProcessState& process_;
  double finish_ = 0; ///< in virtual time
  std::uint64_t number_ = 0;
  std::size_t at_ = 0;
  bool present_ = false;
};

class ProcessorSharing::Request {
public:
  Request(ProcessorSharing& server, double work, double weight)
      : server_(server), work_(work), weight_(weight) {}
  Awaiter awaiter(ProcessState& process) { return Awaiter(server_, work_, weight_, process); }

private:
  ProcessorSharing& server_;
  double work_, weight_;
};

} // namespace windtunnel::engine
