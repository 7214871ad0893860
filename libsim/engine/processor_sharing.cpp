#include "libsim/engine/processor_sharing.hpp"

#include <algorithm>
#include <cmath>

#include "libsim/engine/wait_queue.hpp"

namespace windtunnel::engine {
namespace {

/// Service shorter than this is what rounding left over, not work.
constexpr double negligible_ns = 1e-3;

void require_capacity(double capacity) {
  if (!(capacity >= 0 && std::isfinite(capacity)))
    throw ModelError("a server's capacity is finite and not negative");
}

} // namespace

ProcessorSharing::ProcessorSharing(Simulation& sim, double capacity, std::string name)
    : sim_(sim), capacity_(capacity), name_(std::move(name)), advanced_(sim.now()) {
  require_capacity(capacity);
}

ProcessorSharing::~ProcessorSharing() {
  sim_.cancel(timer_);
  for (Awaiter* const job : heap_) WaitForNothing::begin(job->process_);
}

void ProcessorSharing::set_capacity(double capacity) {
  require_capacity(capacity);
  advance();
  capacity_ = capacity;
  schedule();
}

ProcessorSharing::Request ProcessorSharing::serve(double work, double weight) {
  if (!(work >= 0) || !(weight > 0))
    throw ModelError("a job needs work that is not negative and a positive weight");
  return Request(*this, work, weight);
}

double ProcessorSharing::work_done() const {
  return done_ + (heap_.empty() ? 0 : (sim_.now() - advanced_).seconds() * capacity_);
}

/// Virtual time and work done until now.
void ProcessorSharing::advance() {
  const double work = (sim_.now() - advanced_).seconds() * capacity_;
  advanced_ = sim_.now();
  if (heap_.empty()) return;
  virtual_ += work / weights_;
  done_ += work;
}

/// The virtual time until which jobs are done by now: all but what rounding of the sums left over,
/// which is no work. A capacity that falls to zero in the instant in which a job is done must not
/// keep it.
double ProcessorSharing::reached() const {
  constexpr double rounding = 0x1p-44; // some hundred additions; a nanosecond in five hours
  return virtual_ + std::max(rounding * virtual_, negligible_ns * 1e-9 * capacity_ / weights_);
}

void ProcessorSharing::schedule() {
  sim_.cancel(timer_);
  if (heap_.empty()) {
    virtual_ = weights_ = 0; // no drift over busy periods
    return;
  }
  double left_ns = 0;
  if (heap_.front()->finish_ > reached()) {
    if (capacity_ == 0) return;
    const double left_s = (heap_.front()->finish_ - virtual_) * weights_ / capacity_;
    left_ns = std::ceil(left_s * 1e9 - negligible_ns);
    if (left_ns > 9e18) return; // after the end of time
  }
  timer_ = sim_.after(nanoseconds(static_cast<std::int64_t>(left_ns)), [this] { complete(); });
}

/// The job on top is done by now, and all whose marks have been reached.
void ProcessorSharing::complete() {
  advance();
  virtual_ = std::max(virtual_, heap_.front()->finish_);
  const double now_done = reached();
  while (!heap_.empty() && heap_.front()->finish_ <= now_done) {
    finished_.push_back(heap_.front());
    remove(*heap_.front());
  }
  std::sort(finished_.begin(), finished_.end(),
            [](const Awaiter* a, const Awaiter* b) { return a->number_ < b->number_; });
  for (Awaiter* job : finished_) job->process_.resume_soon();
  finished_.clear();
  schedule();
}

void ProcessorSharing::enter(Awaiter& job) {
  advance();
  weights_ += job.weight_;
  job.finish_ = virtual_ + job.work_ / job.weight_;
  job.number_ = ++came_;
  job.present_ = true;
  heap_.push_back(&job);
  place(heap_.size() - 1, &job);
  sift(heap_.size() - 1);
  schedule();
}

void ProcessorSharing::leave(Awaiter& job) {
  advance();
  remove(job);
  schedule();
}

void ProcessorSharing::remove(Awaiter& job) {
  weights_ -= job.weight_;
  job.present_ = false;
  Awaiter* const last = heap_.back();
  heap_.pop_back();
  if (last != &job) {
    place(job.at_, last);
    sift(job.at_);
  }
}

void ProcessorSharing::place(std::size_t at, Awaiter* job) {
  heap_[at] = job;
  job->at_ = at;
}

/// Moves the job at `at` up or down to where it belongs.
void ProcessorSharing::sift(std::size_t at) {
  Awaiter* const job = heap_[at];
  const auto before = [](const Awaiter* a, const Awaiter* b) { return a->finish_ < b->finish_; };
  while (at > 0 && before(job, heap_[(at - 1) / 2])) {
    place(at, heap_[(at - 1) / 2]);
    at = (at - 1) / 2;
  }
  for (;;) {
    std::size_t child = 2 * at + 1;
    if (child >= heap_.size()) break;
    if (child + 1 < heap_.size() && before(heap_[child + 1], heap_[child])) ++child;
    if (!before(heap_[child], job)) break;
    place(at, heap_[child]);
    at = child;
  }
  place(at, job);
}

} // namespace windtunnel::engine
