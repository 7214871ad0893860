// Tasks, time-outs, conditions, gates, token buckets: what each promises.
#include <gtest/gtest.h>

#include "libsim/base/unit_strings.hpp"
#include "libsim/engine/condition.hpp"
#include "libsim/engine/container.hpp"
#include "libsim/engine/preemptive_resource.hpp"
#include "libsim/engine/processor_sharing.hpp"
#include "libsim/engine/resource.hpp"
#include "libsim/engine/store.hpp"
#include "libsim/engine/task.hpp"
#include "libsim/engine/token_bucket.hpp"
#include "libsim/engine/within.hpp"

namespace windtunnel::engine {
namespace {

using Log = std::vector<std::string>;

void note(Simulation& sim, Log& log, const std::string& what) {
  log.push_back(std::to_string(sim.now().ns() / 1'000'000'000) + " " + what);
}

// Task

Task<int> add_slowly(int a, int b) {
  co_await seconds(1);
  co_return a + b;
}
Task<int> sum_to(int n) {
  if (n == 0) co_return 0;
  const int rest = co_await sum_to(n - 1);
  const int sum = co_await add_slowly(n, rest);
  co_return sum;
}
Process sums(Simulation& sim, Log& log, int n) {
  const int sum = co_await sum_to(n);
  note(sim, log, std::to_string(sum));
}

TEST(Task, NestsAndReturnsItsResult) {
  Simulation sim;
  Log log;
  sim.spawn("sums", sums(sim, log, 10));
  sim.run();
  EXPECT_EQ(log, (Log{"10 55"}));
}

Task<int> at_once(int i) { co_return i; }
Process many(std::int64_t& total, int n) {
  for (int i = 0; i < n; ++i) {
    const int one = co_await at_once(1);
    total += one;
  }
}

TEST(Task, MayRepeatWithoutUsingUpTheStackOrEvents) {
  Simulation sim;
  std::int64_t total = 0;
  sim.spawn("many", many(total, 1'000'000));
  sim.run();
  EXPECT_EQ(total, 1'000'000);
  EXPECT_EQ(sim.events_fired(), 1U);
}

Task<> fail_after(Time delay) {
  co_await delay;
  throw std::runtime_error("task failed");
}
Process catches(Simulation& sim, Log& log) {
  try {
    co_await fail_after(seconds(2));
  } catch (const std::runtime_error& error) {
    note(sim, log, error.what());
  }
  try {
    co_await add_slowly(1, 2);
  } catch (const Interrupt& interrupt) {
    note(sim, log, "interrupted by " + interrupt.cause());
  }
}

TEST(Task, ExceptionsAndInterruptsComeOutOfTheAwait) {
  Simulation sim;
  Log log;
  const ProcessRef process = sim.spawn("catches", catches(sim, log));
  sim.at(milliseconds(2500), [&] { interrupt(process, "phone"); });
  sim.run();
  EXPECT_EQ(log, (Log{"2 task failed", "2 interrupted by phone"}));
  EXPECT_EQ(sim.now(), milliseconds(2500)) << "the task's wait must be cancelled";
}

Task<> hold_inside(Resource& resource) {
  Lease lease = co_await resource.request();
  co_await seconds(100);
}
Process calls(Resource& resource) { co_await hold_inside(resource); }

TEST(Task, IsDestroyedWithItsProcess) {
  Simulation sim;
  Resource resource(sim, 1);
  const ProcessRef process = sim.spawn("calls", calls(resource));
  sim.run_until(seconds(1));
  EXPECT_EQ(resource.in_use(), 1);
  kill(process);
  EXPECT_EQ(resource.in_use(), 0);
}

// within()

Process impatient(Simulation& sim, Log& log, Resource& resource, Time limit, Time hold) {
  std::optional<Lease> lease = co_await within(limit, resource.request());
  note(sim, log, lease ? "served" : "gave up");
  if (lease) co_await hold;
}

TEST(Within, GivesUpAndLeavesTheQueue) {
  Simulation sim;
  Log log;
  Resource resource(sim, 1);
  sim.spawn("first", impatient(sim, log, resource, seconds(1), seconds(10)));
  sim.spawn("second", impatient(sim, log, resource, seconds(5), seconds(1)));
  sim.spawn("third", impatient(sim, log, resource, seconds(20), seconds(1)));
  sim.run();
  EXPECT_EQ(log, (Log{"0 served", "5 gave up", "10 served"}));
  EXPECT_EQ(resource.in_use(), 0);
  EXPECT_EQ(sim.now(), seconds(11)) << "no timer may be left behind";
}

Process awaits_bell(Simulation& sim, Log& log, Event bell) {
  const bool rang = co_await within(seconds(3), bell);
  note(sim, log, rang ? "rang" : "silence");
}

TEST(Within, OfAnEventSaysWhetherItTriggered) {
  for (const auto& [at, expected] : {std::pair{2, "2 rang"}, std::pair{4, "3 silence"}}) {
    Simulation sim;
    Log log;
    const Event bell(sim);
    sim.spawn("awaits", awaits_bell(sim, log, bell));
    sim.at(seconds(at), [&] { bell.succeed(); });
    sim.run();
    EXPECT_EQ(log, Log{expected});
  }
}

TEST(Within, WhatIsGrantedInTheSameInstantBeforeTheTimeIsUpCounts) {
  Simulation sim;
  Log log;
  Resource resource(sim, 0);
  sim.at(seconds(5), [&] { resource.set_capacity(1); }); // before the time-out at 5 s, in order
  sim.spawn("p", impatient(sim, log, resource, seconds(5), seconds(1)));
  sim.run();
  EXPECT_EQ(log, (Log{"5 served"}));
  EXPECT_EQ(resource.in_use(), 0);
}

Process until_closing(Simulation& sim, Log& log, Resource& resource, Event closing, Time hold) {
  const std::optional<Lease> lease = co_await within(closing, resource.request());
  note(sim, log, lease ? "served" : "sent away");
  if (lease) co_await hold;
}

TEST(Within, AnEventMayBeTheLimit) {
  for (const bool fails : {false, true}) {
    Simulation sim;
    Log log;
    Resource resource(sim, 1);
    const Event closing(sim);
    for (int i = 0; i < 3; ++i)
      sim.spawn("customer", until_closing(sim, log, resource, closing, seconds(4)));
    sim.at(seconds(6), [&] {
      if (fails)
        closing.fail(std::make_exception_ptr(std::runtime_error("fire")));
      else
        closing.succeed();
    });
    const auto late = [&] {
      sim.spawn("late", until_closing(sim, log, resource, closing, seconds(1)));
    };
    sim.at(seconds(7), late); // closed, and the place is taken
    sim.at(seconds(9), late); // closed, but what is there at once counts
    sim.run();
    EXPECT_EQ(log, (Log{"0 served", "4 served", "6 sent away", "7 sent away", "9 served"}));
    EXPECT_EQ(resource.in_use(), 0);
  }
}

TEST(Within, OfTwoThatComeAtOnceTheFirstCounts) {
  for (const bool place_first : {true, false}) {
    Simulation sim;
    Log log;
    Resource resource(sim, 0);
    const Event closing(sim);
    sim.spawn("customer", until_closing(sim, log, resource, closing, seconds(1)));
    sim.at(seconds(1), [&] {
      if (place_first) resource.set_capacity(1);
      closing.succeed();
      resource.set_capacity(1);
    });
    sim.run();
    EXPECT_EQ(log, Log{place_first ? "1 served" : "1 sent away"});
    EXPECT_EQ(resource.in_use(), 0);
  }
}

TEST(Within, AKilledWaiterForgetsItsLimit) {
  Simulation sim;
  Log log;
  Resource resource(sim, 0);
  const Event closing(sim);
  const ProcessRef customer =
      sim.spawn("customer", until_closing(sim, log, resource, closing, seconds(1)));
  sim.run_until(seconds(1));
  kill(customer);
  closing.succeed();
  sim.run();
  EXPECT_EQ(log, Log{});
  EXPECT_EQ(resource.queue_length(), 0U);
}

Process asks_too_late(Simulation& sim, Log& log, Resource& resource, Time until) {
  try {
    const std::optional<Lease> lease = co_await within(until - sim.now(), resource.request());
    note(sim, log, lease ? "served" : "gave up");
  } catch (const SimulationError& error) {
    note(sim, log, error.what());
  }
}

TEST(Within, ALimitInThePastIsRefusedAndLeavesNoRequestBehind) {
  Simulation sim;
  Log log;
  Resource resource(sim, 0);
  sim.run_until(seconds(5));
  sim.spawn("late", asks_too_late(sim, log, resource, seconds(3)));
  sim.run();
  EXPECT_EQ(log, (Log{"5 an event at 3.00s was scheduled at 5.00s: the past cannot be changed"}));
  EXPECT_EQ(resource.queue_length(), 0U);
  resource.set_capacity(1);
  EXPECT_EQ(resource.in_use(), 0);
}

// Condition and Gate

Process waits_for_level(Simulation& sim, Log& log, Condition& condition, int& level, int wanted) {
  const Condition::Until high_enough =
      condition.until([&level, wanted] { return level >= wanted; });
  co_await high_enough;
  note(sim, log, std::to_string(wanted));
}

TEST(Condition, ResumesThoseWhosePredicateHolds) {
  Simulation sim;
  Log log;
  int level = 0;
  Condition condition(sim);
  for (const int wanted : {3, 1, 0, 2})
    sim.spawn("w", waits_for_level(sim, log, condition, level, wanted));
  for (int t = 1; t <= 3; ++t)
    sim.at(seconds(t), [&] {
      ++level;
      condition.changed();
    });
  sim.run();
  EXPECT_EQ(log, (Log{"0 0", "1 1", "2 2", "3 3"}));
}

Process passes(Simulation& sim, Log& log, Gate& gate, Time arrival) {
  co_await arrival;
  co_await gate.pass();
  note(sim, log, "passed");
}

TEST(Gate, HoldsThoseWhoComeWhileItIsClosed) {
  Simulation sim;
  Log log;
  Gate gate(sim, true);
  for (const int at : {1, 3, 7}) sim.spawn("p", passes(sim, log, gate, seconds(at)));
  sim.at(seconds(2), [&] { gate.close(); });
  sim.at(seconds(5), [&] { gate.open(); });
  sim.run();
  EXPECT_EQ(log, (Log{"1 passed", "5 passed", "7 passed"}));
}

// TokenBucket

Process takes(Simulation& sim, Log& log, TokenBucket& bucket, double n) {
  co_await bucket.take(n);
  note(sim, log, std::to_string(static_cast<int>(n)));
}

TEST(TokenBucket, BurstThenRateInOrder) {
  Simulation sim;
  Log log;
  TokenBucket bucket(sim, 1, 3);
  for (const double n : {2., 1., 1., 3., 1.}) sim.spawn("t", takes(sim, log, bucket, n));
  sim.run();
  EXPECT_EQ(log, (Log{"0 2", "0 1", "1 1", "4 3", "5 1"}));
  sim.run_until(seconds(100));
  EXPECT_EQ(bucket.tokens(), 3) << "a full bucket gains nothing";
  EXPECT_THROW(bucket.take(4), ModelError);
}

TEST(TokenBucket, GivesNoMoreThanRateTimesTimeAndBurst) {
  Simulation sim(1, 0);
  Log log;
  RandomStream random = sim.stream("tokens");
  TokenBucket bucket(sim, 5, 10);
  double taken = 0;
  for (int i = 0; i < 2000; ++i) {
    sim.run_until(sim.now() + milliseconds(random.exponential(100)));
    const double n = static_cast<double>(random.below(4));
    if (bucket.try_take(n)) taken += n;
    ASSERT_LE(taken, 10 + 5 * sim.now().seconds() + 1e-6);
  }
  EXPECT_GT(taken, 0.9 * 5 * sim.now().seconds()) << "and nearly all that came, under this load";
}

TEST(TokenBucket, AKilledWaiterHoldsNobodyBack) {
  Simulation sim;
  Log log;
  TokenBucket bucket(sim, 1, 10);
  EXPECT_TRUE(bucket.try_take(10));
  const ProcessRef large = sim.spawn("large", takes(sim, log, bucket, 8));
  sim.spawn("small", takes(sim, log, bucket, 3));
  sim.at(seconds(5), [&] { kill(large); });
  sim.run();
  EXPECT_EQ(log, (Log{"5 3"}));
}

// Who waits on what

Process waits_in_vain(Store<int>& store) { co_await store.get(); }
Process sleeps() { co_await seconds(1000); }

TEST(Simulation, SaysWhoWaitsForWhat) {
  Simulation sim;
  Resource dock(sim, 0, "dock");
  Store<int> mail(sim, 1, "mail");
  Log log;
  sim.spawn("ship", impatient(sim, log, dock, seconds(1e6), Time{}));
  sim.spawn("reader", waits_in_vain(mail));
  sim.spawn("sleeper", sleeps());
  sim.run_until(seconds(1));
  const std::vector<ProcessStatus> all = sim.processes();
  ASSERT_EQ(all.size(), 3U);
  EXPECT_EQ(all[0].waits_for, "a place of 'dock'");
  EXPECT_EQ(all[1].waits_for, "an item of 'mail'");
  EXPECT_EQ(all[2].waits_for, "until 16m40s");
}

/// One of each thing that processes wait for, with one who waits in vain.
struct Things {
  explicit Things(Simulation& sim)
      : resource(sim, 0), preemptive(sim, 0), store(sim, 1), tank(sim, 1), condition(sim),
        bucket(sim, 1, 1), server(sim, 0) {
    store.try_put(0);
    bucket.try_take(1);
  }
  Resource resource;
  PreemptiveResource preemptive;
  Store<int> store;
  Container tank;
  Condition condition;
  TokenBucket bucket;
  ProcessorSharing server;
};
template <class Awaitable>
Process waits_within(Simulation& sim, Log& log, Awaitable awaitable, Event limit) {
  try {
    co_await within(limit, std::move(awaitable));
    note(sim, log, "gave up");
  } catch (const Interrupt& interrupt) {
    note(sim, log, interrupt.what());
  }
}

TEST(Simulation, WhatIsWaitedForMayGo) {
  // Those who waited wait for ever, and can be interrupted, killed, and limited; also by the end of
  // the simulation.
  for (const int how : {0, 1, 2, 3}) {
    Simulation sim;
    Log log;
    auto things = std::make_unique<Things>(sim);
    const Event limit(sim);
    std::vector<ProcessRef> all;
    const auto wait_for = [&](auto awaitable) {
      all.push_back(sim.spawn("w", waits_within(sim, log, std::move(awaitable), limit)));
    };
    wait_for(things->resource.request());
    wait_for(things->preemptive.request());
    wait_for(things->store.put(1));
    wait_for(things->store.get_if([](int i) { return i > 0; }));
    wait_for(things->tank.get(1));
    wait_for(things->condition.until([] { return false; }));
    wait_for(things->bucket.take(1));
    wait_for(things->server.serve(1));
    sim.run_until(milliseconds(1));
    things.reset();
    for (const ProcessStatus& process : sim.processes())
      EXPECT_EQ(process.waits_for, "what is no more");
    sim.run_until(seconds(9));
    EXPECT_EQ(sim.unfinished_processes().size(), 8U);
    if (how == 0) limit.succeed();
    for (const ProcessRef& process : all) {
      if (how == 1) interrupt(process, "called off");
      if (how == 2) kill(process);
    }
    sim.run();
    EXPECT_EQ(sim.unfinished_processes().size(), how == 3 ? 8U : 0U);
    EXPECT_EQ(log, how > 1 ? Log{} : Log(8, how == 0 ? "9 gave up" : "9 called off"));
  }
}

Process owns_things(Simulation& sim, Log& log, const Event& limit, std::optional<Things>& outside) {
  Things own(sim);
  for (Things* const things : {&own, &*outside}) {
    sim.spawn("w", waits_within(sim, log, things->resource.request(), limit));
    sim.spawn("w", waits_within(sim, log, things->preemptive.request(), limit));
    sim.spawn("w", waits_within(sim, log, things->store.put(1), limit));
    sim.spawn("w",
              waits_within(sim, log, things->store.get_if([](int i) { return i > 0; }), limit));
    sim.spawn("w", waits_within(sim, log, things->tank.get(1), limit));
    sim.spawn("w", waits_within(sim, log, things->condition.until([] { return false; }), limit));
    sim.spawn("w", waits_within(sim, log, things->bucket.take(1), limit));
    sim.spawn("w", waits_within(sim, log, things->server.serve(1), limit));
  }
  co_await limit;
}

TEST(Simulation, MayEndBeforeWhatItsProcessesWaitFor) {
  // Things in the frame of a process that is destroyed after those of who waits for them.
  Simulation sim;
  Log log;
  const Event limit(sim);
  std::optional<Things> outside(sim);
  sim.spawn("owner", owns_things(sim, log, limit, outside));
  sim.run_until(milliseconds(1));
  EXPECT_EQ(sim.unfinished_processes().size(), 17U);
}

TEST(Simulation, TracesEachEventBeforeItFires) {
  Simulation sim;
  Log log;
  sim.trace_events([&](const FiredEvent& event) {
    log.push_back(std::to_string(event.number) + " " + std::string(event.process));
  });
  sim.spawn("sleeper", sleeps());
  sim.at(seconds(1), [] {});
  sim.run();
  EXPECT_EQ(log, (Log{"1 sleeper", "2 ", "3 sleeper"}));
}

TEST(Simulation, ATraceMayCancelWhatItIsToldOf) {
  Simulation sim;
  Log log;
  const EventHandle first = sim.at(seconds(1), [&] { note(sim, log, "first"); });
  sim.at(seconds(3), [&] { note(sim, log, "third"); });
  const ProcessRef sleeper = sim.spawn("sleeper", sleeps());
  sim.trace_events([&](const FiredEvent& event) {
    log.push_back(std::to_string(event.number) + " at " + to_string(event.at));
    if (event.at == seconds(1)) sim.cancel(first);
    if (event.at == seconds(1000)) kill(sleeper); // the last there is
  });
  sim.run_until(seconds(2)); // does not reach the third
  EXPECT_EQ(sim.now(), seconds(2));
  EXPECT_TRUE(sim.step());
  EXPECT_FALSE(sim.step());
  EXPECT_EQ(log, (Log{"1 at 0s", "2 at 1.00s", "2 at 3.00s", "3 third", "3 at 16m40s"}));
  EXPECT_EQ(sim.events_fired(), 2U);
}

TEST(Simulation, TracesWhatPassesTheFilterAndMayEndItself) {
  Simulation sim;
  Log log;
  const EventFilter sleepers{.from = seconds(1),
                             .until = seconds(3),
                             .process = [](std::string_view name) { return name == "sleeper"; }};
  const auto trace = [&](const FiredEvent& event) {
    note(sim, log, std::to_string(event.number));
    if (log.size() == 3) sim.trace_events({});
  };
  sim.trace_events(trace, sleepers);
  for (int i = 0; i < 5; ++i) {
    sim.at(seconds(i), [] {});
    sim.at(seconds(i), [&sim] { sim.spawn("sleeper", sleeps()); });
  }
  sim.run();
  EXPECT_EQ(log, (Log{"1 6", "2 9", "3 12"}));
}

} // namespace
} // namespace windtunnel::engine
