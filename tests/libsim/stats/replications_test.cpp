#include "libsim/stats/replications.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <memory>
#include <set>
#include <thread>

#include "libsim/engine/process.hpp"
#include "libsim/engine/resource.hpp"
#include "libsim/engine/simulation.hpp"
#include "libsim/stats/time_weighted.hpp"

namespace windtunnel::stats {
namespace {

ReplicationOptions on(int threads) {
  ReplicationOptions options;
  options.threads = threads;
  return options;
}

struct Outcome {
  double busy = 0;
  Time end{};
  std::uint64_t events = 0;
  friend bool operator==(const Outcome&, const Outcome&) = default;
};

/// One Simulation: a single server with `customers` arrivals, from its own streams.
Outcome simulate(int replication) {
  engine::Simulation sim(9, static_cast<std::uint64_t>(replication));
  RandomStream arrivals = sim.stream("arrivals"), services = sim.stream("services");
  TimeWeighted present;
  Time free{};
  for (int i = 0; i < 200 + replication; ++i) {
    const Time at = seconds(arrivals.exponential(300));
    sim.at(at, [&] {
      present.add(sim.now(), 1);
      free = std::max(free, sim.now()) + seconds(services.exponential(1));
      sim.at(free, [&] { present.add(sim.now(), -1); });
    });
  }
  sim.run();
  return {present.average(sim.now()), sim.now(), sim.events_fired()};
}

TEST(Replications, ResultsDoNotDependOnThreads) {
  const std::vector<Outcome> one = replicate<Outcome>(40, on(1), simulate);
  EXPECT_EQ(one, replicate<Outcome>(40, on(2), simulate));
  EXPECT_EQ(one, replicate<Outcome>(40, on(8), simulate));
  EXPECT_EQ(one, replicate<Outcome>(40, {}, simulate));
  EXPECT_NE(one[3].end, one[4].end);
}

TEST(Replications, LaterOnesAreTheSameWhereverTheyStart) {
  const std::vector<Outcome> all = replicate<Outcome>(20, on(2), simulate);
  const std::vector<Outcome> rest = replicate_from<Outcome>(12, 8, on(2), simulate);
  EXPECT_EQ(std::vector<Outcome>(all.begin() + 12, all.end()), rest);
}

TEST(Replications, ThreadsShareTheWork) {
  // The first replication of each thread waits for the other's: one thread alone would never end.
  std::atomic<int> waiting{0};
  std::set<std::thread::id> seen;
  const auto ids = replicate<std::thread::id>(2, on(2), [&](int) {
    ++waiting;
    while (waiting < 2) std::this_thread::yield();
    return std::this_thread::get_id();
  });
  seen.insert(ids.begin(), ids.end());
  EXPECT_EQ(seen.size(), 2u);
}

int fail_at_7_and_12(int i) {
  if (i == 7) throw std::runtime_error("boom 7");
  if (i == 12) throw 12; // NOLINT: what a user's model may do
  return i * i;
}

TEST(Replications, OneFailureLosesNoOtherAndTheFirstIsReported) {
  std::atomic<int> ran{0};
  try {
    replicate<int>(20, on(3), [&](int i) {
      ++ran;
      return fail_at_7_and_12(i);
    });
    FAIL();
  } catch (const SimulationError& error) {
    EXPECT_STREQ(error.what(), "replication 7: boom 7");
  }
  EXPECT_EQ(ran, 20);
}

TEST(Replications, FailuresStandBesideResults) {
  for (const int threads : {1, 2, 8}) {
    const auto outcomes = try_replicate<int>(20, on(threads), fail_at_7_and_12);
    ASSERT_EQ(outcomes.size(), 20u);
    for (int i = 0; i < 20; ++i) {
      const auto& outcome = outcomes[static_cast<std::size_t>(i)];
      if (i == 7)
        EXPECT_EQ(outcome.error(), (ReplicationFailure{7, "boom 7", false}));
      else if (i == 12)
        EXPECT_EQ(outcome.error(),
                  (ReplicationFailure{12, "an exception that is not a std::exception"}));
      else
        EXPECT_EQ(outcome, i * i);
    }
  }
}

TEST(Replications, AFailedSimulationNamesItsTime) {
  const auto outcomes = try_replicate<int>(3, on(2), [](int i) {
    engine::Simulation sim(1, static_cast<std::uint64_t>(i));
    sim.after(seconds(5), [&] {
      if (i == 1) throw std::runtime_error("out of stock");
    });
    sim.run();
    return i;
  });
  EXPECT_TRUE(outcomes[0] && outcomes[2]);
  EXPECT_NE(outcomes[1].error().message.find("out of stock"), std::string::npos);
}

TEST(Replications, ResultsNeedNeitherDefaultNorCopy) {
  struct Heavy {
    explicit Heavy(int v) : value(std::make_unique<int>(v)) {}
    std::unique_ptr<int> value;
  };
  const auto results = replicate<Heavy>(5, on(2), [](int i) { return Heavy(i); });
  EXPECT_EQ(*results[4].value, 4);
  const auto outcomes = try_replicate<Heavy>(5, on(2), [](int i) { return Heavy(i); });
  EXPECT_EQ(*outcomes[3]->value, 3);
}

TEST(Replications, NoneAtAll) {
  EXPECT_TRUE(replicate<int>(0, {}, [](int i) { return i; }).empty());
  EXPECT_TRUE(try_replicate<int>(0, on(4), [](int i) { return i; }).empty());
}

TEST(Replications, ProgressCountsEveryOneOnce) {
  std::vector<int> seen;
  ReplicationOptions options = on(4);
  options.progress = [&](int done, int total) {
    EXPECT_EQ(total, 50);
    seen.push_back(done);
  };
  try_replicate<int>(50, options, fail_at_7_and_12);
  ASSERT_EQ(seen.size(), 50u);
  for (int i = 0; i < 50; ++i) EXPECT_EQ(seen[static_cast<std::size_t>(i)], i + 1);
}

TEST(Replications, AStopKeepsWhatHasRun) {
  std::stop_source source;
  ReplicationOptions options = on(2);
  options.stop = source.get_token();
  options.progress = [&](int done, int) {
    if (done == 10) source.request_stop();
  };
  int kept = 0, stopped = 0;
  for (const auto& outcome : try_replicate<int>(1000, options, [](int i) { return i; })) {
    kept += outcome.has_value();
    stopped += !outcome && outcome.error().stopped;
  }
  EXPECT_GE(kept, 10);
  EXPECT_LE(kept, 11); // one more may have been running
  EXPECT_EQ(stopped, 1000 - kept);
  EXPECT_THROW(replicate<int>(5, options, [](int i) { return i; }), SimulationError);
}

TEST(Replications, AnExceptionOfProgressReachesTheCaller) {
  std::atomic<int> ran{0};
  ReplicationOptions options = on(4);
  options.progress = [](int done, int) {
    if (done == 3) throw std::domain_error("interrupted by the user");
  };
  EXPECT_THROW(replicate<int>(1000, options, [&](int i) { return ++ran, i; }), std::domain_error);
  EXPECT_LT(ran, 1000);
}

} // namespace
} // namespace windtunnel::stats
