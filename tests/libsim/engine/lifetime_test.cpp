// What processes wait for, the processes and the simulation end in any order: what is gone is not
// touched. AddressSanitizer sees what a plain build may not.
#include <gtest/gtest.h>

#include <memory>

#include "libsim/engine/condition.hpp"
#include "libsim/engine/container.hpp"
#include "libsim/engine/preemptive_resource.hpp"
#include "libsim/engine/processor_sharing.hpp"
#include "libsim/engine/resource.hpp"
#include "libsim/engine/store.hpp"
#include "libsim/engine/token_bucket.hpp"
#include "libsim/engine/within.hpp"

namespace windtunnel::engine {
namespace {

/// One of each, none of which gives at once what visitors ask for.
struct Things {
  explicit Things(Simulation& sim)
      : resource(sim, 0), preemptive(sim, 0), container(sim, 10, 5), store(sim, 1),
        bucket(sim, 1e-3, 10), server(sim, 1e-3), gate(sim) {
    EXPECT_TRUE(bucket.try_take(10));
    EXPECT_TRUE(store.try_put(0));
  }
  Resource resource;
  PreemptiveResource preemptive;
  Container container;
  Store<int> store;
  TokenBucket bucket;
  ProcessorSharing server;
  Gate gate;
};
constexpr int kinds = 9;

Process visits(Things& things, int kind) {
  const Store<int>::Wanted seven = [](const int& item) { return item == 7; };
  switch (kind) {
  case 0:
    co_await things.resource.request();
    break;
  case 1:
    co_await things.preemptive.request();
    break;
  case 2:
    co_await things.container.get(8);
    break;
  case 3:
    co_await things.container.put(8);
    break;
  case 4:
    co_await things.store.put(8);
    break;
  case 5:
    co_await things.store.get_if(seven);
    break;
  case 6:
    co_await things.bucket.take();
    break;
  case 7:
    co_await things.server.serve(1);
    break;
  default:
    co_await things.gate.pass();
  }
}

Process gives_up(Things& things, bool& gave_up) {
  const bool done = co_await within(seconds(2), things.container.get(8));
  gave_up = !done;
}

TEST(Lifetime, ThingsMayGoBeforeThoseWhoWaitForThem) {
  for (const bool by_kill : {false, true}) {
    Simulation sim;
    auto things = std::make_unique<Things>(sim);
    std::vector<ProcessRef> visitors;
    std::vector<Event> ends; // taken note of: the interrupts are caught there
    for (int kind = 0; kind < kinds; ++kind)
      for (int i = 0; i < 2; ++i) {
        visitors.push_back(sim.spawn("visitor", visits(*things, kind)));
        ends.push_back(done(visitors.back()));
      }
    bool gave_up = false;
    sim.spawn("gives up", gives_up(*things, gave_up));
    sim.run_until(seconds(1));
    EXPECT_EQ(sim.unfinished_processes().size(), visitors.size() + 1) << "all wait";
    things.reset();
    sim.run();
    EXPECT_TRUE(gave_up);
    EXPECT_EQ(sim.unfinished_processes().size(), visitors.size()) << "for ever";
    for (const ProcessRef& visitor : visitors) {
      if (by_kill)
        kill(visitor);
      else
        interrupt(visitor, "it is gone");
    }
    sim.run();
    EXPECT_TRUE(sim.unfinished_processes().empty());
  }
}

Process hosts(Simulation& sim) {
  Things things(sim);
  for (int kind = 0; kind < kinds; ++kind)
    for (int i = 0; i < 2; ++i) sim.spawn("visitor", visits(things, kind));
  co_await hours(1);
}

TEST(Lifetime, ThingsInAFrameGoAfterTheFramesOfThoseWhoWaitForThem) {
  // A simulation destroys frames in the opposite order of their start.
  Simulation sim;
  sim.spawn("host", hosts(sim));
  sim.run_until(seconds(1));
  EXPECT_EQ(sim.unfinished_processes().size(), 1U + 2 * kinds);
}

} // namespace
} // namespace windtunnel::engine
