// Where the order of what happens at one time differs from SimPy's, as README.md tells.
#include <gtest/gtest.h>

#include "libsim/engine/resource.hpp"
#include "tests/libsim/examples/examples.hpp"

namespace windtunnel::examples {
namespace {

using Log = std::vector<std::string>;

Process user(Log& log, std::string name, Resource& resource) {
  log.push_back(name + " asks");
  const Lease lease = co_await resource.request();
  log.push_back(name + " has it");
}

TEST(TieOrder, AWaitForWhatIsThereGoesOnAtOnce) {
  Simulation sim;
  Resource resource(sim, 2);
  Log log;
  sim.spawn("a", user(log, "a", resource));
  sim.spawn("b", user(log, "b", resource));
  sim.run();
  // SimPy: a asks, b asks, a has it, b has it.
  EXPECT_EQ(log, (Log{"a asks", "a has it", "b asks", "b has it"}));
}

Process note(Log& log, std::string what) {
  log.push_back(std::move(what));
  co_return;
}
Process note_at_one(Log& log, std::string what) {
  co_await seconds(1);
  log.push_back(std::move(what));
}
Process spawn_at_one(Simulation& sim, Log& log) {
  co_await seconds(1);
  sim.spawn("new", note(log, "new process"));
}

TEST(TieOrder, ANewProcessBeginsBehindWhatIsScheduled) {
  Simulation sim;
  Log log;
  sim.spawn("spawner", spawn_at_one(sim, log));
  sim.spawn("timer", note_at_one(log, "timer"));
  sim.run();
  // SimPy: new process, timer.
  EXPECT_EQ(log, (Log{"timer", "new process"}));
}

Process interrupted(Log& log) {
  try {
    co_await seconds(9);
  } catch (const Interrupt&) {
    log.push_back("interrupted");
  }
}
Process interrupt_at_one(ProcessRef victim) {
  co_await seconds(1);
  interrupt(victim, "now");
}

TEST(TieOrder, AnInterruptIsThrownBehindWhatIsScheduled) {
  Simulation sim;
  Log log;
  const ProcessRef victim = sim.spawn("victim", interrupted(log));
  sim.spawn("interrupter", interrupt_at_one(victim));
  sim.spawn("timer", note_at_one(log, "timer"));
  sim.run();
  // SimPy: interrupted, timer.
  EXPECT_EQ(log, (Log{"timer", "interrupted"}));
}

Process waiter(Log& log, std::string name, Event event) {
  co_await event;
  log.push_back(std::move(name));
}

TEST(TieOrder, AConditionWakesItsWaitersWithItsEvent) {
  Simulation sim;
  Log log;
  const Event event(sim);
  sim.spawn("any", waiter(log, "any_of", any_of(sim, {event})));
  sim.spawn("one", waiter(log, "event", event));
  sim.after(seconds(1), [&event] { event.succeed(); });
  sim.run();
  // SimPy: event, any_of: a condition takes a turn of its own.
  EXPECT_EQ(log, (Log{"any_of", "event"}));
}

TEST(TieOrder, RunUntilFiresTheEventsAtItsTimeToo) {
  Simulation sim;
  Log log;
  sim.spawn("timer", note_at_one(log, "timer"));
  sim.run_until(seconds(1));
  // SimPy's run(until=1) stops before them.
  EXPECT_EQ(log, (Log{"timer"}));
}

} // namespace
} // namespace windtunnel::examples
