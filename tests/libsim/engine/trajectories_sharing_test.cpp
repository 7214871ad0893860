// Jobs that share a processor, against exact arithmetic. The callback model keeps the work left of
// each job without rounding, in parts of a nanosecond that divide by every sum of weights up to 40,
// and looks at all jobs whenever anything happens; ProcessorSharing keeps virtual time in doubles.
// Equal here means equal to the nanosecond and in order, by the rule both go by: a job is done at
// the first whole nanosecond at which it needs less than a thousandth of one to end, which is far
// more than doubles are wrong by.
#include <algorithm>

#include "libsim/engine/processor_sharing.hpp"
#include "tests/libsim/engine/trajectories.hpp"

namespace windtunnel::engine {
namespace {

struct Customer {
  Time gap, service;
  std::int64_t weight;
};
using Customers = std::vector<Customer>;

/// Of weights 1 to `heaviest`.
Customers draw(Law law, std::uint64_t seed, std::size_t count, double mean_gap, double mean_service,
               std::uint64_t heaviest) {
  Draws gaps(law, seed, "gaps"), services(law, seed, "services"), weights(law, seed, "weights");
  Customers all;
  for (std::size_t i = 0; i < count; ++i) {
    const Time gap = gaps.exponential(mean_gap);
    const Time service = services.lognormal(mean_service);
    all.push_back({gap, service, static_cast<std::int64_t>(1 + weights.below(heaviest))});
  }
  return all;
}

constexpr std::size_t n = 20'000; ///< customers a replication

Process sharer(Simulation& sim, Trajectory& seen, ProcessorSharing& processor, std::size_t i,
               Customer self) {
  note(seen, sim, i, What::arrives);
  co_await processor.serve(self.service.seconds(), static_cast<double>(self.weight));
  note(seen, sim, i, What::leaves);
}

Trajectory shared_processor(const Customers& customers) {
  Simulation sim;
  Trajectory seen;
  ProcessorSharing processor(sim, 1);
  const auto arrive = [&](std::size_t i) {
    sim.spawn("sharer", sharer(sim, seen, processor, i, customers[i]));
  };
  sim.spawn("source", source(customers, arrive));
  sim.run();
  return seen;
}

template <class Clock> class SharedProcessorByCallbacks {
public:
  explicit SharedProcessorByCallbacks(const Customers& customers) : customers_(customers) {}
  Trajectory run() {
    spawn_arrivals(clock_, customers_, *this);
    clock_.run();
    return seen_;
  }
  void arrive(std::size_t i) {
    clock_.at(clock_.now(), [this, i] { begin(i); });
  }

private:
  struct Job {
    std::size_t customer;
    std::int64_t weight;
    Int128 left; ///< work, in parts
  };
  static constexpr std::int64_t parts = 5'342'931'457'063'200; // of a nanosecond: lcm(1, ..., 40)

  void begin(std::size_t i) {
    note(seen_, clock_, i, What::arrives);
    const Customer& customer = customers_[i];
    if (customer.service == Time{}) {
      note(seen_, clock_, i, What::leaves);
      return;
    }
    advance();
    jobs_.push_back({i, customer.weight, Int128{customer.service.ns()} * parts});
    weights_ += customer.weight;
    schedule();
  }
  void advance() {
    const std::int64_t passed = (clock_.now() - advanced_).ns();
    advanced_ = clock_.now();
    if (jobs_.empty()) return;
    ASSERT_EQ(parts % weights_, 0);
    for (Job& job : jobs_) job.left -= Int128{passed} * (parts / weights_ * job.weight);
  }
  /// Whole nanoseconds until it is done if nobody comes or goes.
  std::int64_t time_left(const Job& job) const {
    const Int128 nanosecond = Int128{1000} * job.weight * parts; // in units of this, and less 1e-3
    const Int128 left = 1000 * job.left * weights_ - Int128{job.weight} * parts;
    return left > 0 ? static_cast<std::int64_t>((left + nanosecond - 1) / nanosecond) : 0;
  }
  void schedule() {
    if (jobs_.empty()) return;
    std::int64_t first = time_left(jobs_.front());
    for (const Job& job : jobs_) first = std::min(first, time_left(job));
    const Time end = clock_.now() + nanoseconds(first);
    if (scheduled_)
      completion_ = clock_.reschedule(completion_, end);
    else
      completion_ = clock_.at(end, [this] { complete(); });
    scheduled_ = true;
  }
  void complete() {
    scheduled_ = false;
    advance();
    std::vector<Job> stay;
    std::int64_t weights = 0;
    for (const Job& job : jobs_) {
      if (time_left(job) == 0) {
        clock_.at(clock_.now(), [this, i = job.customer] { note(seen_, clock_, i, What::leaves); });
        continue;
      }
      stay.push_back(job);
      weights += job.weight;
    }
    jobs_ = std::move(stay);
    weights_ = weights;
    schedule();
  }

  Clock clock_;
  const Customers& customers_;
  std::vector<Job> jobs_; ///< in the order they came
  std::int64_t weights_ = 0;
  Time advanced_{};
  bool scheduled_ = false;
  Handle<Clock> completion_{};
  Trajectory seen_;
};

TEST(SharedProcessorTrajectory, EqualSharesAreThoseOfExactArithmetic) {
  for_all_draws([](Law law, std::uint64_t seed) {
    const Customers customers = draw(law, seed, 25'000, 2.5, 1.5, 1);
    Trajectory seen = shared_processor(customers);
    expect_callbacks_agree<SharedProcessorByCallbacks>(seen, customers);
    return seen;
  });
}

TEST(SharedProcessorTrajectory, SharesByWeightAreThoseOfExactArithmetic) {
  for_all_draws([](Law law, std::uint64_t seed) {
    const Customers customers = draw(law, seed, 25'000, 2.5, 1, 3);
    Trajectory seen = shared_processor(customers);
    expect_callbacks_agree<SharedProcessorByCallbacks>(seen, customers);
    return seen;
  });
}

TEST(SharedProcessorTrajectory, MeanSojournIsTheWorkOverTheSpareCapacity) {
  // M/G/1 processor sharing: E[S] / (1 - rho), whatever the law of the work; Sakata, Noguchi and
  // Oizumi 1969; Kleinrock, Queueing Systems II, 1976, 4.4.
  constexpr double rate = 0.6;
  expect_means({1 / (1 - rate)}, 0.02, [](std::uint64_t seed) {
    const Customers customers = draw(Law::continuous, seed, n, 1 / rate, 1, 1);
    return std::vector{mean_between(shared_processor(customers), What::arrives, What::leaves, n)};
  });
}

} // namespace
} // namespace windtunnel::engine
