#include "models/training/training_job.hpp"

#include <gtest/gtest.h>

#include <cmath>

#include "libsim/stats/summary.hpp"

namespace windtunnel::training {
namespace {

using usage::NodeUse;

/// One node, restart of one fixed stage, exponential failures of one class.
TrainingJob::Config simple_job(Time mtbf, Time restart, Time interval, Time stall, Time persist,
                               std::int64_t cycles) {
  TrainingJob::Config config;
  config.name = "job";
  config.nodes = 1;
  config.gpus_per_node = 1;
  config.step = seconds(1);
  config.steps_per_checkpoint = interval.ns() / 1'000'000'000;
  config.steps = config.steps_per_checkpoint * cycles;
  config.checkpoint = {.size = {}, .stall = stall, .persist = persist, .load = {}};
  if (mtbf > Time{}) {
    failures::FailureClass c;
    c.name = "crash";
    c.per_gpu_hour = 1 / mtbf.hours();
    config.profile.classes.push_back(c);
  }
  config.recovery.stages.push_back({"restart", {.median = restart}, 1});
  const failures::Fleet fleet{1, mtbf > Time{} ? 1 / mtbf.hours() : 0, 1};
  config.law = failures::make_law("exponential", fleet);
  return config;
}

TrainingJob::Result simulate(TrainingJob::Config config, std::uint64_t replication,
                             Time* pool_total = nullptr) {
  engine::Simulation sim(1, replication);
  eks::NodePool pool(
      sim,
      {.name = "p", .count = config.nodes, .spares = 0, .image = {}, .image_pull = "prefetched"});
  TrainingJob job(sim, pool, std::move(config));
  sim.spawn("job", job.run());
  sim.run();
  EXPECT_TRUE(sim.unfinished_processes().empty());
  pool.shut_down();
  if (pool_total) {
    usage::NodeTime all = pool.unassigned();
    all.add(job.result().nodes);
    *pool_total = nanoseconds(static_cast<std::int64_t>(all.total()));
  }
  return job.result();
}

TEST(TrainingJob, WithoutFailuresTheTimeIsTheClosedForm) {
  const auto result =
      simulate(simple_job({}, seconds(600), hours(1), seconds(60), seconds(60), 24), 0);
  EXPECT_EQ(result.finished - result.admitted, seconds(600) + (hours(1) + seconds(60)) * 24);
  EXPECT_EQ(result.interruptions, 0);
  EXPECT_EQ(result.checkpoints, 24);
}

TEST(TrainingJob, ExponentialFailuresMeetTheExactRenewalFormula) {
  // Identity 10 of the oracle table: delta 60 s, R 600 s, M 3 h; |z| < 3.5.
  const Time mtbf = hours(3), restart = seconds(600), interval = seconds(1099), stall = seconds(60);
  std::vector<double> slowdowns;
  for (std::uint64_t r = 0; r < 400; ++r) {
    const auto result = simulate(simple_job(mtbf, restart, interval, stall, stall, 400), r);
    // The formula is per unit of work after the first start.
    const Time span = result.finished - result.admitted;
    slowdowns.push_back(span.seconds() / (interval.seconds() * 400));
  }
  // The first start is one more restart stage that failures may repeat: (e^{R/M} - 1) M.
  const double start = mtbf.seconds() * std::expm1(restart / mtbf) / (interval.seconds() * 400);
  const double expected = exact_slowdown(interval, stall, restart, mtbf) + start;
  const stats::Summary s = stats::summarise(slowdowns);
  EXPECT_LT(std::abs(s.mean - expected) / std::sqrt(s.variance / 400), 3.5)
      << s.mean << " against " << expected;
}

TEST(TrainingJob, AsynchronousCheckpointsFallBackUntilPersisted) {
  // Failure at a known time: one failure law that strikes once.
  struct Once : failures::FailureLaw {
    failures::Failure next(Time now, RandomStream&) override {
      return now < at ? failures::Failure{at, 0} : failures::Failure{};
    }
    void replaced(int, Time) override {}
    Time at{};
  };
  const auto kept_after = [](Time after_start) {
    auto config = simple_job(hours(1e6), Time{}, seconds(1000), seconds(10), seconds(300), 3);
    engine::Simulation sim;
    eks::NodePool pool(
        sim, {.name = "p", .count = 1, .spares = 0, .image = {}, .image_pull = "prefetched"});
    auto law = std::make_unique<Once>();
    Once* once = law.get();
    config.law = std::move(law);
    TrainingJob job(sim, pool, std::move(config));
    // The pool's bring-up is random: strike relative to its end.
    RandomStream copy = sim.stream("pool/p");
    once->at = eks::sample_bring_up({}, "prefetched", copy) + after_start;
    sim.spawn("job", job.run());
    sim.run();
    return job.result().lost_work;
  };
  // The first checkpoint begins at 1000 s, stalls until 1010 s and is safe at 1300 s.
  EXPECT_EQ(kept_after(seconds(1299)), seconds(1299));
  EXPECT_EQ(kept_after(seconds(1300)), seconds(1300 - 1010));
}

TEST(TrainingJob, EveryNodeNanosecondIsBookedOnce) {
  for (std::uint64_t r = 0; r < 20; ++r) {
    auto config = simple_job(hours(40), seconds(300), hours(1), seconds(60), seconds(60), 100);
    config.profile = *failures::profile("published-prior");
    config.recovery = failures::recovery_model();
    config.nodes = 6;
    config.gpus_per_node = 8;
    config.law = failures::make_law("weibull", {6, 1 / 100.0, 0.7});
    engine::Simulation sim(3, r);
    eks::NodePool pool(
        sim, {.name = "p", .count = 6, .spares = 1, .image = gibibytes(20), .image_pull = "full"});
    TrainingJob job(sim, pool, std::move(config));
    sim.spawn("job", job.run());
    Time ended;
    while (job.result().finished == Time{} && sim.step()) ended = sim.now();
    pool.shut_down();
    usage::NodeTime all = pool.unassigned();
    all.add(job.result().nodes);
    EXPECT_EQ(static_cast<double>(all.total()), 7.0 * static_cast<double>(ended.ns())) << r;
    EXPECT_GT(job.result().interruptions, 0);
    EXPECT_EQ(static_cast<std::int64_t>(job.result().nodes[NodeUse::useful]),
              6 * (seconds(1) * job.config().steps).ns());
  }
}

TEST(NodePool, JobsAreAdmittedInOrderAndNeverMoreThanTheNodes) {
  engine::Simulation sim;
  eks::NodePool pool(
      sim, {.name = "p", .count = 4, .spares = 1, .image = {}, .image_pull = "prefetched"});
  const engine::Event first = pool.acquire(3), second = pool.acquire(2), third = pool.acquire(1);
  sim.run();
  EXPECT_TRUE(first.triggered());
  EXPECT_FALSE(second.triggered());
  EXPECT_FALSE(third.triggered()) << "no overtaking";
  pool.release(3);
  EXPECT_TRUE(second.triggered());
  EXPECT_TRUE(third.triggered());
  EXPECT_THROW(pool.acquire(5), ModelError);
}

TEST(Checkpoint, OptimumAndSlowdownAreTheOraclesOfDaly) {
  EXPECT_NEAR(optimal_interval(seconds(60), hours(3)).seconds(), 1098.7763, 1e-3);
  EXPECT_NEAR(
      exact_slowdown(optimal_interval(seconds(60), hours(3)), seconds(60), seconds(600), hours(3)),
      1.1768597, 1e-6);
}

} // namespace
} // namespace windtunnel::training
