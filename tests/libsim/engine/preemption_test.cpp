// The corners of preemption that other simulators dispute, each with its rule.
#include <gtest/gtest.h>

#include "libsim/engine/preemptive_resource.hpp"

namespace windtunnel::engine {
namespace {

using Log = std::vector<std::string>;

void note(Simulation& sim, Log& log, const std::string& what) {
  log.push_back(std::to_string(sim.now().ns() / 1'000'000'000) + " " + what);
}

/// Works until its time is done, however often it is preempted.
Process works(Simulation& sim, Log& log, PreemptiveResource& resource, Time arrival, Time work,
              int priority, std::string name, Preempt preempt = Preempt::yes) {
  co_await arrival;
  while (work > Time{}) {
    Hold hold = co_await resource.request(priority, preempt);
    const Time begun = sim.now();
    note(sim, log, name + " begins");
    try {
      co_await work;
      work = Time{};
    } catch (const Preempted& preempted) {
      EXPECT_EQ(preempted.held_since(), begun);
      EXPECT_FALSE(hold);
      work -= sim.now() - begun;
      note(sim, log, name + " " + preempted.what());
    }
  }
  note(sim, log, name + " done");
}

TEST(PreemptiveResource, AMoreUrgentRequestTakesThePlaceAndWorkGoesOnLater) {
  Simulation sim;
  Log log;
  PreemptiveResource resource(sim, 1);
  sim.spawn("low", works(sim, log, resource, Time{}, seconds(10), 5, "low"));
  sim.spawn("high", works(sim, log, resource, seconds(4), seconds(3), 1, "high"));
  sim.run();
  EXPECT_EQ(log, (Log{"0 low begins", "4 high begins", "4 low preempted by 'high'", "7 high done",
                      "7 low begins", "13 low done"}));
  EXPECT_EQ(resource.in_use(), 0);
}

TEST(PreemptiveResource, OfSeveralTheLeastUrgentWhoCameLastLoses) {
  Simulation sim;
  Log log;
  PreemptiveResource resource(sim, 3);
  sim.spawn("a", works(sim, log, resource, Time{}, seconds(10), 5, "a"));
  sim.spawn("b", works(sim, log, resource, seconds(1), seconds(10), 5, "b"));
  sim.spawn("c", works(sim, log, resource, seconds(2), seconds(2), 1, "c"));
  sim.spawn("high", works(sim, log, resource, seconds(3), seconds(1), 0, "high"));
  sim.run();
  EXPECT_EQ(log[4], "3 b preempted by 'high'");
}

TEST(PreemptiveResource, EqualPrioritiesAndPoliteRequestsWait) {
  Simulation sim;
  Log log;
  PreemptiveResource resource(sim, 1);
  sim.spawn("first", works(sim, log, resource, Time{}, seconds(5), 3, "first"));
  sim.spawn("equal", works(sim, log, resource, seconds(1), seconds(5), 3, "equal"));
  sim.spawn("polite", works(sim, log, resource, seconds(2), seconds(5), 0, "polite", Preempt::no));
  sim.run();
  EXPECT_EQ(log, (Log{"0 first begins", "5 first done", "5 polite begins", "10 polite done",
                      "10 equal begins", "15 equal done"}));
}

TEST(PreemptiveResource, ACutTakesPlacesOnlyWhenAsked) {
  for (const OnCut on_cut : {OnCut::keep_holders, OnCut::preempt_holders}) {
    Simulation sim;
    Log log;
    PreemptiveResource resource(sim, 2);
    sim.spawn("a", works(sim, log, resource, Time{}, seconds(4), 1, "a"));
    sim.spawn("b", works(sim, log, resource, Time{}, seconds(4), 2, "b"));
    sim.at(seconds(1), [&] { resource.set_capacity(1, on_cut); });
    sim.run();
    const bool kept = on_cut == OnCut::keep_holders;
    EXPECT_EQ(log.back(), kept ? "4 b done" : "7 b done");
    EXPECT_EQ(sim.now(), seconds(kept ? 4 : 7)) << "time never goes backwards";
  }
}

Process greedy(Simulation& sim, Log& log, PreemptiveResource& resource) {
  Hold first = co_await resource.request(5);
  note(sim, log, "one");
  Hold second = co_await resource.request(1);
  note(sim, log, "two");
}

TEST(PreemptiveResource, AProcessDoesNotPreemptItself) {
  Simulation sim;
  Log log;
  PreemptiveResource resource(sim, 1);
  sim.spawn("greedy", greedy(sim, log, resource));
  sim.run();
  EXPECT_EQ(log, (Log{"0 one"}));
  EXPECT_EQ(sim.processes().front().waits_for, "a place of 'resource'");
}

Process holds_two(PreemptiveResource& resource) {
  const Hold first = co_await resource.request(5);
  const Hold second = co_await resource.request(4);
  co_await seconds(100);
}

TEST(PreemptiveResource, WhatALoserGivesBackBesidesIsForThoseWhoWait) {
  // The loser has been granted a second place in the same instant and not gone on: it loses the
  // first to `high` and gives back the second, to `a`. Two places, two holders: `b` waits.
  Simulation sim;
  Log log;
  PreemptiveResource resource(sim, 1);
  const ProcessRef loser = sim.spawn("loser", holds_two(resource));
  sim.spawn("a", works(sim, log, resource, seconds(1), seconds(10), 6, "a"));
  sim.spawn("b", works(sim, log, resource, seconds(1), seconds(10), 6, "b"));
  sim.spawn("high", works(sim, log, resource, seconds(2), seconds(20), 0, "high"));
  const Event end = done(loser); // the loser does not catch what it is interrupted with
  sim.at(
      seconds(2), [&] { resource.set_capacity(2); }, 0);
  while (sim.step()) EXPECT_LE(resource.in_use(), 2);
  EXPECT_TRUE(end.error());
  EXPECT_EQ(log, (Log{"2 high begins", "2 a begins", "12 a done", "12 b begins", "22 high done",
                      "22 b done"}));
}

Process passes_on(PreemptiveResource& resource) {
  Hold hold = co_await resource.request();
  Hold& same = hold;
  hold = std::move(same);
  EXPECT_TRUE(hold) << "moved onto itself";
  Hold other = std::move(hold);
  EXPECT_TRUE(other);
  EXPECT_FALSE(hold);
  hold = Hold();
  EXPECT_EQ(resource.in_use(), 1);
  other = Hold();
  EXPECT_EQ(resource.in_use(), 0);
}

TEST(PreemptiveResource, AHoldMoves) {
  Simulation sim;
  PreemptiveResource resource(sim, 1);
  sim.spawn("p", passes_on(resource));
  sim.run();
  EXPECT_TRUE(sim.unfinished_processes().empty());
}

/// Asks for a place at a time, and holds it for ever.
Process settles(PreemptiveResource& resource, Time arrival, int priority, Preempt preempt) {
  co_await arrival;
  const Hold hold = co_await resource.request(priority, preempt);
  co_await seconds(1000);
}

TEST(PreemptiveResource, ARequestThatWaitsTakesNoPlaceLaterOn) {
  // It waits behind a polite one; when that leaves, it is the first, and more urgent than the
  // holder, and still waits. The next that comes with its urgency waits behind it.
  Simulation sim;
  PreemptiveResource resource(sim, 1);
  const ProcessRef low = sim.spawn("low", settles(resource, Time{}, 5, Preempt::yes));
  const ProcessRef polite = sim.spawn("polite", settles(resource, seconds(1), 1, Preempt::no));
  sim.spawn("urgent", settles(resource, seconds(2), 2, Preempt::yes));
  sim.at(seconds(3), [&] { kill(polite); });
  sim.spawn("next", settles(resource, seconds(4), 2, Preempt::yes));
  sim.run_until(seconds(5));
  EXPECT_TRUE(alive(low));
  EXPECT_EQ(resource.queue_length(), 2U);
  kill(low);
  EXPECT_EQ(resource.queue_length(), 1U);
}

TEST(PreemptiveResource, APreemptedWaiterThatHasNotGoneOnYetLosesItsPlaceToo) {
  // Granted and preempted in the same instant: it never begins, and is interrupted in its wait.
  Simulation sim;
  Log log;
  PreemptiveResource resource(sim, 0);
  sim.spawn("low", works(sim, log, resource, Time{}, seconds(1), 5, "low"));
  sim.spawn("high", works(sim, log, resource, seconds(1), seconds(1), 0, "high"));
  sim.at(seconds(1), [&] { resource.set_capacity(1); });
  try {
    sim.run();
    FAIL();
  } catch (const SimulationError& error) {
    EXPECT_STREQ(error.what(), "at 1.00s, process 'low': preempted by 'high'");
  }
}

} // namespace
} // namespace windtunnel::engine
