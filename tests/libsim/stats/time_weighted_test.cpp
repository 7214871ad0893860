#include "libsim/stats/time_weighted.hpp"

#include <gtest/gtest.h>

#include <cmath>

#include "libsim/base/error.hpp"
#include "libsim/base/random.hpp"
#include "libsim/engine/simulation.hpp"
#include "libsim/stats/tally.hpp"

namespace windtunnel::stats {
namespace {

TEST(TimeWeighted, IntegralAndAverageOfSteps) {
  TimeWeighted level(seconds(10), 2);
  level.set(seconds(14), 5);  // 2 for 4 s
  level.add(seconds(16), -4); // 5 for 2 s
  EXPECT_EQ(level.integral(seconds(20)), 8 + 10 + 4);
  EXPECT_EQ(level.average(seconds(20)), 2.2);
  EXPECT_EQ(level.span(seconds(20)), seconds(10));
  EXPECT_EQ(level.minimum(), 1);
  EXPECT_EQ(level.maximum(), 5);
}

TEST(TimeWeighted, ResetForgetsAllButTheLevel) {
  TimeWeighted level;
  level.set(seconds(1), 100);
  level.set(seconds(2), 3);
  level.reset(seconds(5));
  EXPECT_EQ(level.average(seconds(5)), 3); // no time yet: the level
  level.set(seconds(6), 7);
  EXPECT_EQ(level.average(seconds(7)), 5);
  EXPECT_EQ(level.maximum(), 7);
  EXPECT_EQ(level.minimum(), 3);
}

TEST(TimeWeighted, LevelsHeldForNoTimeHaveNoWeight) {
  TimeWeighted level(Time{}, 1);
  level.set(seconds(3), 1e9);
  level.set(seconds(3), 1);
  EXPECT_EQ(level.average(seconds(4)), 1);
  EXPECT_EQ(level.maximum(), 1e9);
}

TEST(TimeWeighted, ExactOverMonthsOfNanoseconds) {
  // 0.1 held for 300 days in uneven steps: a running double sum drifts, this does not.
  TimeWeighted often(Time{}, 0.1), once(Time{}, 0.1);
  RandomStream random(1, 0, "steps");
  Time now{};
  for (int i = 0; i < 100'000; ++i) {
    now += nanoseconds(static_cast<std::int64_t>(random.below(518'400'000'000)));
    often.set(now, 0.1);
  }
  EXPECT_EQ(often.integral(now), once.integral(now));
  EXPECT_EQ(often.average(now), 0.1);
}

TEST(TimeWeighted, MonitorsOfPartsAddUpToTheMonitorOfTheSum) {
  TimeWeighted a, b, both;
  RandomStream random(2, 0, "parts");
  Time now{};
  for (int i = 0; i < 1000; ++i) {
    now += nanoseconds(static_cast<std::int64_t>(random.below(1'000'000'000)));
    const double level = static_cast<double>(random.below(64));
    TimeWeighted& part = random.below(2) == 0 ? a : b;
    both.add(now, level - part.level());
    part.set(now, level);
  }
  EXPECT_DOUBLE_EQ(a.integral(now) + b.integral(now), both.integral(now));
  EXPECT_EQ(a.level() + b.level(), both.level());
}

TEST(TimeWeighted, LittlesLawHoldsExactlyInASimulatedQueue) {
  // Each customer adds 1 while present, so the integral of the number present is the sum of
  // sojourns.
  engine::Simulation sim(4, 0);
  RandomStream random = sim.stream("queue");
  TimeWeighted present(sim.now(), 0);
  Time sojourns{};
  for (int i = 0; i < 500; ++i) {
    const Time arrival = seconds(random.exponential(100)), stay = seconds(random.exponential(10));
    sojourns += stay;
    sim.at(arrival, [&] { present.add(sim.now(), 1); });
    sim.at(arrival + stay, [&] { present.add(sim.now(), -1); });
  }
  sim.run();
  EXPECT_EQ(present.integral(sim.now()), static_cast<double>(sojourns.ns()) / 1e9);
  EXPECT_EQ(present.level(), 0);
}

TEST(TimeWeighted, RefusesGoingBackAndWhatIsNotFinite) {
  TimeWeighted level(seconds(5), 1);
  EXPECT_THROW(level.set(seconds(4), 2), ModelError);
  EXPECT_THROW(level.average(seconds(4)), ModelError);
  EXPECT_THROW(level.set(seconds(6), std::nan("")), ModelError);
  EXPECT_EQ(level.average(seconds(7)), 1);
}

} // namespace
} // namespace windtunnel::stats
