#include "libsim/engine/process.hpp"

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

Process car(Simulation& sim, Log& log) { // SimPy's first example
  for (int trip = 0; trip < 2; ++trip) {
    note(sim, log, "park");
    co_await seconds(5);
    note(sim, log, "drive");
    co_await seconds(2);
  }
}

TEST(Process, AlternatesAsSimPysCar) {
  Simulation sim;
  Log log;
  sim.spawn("car", car(sim, log));
  sim.run_until(seconds(14));
  EXPECT_EQ(log, (Log{"0 park", "5 drive", "7 park", "12 drive"}));
}

Process charge(Simulation& sim, Log& log) {
  try {
    co_await seconds(10);
    note(sim, log, "full");
  } catch (const Interrupt& interrupt) {
    note(sim, log, std::string("interrupted: ") + interrupt.what());
  }
  co_await seconds(1);
  note(sim, log, "left");
}
Process driver(ProcessRef charging) {
  co_await seconds(3);
  interrupt(charging, "need to go");
}

TEST(Process, InterruptIsThrownOutOfTheWaitOnceAndNothingWakesTwice) {
  Simulation sim;
  Log log;
  const ProcessRef charging = sim.spawn("charge", charge(sim, log));
  sim.spawn("driver", driver(charging));
  sim.run();
  EXPECT_EQ(log, (Log{"3 interrupted: need to go", "4 left"}));
  EXPECT_EQ(sim.now(), seconds(4)) << "the cancelled timeout must not move the clock";
  interrupt(charging, "too late"); // no effect, no crash
}

Process wait_for(Simulation& sim, Log& log, Event event, std::string what) {
  co_await event;
  note(sim, log, what);
}

TEST(Process, AnyOfAndAllOf) {
  Simulation sim;
  Log log;
  const Event a = timeout_event(sim, seconds(2)), b = timeout_event(sim, seconds(5));
  const Event any = any_of(sim, {a, b}), all = all_of(sim, {a, b}), none = all_of(sim, {});
  sim.spawn("any", wait_for(sim, log, any, "any"));
  sim.spawn("all", wait_for(sim, log, all, "all"));
  sim.spawn("none", wait_for(sim, log, none, "none"));
  sim.run();
  EXPECT_EQ(log, (Log{"0 none", "2 any", "5 all"}));
}

Process fails(std::string text) {
  co_await seconds(1);
  throw std::runtime_error(text);
}
Process guardian(Simulation& sim, Log& log, ProcessRef child) {
  const Event ended = done(child);
  try {
    co_await ended;
  } catch (const std::runtime_error& error) {
    note(sim, log, std::string("child: ") + error.what());
  }
}

TEST(Process, AnExceptionReachesTheWaiterElseEndsTheRun) {
  Simulation waited;
  Log log;
  const ProcessRef child = waited.spawn("child", fails("boom"));
  waited.spawn("guardian", guardian(waited, log, child));
  waited.run();
  EXPECT_EQ(log, (Log{"1 child: at 1.00s, process 'child': boom"}));

  Simulation alone;
  alone.spawn("orphan", fails("boom"));
  try {
    alone.run();
    FAIL();
  } catch (const SimulationError& error) {
    EXPECT_STREQ(error.what(), "at 1.00s, process 'orphan': boom");
  }

  Simulation later; // who asks when the run has ended hears of it too
  const ProcessRef orphan = later.spawn("orphan", fails("boom"));
  EXPECT_THROW(later.run(), SimulationError);
  log.clear();
  later.spawn("guardian", guardian(later, log, orphan));
  later.run();
  EXPECT_EQ(log, (Log{"1 child: at 1.00s, process 'orphan': boom"}));
}

Process rests(Simulation& sim, Log& log) {
  co_await seconds(2);
  note(sim, log, "rested");
}
Process follows(Simulation& sim, Log& log, ProcessRef other) {
  co_await other; // the parameter itself
  note(sim, log, "follows");
}

TEST(Process, AReferenceToAProcessIsAwaitedAsItIs) {
  Simulation sim;
  Log log;
  sim.spawn("follows", follows(sim, log, sim.spawn("rests", rests(sim, log))));
  sim.run();
  EXPECT_EQ(log, (Log{"2 rested", "2 follows"}));
}

TEST(Simulation, ThePastCannotBeScheduled) {
  Simulation sim;
  sim.run_until(seconds(10));
  EXPECT_THROW(sim.at(seconds(9), [] {}), SimulationError);
  EXPECT_THROW(sim.after(seconds(-1), [] {}), SimulationError);
  int fired = 0;
  sim.after(seconds(1), [&] { ++fired; });
  EXPECT_THROW(sim.run_until(seconds(9)), SimulationError);
  EXPECT_THROW(sim.run_until(seconds(-1)), SimulationError);
  EXPECT_EQ(fired, 0);
  sim.run_until(sim.now() + seconds(1));
  EXPECT_EQ(fired, 1);
}

Process runs_the_simulation(Simulation& sim, Log& log, int how) {
  co_await seconds(1);
  try {
    if (how == 0) sim.run();
    if (how == 1) sim.run_until(seconds(9));
    if (how == 2) sim.step();
  } catch (const SimulationError& error) {
    note(sim, log, error.what());
  }
  co_await seconds(1);
  note(sim, log, "end");
}

TEST(Simulation, AnEventCannotRunTheSimulation) {
  // Or what it then fires could interrupt, and resume, the process that runs.
  const std::string text =
      "at 1.00s: an event called run(), run_until() or step(), which are not for events";
  for (const int how : {0, 1, 2}) {
    Simulation sim;
    Log log;
    sim.spawn("runs", runs_the_simulation(sim, log, how));
    sim.run();
    EXPECT_EQ(log, (Log{"1 " + text, "2 end"}));
  }
  Simulation sim;
  sim.at(seconds(1), [&] { sim.run(); });
  try {
    sim.run();
    ADD_FAILURE();
  } catch (const SimulationError& error) {
    EXPECT_EQ(error.what(), text);
  }
  EXPECT_FALSE(sim.step()) << "it can run on";
}

Process waits_for_ever(Simulation& sim, Log& log) {
  co_await Time::max();
  note(sim, log, "ever");
}

TEST(Simulation, WhatIsLaterThanTheEndOfTimeComesThen) {
  Simulation sim;
  Log log;
  sim.run_until(seconds(10));
  sim.spawn("patient", waits_for_ever(sim, log));
  sim.after(Time::max(), [&] { note(sim, log, "after"); });
  sim.at(Time::max() - seconds(1), [&] { note(sim, log, "before"); });
  sim.run();
  EXPECT_EQ(log, (Log{"9223372035 before", "9223372036 after", "9223372036 ever"}));
  EXPECT_EQ(sim.now(), Time::max());
}

TEST(Simulation, EqualTimesFireByPriorityThenOrderAndRunUntilIsInclusive) {
  Simulation sim;
  std::string order;
  sim.at(seconds(1), [&] { order += 'b'; });
  sim.at(seconds(1), [&] { order += 'c'; });
  sim.at(
      seconds(1), [&] { order += 'a'; }, 0);
  sim.at(seconds(2), [&] { order += 'd'; });
  sim.run_until(seconds(1));
  EXPECT_EQ(order, "abc");
  EXPECT_EQ(sim.now(), seconds(1));
}

Process holds(Simulation& sim, Log& log, Resource& resource, Time hold, int priority,
              std::string name) {
  Lease lease = co_await resource.request(priority);
  note(sim, log, name);
  co_await hold;
}

TEST(Resource, ServesByPriorityThenArrivalAndKillingReleases) {
  Simulation sim;
  Log log;
  Resource resource(sim, 1);
  const ProcessRef first = sim.spawn("first", holds(sim, log, resource, seconds(100), 0, "first"));
  sim.spawn("low", holds(sim, log, resource, seconds(1), 5, "low"));
  const ProcessRef quitter =
      sim.spawn("quits", holds(sim, log, resource, seconds(1), 0, "quitter"));
  sim.spawn("high", holds(sim, log, resource, seconds(1), 1, "high"));
  sim.at(seconds(10), [&] { kill(quitter); });
  sim.at(seconds(20), [&] { kill(first); });
  sim.run();
  EXPECT_EQ(log, (Log{"0 first", "20 high", "21 low"}));
  EXPECT_EQ(resource.in_use(), 0);
}

TEST(Resource, APlaceGrantedToAProcessKilledInTheSameInstantGoesBack) {
  Simulation sim;
  Log log;
  Resource resource(sim, 0);
  const ProcessRef victim = sim.spawn("victim", holds(sim, log, resource, seconds(1), 0, "v"));
  sim.spawn("next", holds(sim, log, resource, seconds(1), 1, "next"));
  sim.at(seconds(1), [&] {
    resource.set_capacity(1); // grants to the victim, which has not resumed yet
    kill(victim);
  });
  sim.run();
  EXPECT_EQ(log, (Log{"1 next"}));
  EXPECT_EQ(resource.in_use(), 0);
}

TEST(Resource, CapacityMayChange) {
  Simulation sim;
  Log log;
  Resource resource(sim, 2);
  for (const char* name : {"a", "b", "c", "d"})
    sim.spawn(name, holds(sim, log, resource, seconds(10), 0, name));
  sim.at(seconds(5), [&] { resource.set_capacity(1); });
  sim.run();
  EXPECT_EQ(log, (Log{"0 a", "0 b", "10 c", "20 d"}));
  EXPECT_THROW(Resource(sim, -1), ModelError);
}

Process produce(Store<int>& store, int count) {
  for (int i = 0; i < count; ++i) {
    co_await store.put(i);
    co_await seconds(1);
  }
}
Process consume(Simulation& sim, Log& log, Store<int>& store, int count) {
  for (int i = 0; i < count; ++i) {
    const int item = co_await store.get();
    note(sim, log, std::to_string(item));
    co_await seconds(3);
  }
}

TEST(Store, ABoundedStoreHoldsProducersBack) {
  Simulation sim;
  Log log;
  Store<int> store(sim, 1);
  sim.spawn("producer", produce(store, 4));
  sim.spawn("consumer", consume(sim, log, store, 4));
  sim.run();
  EXPECT_EQ(log, (Log{"0 0", "3 1", "6 2", "9 3"}));
  EXPECT_TRUE(sim.unfinished_processes().empty());
}

TEST(Store, WhoWaitsForEverIsNamed) {
  Simulation sim;
  Log log;
  Store<int> store(sim);
  sim.spawn("starved", consume(sim, log, store, 1));
  sim.run();
  EXPECT_EQ(sim.unfinished_processes(), std::vector<std::string>{"starved"});
}

Process drink(Simulation& sim, Log& log, Container& tank, std::int64_t amount, std::string what) {
  co_await tank.get(amount);
  note(sim, log, what);
}

TEST(Container, LargeRequestsAreNotOvertaken) {
  Simulation sim;
  Log log;
  Container tank(sim, 100, 10);
  sim.spawn("large", drink(sim, log, tank, 50, "large"));
  sim.spawn("small", drink(sim, log, tank, 5, "small"));
  const ProcessRef huge = sim.spawn("huge", drink(sim, log, tank, 60, "huge"));
  sim.at(seconds(1), [&] { EXPECT_TRUE(tank.try_put(60)); });
  sim.at(seconds(2), [&] { kill(huge); });
  sim.run();
  EXPECT_EQ(log, (Log{"1 large", "1 small"}));
  EXPECT_EQ(tank.level(), 15);
  EXPECT_THROW(tank.get(101), ModelError);
}

Process arrivals(Simulation& sim, Resource& server, double mean_gap, double mean_service, int n,
                 double& total_wait);
Process customer(Simulation& sim, Resource& server, Time service, double& total_wait) {
  const Time arrived = sim.now();
  Lease lease = co_await server.request();
  total_wait += (sim.now() - arrived).seconds();
  co_await service;
}
Process arrivals(Simulation& sim, Resource& server, double mean_gap, double mean_service, int n,
                 double& total_wait) {
  RandomStream gaps = sim.stream("gaps"), services = sim.stream("services");
  for (int i = 0; i < n; ++i) {
    const Time gap = seconds(gaps.exponential(mean_gap));
    co_await gap;
    const Time service = seconds(services.exponential(mean_service));
    sim.spawn("customer", customer(sim, server, service, total_wait));
  }
}

TEST(Process, AQueueOfProcessesEqualsLindleysRecursion) {
  // M/M/1 by processes against W' = max(0, W + S - A) on the same draws: equal customer by
  // customer.
  constexpr int n = 2000;
  Simulation sim(5, 3);
  Resource server(sim, 1);
  double total = 0;
  sim.spawn("arrivals", arrivals(sim, server, 1.25, 1.0, n, total));
  sim.run();
  RandomStream gaps(5, 3, "gaps"), services(5, 3, "services");
  Time wait{}, service{};
  double expected = 0;
  for (int i = 0; i < n; ++i) {
    const Time gap = seconds(gaps.exponential(1.25));
    wait = i == 0 ? Time{} : std::max(Time{}, wait + service - gap);
    service = seconds(services.exponential(1.0));
    expected += wait.seconds();
  }
  EXPECT_NEAR(total, expected, 1e-6);
}

Process breaks_down() {
  co_await seconds(1);
  throw std::runtime_error("broken");
}

TEST(Process, ItsOwnErrorComesBeforeThatOfWhoHearsOfIt) {
  Simulation sim;
  const ProcessRef process = sim.spawn("machine", breaks_down());
  process.state().finished().subscribe([] { throw std::runtime_error("nothing was made"); });
  try {
    sim.run();
    FAIL() << "the run went on";
  } catch (const SimulationError& error) {
    EXPECT_STREQ(error.what(), "at 1.00s, process 'machine': broken");
  }
}

} // namespace
} // namespace windtunnel::engine
