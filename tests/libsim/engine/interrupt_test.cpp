// Interrupts, kills and failures of processes in every state of waiting.
#include <gtest/gtest.h>

#include "libsim/engine/container.hpp"
#include "libsim/engine/resource.hpp"
#include "libsim/engine/store.hpp"

namespace windtunnel::engine {
namespace {

using Log = std::vector<std::string>;

void note(Simulation& sim, Log& log, const std::string& what) {
  log.push_back(std::to_string(sim.now().ns() / 1'000'000'000) + " " + what);
}

std::string error_of(Simulation& sim) {
  try {
    sim.run();
  } catch (const SimulationError& error) {
    return error.what();
  }
  return "no error";
}

Process waits(Simulation& sim, Log& log, Event event) {
  try {
    co_await event;
    note(sim, log, "woken");
  } catch (const Interrupt& interrupt) {
    note(sim, log, "interrupted by " + interrupt.cause());
  } catch (const std::exception& error) {
    note(sim, log, std::string("failed: ") + error.what());
  }
  co_await seconds(10);
  note(sim, log, "end");
}

TEST(Interrupt, CarriesItsCauseIntoAWaitForAnEventThatNoLongerWakesIt) {
  Simulation sim;
  Log log;
  const Event event(sim);
  const ProcessRef process = sim.spawn("p", waits(sim, log, event));
  sim.at(seconds(2), [&] { interrupt(process, "impatience"); });
  sim.at(seconds(5), [&] { event.succeed(); });
  sim.run();
  EXPECT_EQ(log, (Log{"2 interrupted by impatience", "12 end"}));
}

TEST(Interrupt, WinsOverAnEventOfTheSameInstantThatHasNotResumedTheProcess) {
  Simulation sim;
  Log log;
  const Event event(sim);
  const ProcessRef process = sim.spawn("p", waits(sim, log, event));
  sim.at(seconds(2), [&] {
    event.succeed();
    interrupt(process, "haste");
  });
  sim.run();
  EXPECT_EQ(log, (Log{"2 interrupted by haste", "12 end"}));
}

Process rests(Simulation& sim, Log& log, int times) {
  for (int i = 0; i < times; ++i) {
    try {
      co_await seconds(10);
      note(sim, log, "rested");
    } catch (const Interrupt& interrupt) {
      note(sim, log, interrupt.cause());
    }
  }
}

TEST(Interrupt, SeveralAtOneTimeAreThrownOneAfterAnotherInTheirOrder) {
  Simulation sim;
  Log log;
  const ProcessRef process = sim.spawn("p", rests(sim, log, 4));
  sim.at(seconds(2), [&] {
    for (const char* cause : {"phone", "door", "dog"}) interrupt(process, cause);
  });
  sim.run();
  EXPECT_EQ(log, (Log{"2 phone", "2 door", "2 dog", "12 rested"}));
}

TEST(Interrupt, BeforeTheFirstStepCutsTheFirstWaitShort) {
  Simulation sim;
  Log log;
  const ProcessRef process = sim.spawn("p", waits(sim, log, Event(sim))); // for ever
  interrupt(process, "eagerness");
  EXPECT_TRUE(log.empty()) << "it has not begun";
  sim.run();
  EXPECT_EQ(log, (Log{"0 interrupted by eagerness", "10 end"}));
  EXPECT_FALSE(alive(process));
}

Process meddles(ProcessRef& self, bool by_kill) {
  co_await seconds(1);
  if (by_kill)
    kill(self);
  else
    interrupt(self, "none");
}

TEST(Interrupt, NobodyInterruptsOrKillsHimself) {
  for (const bool by_kill : {false, true}) {
    Simulation sim;
    ProcessRef self;
    self = sim.spawn("narcissus", meddles(self, by_kill));
    EXPECT_EQ(error_of(sim), std::string("at 1.00s, process 'narcissus': process 'narcissus' "
                                         "cannot ") +
                                 (by_kill ? "kill itself" : "interrupt itself"));
  }
}

TEST(Process, AnEventThatFailsThrowsInItsWaiters) {
  Simulation sim;
  Log log;
  const Event event(sim);
  sim.spawn("p", waits(sim, log, event));
  sim.at(seconds(3), [&] {
    event.fail(std::make_exception_ptr(std::runtime_error("link down")));
    event.succeed(); // too late: it has triggered
  });
  sim.run();
  EXPECT_EQ(log, (Log{"3 failed: link down", "13 end"}));
}

TEST(Process, AnyOfAndAllOfFailWithTheFirstFailure) {
  Simulation sim;
  Log any_log, all_log;
  const Event good = timeout_event(sim, seconds(9)), bad(sim);
  const Event any = any_of(sim, {good, bad}), all = all_of(sim, {good, bad});
  sim.spawn("any", waits(sim, any_log, any));
  sim.spawn("all", waits(sim, all_log, all));
  sim.at(seconds(4), [&] { bad.fail(std::make_exception_ptr(std::runtime_error("boom"))); });
  sim.run();
  EXPECT_EQ(any_log, (Log{"4 failed: boom", "14 end"}));
  EXPECT_EQ(all_log, (Log{"4 failed: boom", "14 end"}));
}

TEST(Process, AnyOfWhatHasHappenedAndAllOfProcesses) {
  Simulation sim;
  Log log;
  const Event past(sim);
  past.succeed();
  const Event any = any_of(sim, {Event(sim), past});
  EXPECT_TRUE(any.triggered());
  const ProcessRef a = sim.spawn("a", waits(sim, log, past));
  const ProcessRef b = sim.spawn("b", waits(sim, log, timeout_event(sim, seconds(5))));
  const Event both = all_of(sim, {done(a), done(b)});
  sim.run_until(seconds(14));
  EXPECT_FALSE(both.triggered());
  sim.run_until(seconds(15));
  EXPECT_TRUE(both.triggered());
  EXPECT_FALSE(alive(a) || alive(b));
  EXPECT_EQ(name_of(b), "b");
}

TEST(Process, EventsMayOutliveTheirSimulation) {
  auto sim = std::make_unique<Simulation>();
  Log log;
  const Event soon = timeout_event(*sim, seconds(1)), late = timeout_event(*sim, seconds(5));
  const Event all = all_of(*sim, {soon, late});
  const ProcessRef process = sim->spawn("p", waits(*sim, log, all));
  const Event ended = done(process);
  sim->run_until(seconds(2));
  sim.reset();
  EXPECT_TRUE(soon.triggered());
  EXPECT_FALSE(late.triggered() || all.triggered() || ended.triggered() || alive(process));
}

TEST(Process, WatchingAnEventThatNeverHappensDoesNotKeepIt) {
  Simulation sim;
  const auto token = std::make_shared<int>(0);
  {
    const Event never(sim);
    never.subscribe([token] {});
    const Event any = any_of(sim, {never}), all = all_of(sim, {never});
    EXPECT_FALSE(any.triggered() || all.triggered());
  }
  EXPECT_EQ(token.use_count(), 1) << "the event and its subscribers are gone";
}

TEST(Process, AListenerThatThrowsKeepsNoOtherFromBeingTold) {
  Simulation sim;
  Log log;
  const Event event(sim);
  event.subscribe([] { throw std::runtime_error("first"); });
  sim.spawn("p", waits(sim, log, event));
  sim.at(seconds(1), [&] { event.succeed(); });
  EXPECT_EQ(error_of(sim), "at 1.00s: first");
  EXPECT_EQ(error_of(sim), "no error");
  EXPECT_EQ(log, (Log{"1 woken", "11 end"}));
}

TEST(Process, TheTimeIsNamedWhenAPlainEventThrows) {
  Simulation sim;
  sim.at(minutes(90), [] { throw std::runtime_error("disk full"); });
  EXPECT_EQ(error_of(sim), "at 1h30m: disk full");
}

TEST(Process, AKilledProcessFinishesForThoseWhoWaitForIt) {
  Simulation sim;
  Log log;
  const ProcessRef victim = sim.spawn("victim", waits(sim, log, Event(sim)));
  sim.spawn("heir", waits(sim, log, done(victim)));
  sim.at(seconds(7), [&] { kill(victim); });
  sim.at(seconds(8), [&] { kill(victim); }); // no effect
  sim.run();
  EXPECT_EQ(log, (Log{"7 woken", "17 end"}));
}

Process asks(Simulation& sim, Log& log, Resource& resource, int priority, std::string name) {
  try {
    Lease lease = co_await resource.request(priority);
    note(sim, log, name);
    co_await seconds(10);
  } catch (const Interrupt&) {
    note(sim, log, name + " gives up");
  }
}

TEST(Resource, AnInterruptedWaiterLeavesTheQueueAndAnInterruptedHolderReleases) {
  Simulation sim;
  Log log;
  Resource resource(sim, 1);
  const ProcessRef holder = sim.spawn("a", asks(sim, log, resource, 0, "a"));
  const ProcessRef waiter = sim.spawn("b", asks(sim, log, resource, 0, "b"));
  sim.spawn("c", asks(sim, log, resource, 0, "c"));
  sim.at(seconds(1), [&] {
    EXPECT_EQ(resource.queue_length(), 2u);
    interrupt(waiter, "late");
    EXPECT_EQ(resource.queue_length(), 1u);
  });
  sim.at(seconds(4), [&] { interrupt(holder, "preempted"); });
  sim.run();
  EXPECT_EQ(log, (Log{"0 a", "1 b gives up", "4 a gives up", "4 c"}));
  EXPECT_EQ(resource.in_use(), 0);
}

TEST(Resource, AnInterruptBetweenGrantAndResumptionPassesThePlaceOn) {
  Simulation sim;
  Log log;
  Resource resource(sim, 0);
  const ProcessRef first = sim.spawn("a", asks(sim, log, resource, 0, "a"));
  sim.spawn("b", asks(sim, log, resource, 0, "b"));
  sim.at(seconds(3), [&] {
    resource.set_capacity(1); // grants to a
    interrupt(first, "second thoughts");
  });
  sim.run();
  EXPECT_EQ(log, (Log{"3 b", "3 a gives up"}));
  EXPECT_EQ(resource.in_use(), 0);
}

TEST(Resource, EqualPrioritiesKeepTheirOrderAndALeaseMoves) {
  Simulation sim;
  Log log;
  Resource resource(sim, 1);
  for (const auto& [name, priority] :
       std::vector<std::pair<std::string, int>>{{"a", 3}, {"b", 3}, {"c", -1}, {"d", 3}, {"e", -1}})
    sim.spawn(name, asks(sim, log, resource, priority, name));
  sim.run();
  // All ask at time zero: a is served before the others have asked.
  EXPECT_EQ(log, (Log{"0 a", "10 c", "20 e", "30 b", "40 d"}));
}

} // namespace
} // namespace windtunnel::engine
