#include "models/network/flows.hpp"

#include <gtest/gtest.h>

#include <array>

#include "bench/flow_cases.hpp"
#include "libsim/base/error.hpp"
#include "libsim/engine/within.hpp"

namespace windtunnel::network {
namespace {

using namespace engine;

struct Clients {
  Simulation sim{1};
  Flows flows{sim};
  MaxMin::Link disk = flows.add_link("disk", gigabytes_per_second(10));
  std::vector<LinkUse> route{{disk}}, no_route{};
  std::vector<std::pair<int, Time>> ended{};
  Bytes asked{};
};

Process client(Clients& c, int number, Time begin, Bytes size) {
  co_await begin;
  c.asked += size;
  co_await c.flows.transfer(c.route, size);
  c.ended.push_back({number, c.sim.now()});
}

TEST(Flows, ProcessesShareALink) {
  Clients c;
  c.sim.spawn("a", client(c, 1, {}, gigabytes(10)));
  c.sim.spawn("b", client(c, 2, {}, gigabytes(30)));
  c.sim.run();
  // Halves until 2 s, then all of it for the last 20 GB.
  EXPECT_EQ(c.ended, (std::vector<std::pair<int, Time>>{{1, seconds(2)}, {2, seconds(4)}}));
  EXPECT_EQ(c.flows.state().moved(), c.asked);
}

TEST(Flows, AnInterruptedTransferFreesItsShare) {
  Clients c;
  const ProcessRef victim = c.sim.spawn("a", client(c, 1, {}, gigabytes(100)));
  c.sim.spawn("b", client(c, 2, {}, gigabytes(10)));
  c.sim.at(seconds(1), [&] { kill(victim); });
  c.sim.run();
  EXPECT_EQ(c.ended, (std::vector<std::pair<int, Time>>{{2, seconds(1.5)}}));
  EXPECT_EQ(c.flows.state().moved(), gigabytes(15));
  EXPECT_EQ(c.flows.state().active(), 0U);
}

Process impatient(Clients& c, bool& gave_up) {
  const bool done = co_await within(seconds(1), c.flows.transfer(c.route, gigabytes(50)));
  gave_up = !done;
}

TEST(Flows, AWaitCanRunOutOfTime) {
  Clients c;
  bool gave_up = false;
  c.sim.spawn("impatient", impatient(c, gave_up));
  c.sim.run();
  EXPECT_TRUE(gave_up);
  EXPECT_EQ(c.sim.now(), seconds(1));
  EXPECT_EQ(c.flows.state().moved(), gigabytes(10));
}

TEST(Flows, ADeadLinkIsToldAndWaitedFor) {
  Clients c;
  c.flows.set_capacity(c.disk, {});
  c.sim.spawn("a", client(c, 1, {}, gigabytes(10)));
  c.sim.run();
  ASSERT_EQ(c.sim.processes().size(), 1U);
  EXPECT_EQ(c.sim.processes()[0].waits_for, "a transfer of 9.31GiB over 'disk'");
  c.sim.at(seconds(5), [&] { c.flows.set_capacity(c.disk, gigabytes_per_second(10)); });
  c.sim.run();
  EXPECT_EQ(c.ended, (std::vector<std::pair<int, Time>>{{1, seconds(6)}}));
}

TEST(Flows, AStormOf2048CheckpointsTakesItsClosedForm) {
  // 10 GB of each node, 12.5 GB/s a node, one file system of 500 GB/s; bytes are conserved.
  Simulation sim(1);
  Flows flows(sim);
  const auto fsx = flows.add_link("fsx", gigabytes_per_second(500));
  std::vector<Time> ended;
  Bytes asked{};
  for (int node = 0; node < 2048; ++node) {
    const auto nic = flows.add_link("node", gigabytes_per_second(12.5));
    const Bytes size = gigabytes(10) + bytes(node);
    asked += size;
    flows.start(std::array{LinkUse{nic}, LinkUse{fsx}}, size, [&] { ended.push_back(sim.now()); });
  }
  sim.run();
  ASSERT_EQ(ended.size(), 2048U);
  EXPECT_TRUE(std::is_sorted(ended.begin(), ended.end()));
  EXPECT_NEAR(ended.back().seconds(), asked.as_double() / 500e9, 1e-6);
  EXPECT_EQ(flows.state().moved(), asked);
  EXPECT_EQ(flows.state().carried(fsx), asked.as_double());
}

/// Two jobs' rings and what each takes alone, over one leaf uplink.
TEST(Flows, TwoRingsOnOneUplinkWaitForEachOther) {
  Simulation sim(1);
  Flows flows(sim);
  const auto uplink = flows.add_link("leaf0-spine0", gigabytes_per_second(100));
  std::array<Time, 2> ended{};
  for (std::size_t job = 0; job < 2; ++job) {
    std::vector<LinkUse> ring{{uplink}};
    for (int node = 0; node < 4; ++node)
      ring.push_back({flows.add_link("nic", gigabytes_per_second(80))});
    flows.start(ring, gigabytes(80), [&, job] { ended[job] = sim.now(); });
  }
  sim.run();
  EXPECT_EQ(ended[0], seconds(1.6));
  EXPECT_EQ(ended[1], seconds(1.6));
}

TEST(Flows, OnTheClockTheyEndAsAPlanDoes) {
  const FlowPlan plan = star_all_to_all(16, 0.3);
  const FlowOutcome expected = run(plan);
  Simulation sim(1);
  Flows flows(sim);
  for (const Bandwidth capacity : plan.links()) flows.add_link("nic", capacity);
  std::vector<Time> ends(plan.flows());
  for (std::uint32_t f = 0; f < plan.flows(); ++f)
    flows.start(plan.flow(f).route, plan.flow(f).size, [&ends, &sim, f] { ends[f] = sim.now(); });
  sim.run();
  EXPECT_EQ(ends, expected.ends);
  EXPECT_EQ(flows.state().updates(), expected.updates);
}

TEST(Flows, ACopyOfTheStateTellsWhatHappensIfNothingElseDoes) {
  Clients c;
  c.sim.spawn("a", client(c, 1, {}, gigabytes(20)));
  c.sim.spawn("b", client(c, 2, seconds(1), gigabytes(20)));
  c.sim.run_until(seconds(0.5));
  Fluid alone = c.flows.state();
  EXPECT_EQ(alone.next(), seconds(2));
  c.sim.run();
  EXPECT_EQ(c.ended, (std::vector<std::pair<int, Time>>{{1, seconds(3)}, {2, seconds(4)}}));
}

TEST(Flows, WhatMakesNoSenseIsRefusedWhenAsked) {
  Clients c;
  EXPECT_THROW(c.flows.transfer(std::array{LinkUse{7}}, 1_GiB), ModelError);
  EXPECT_THROW(c.flows.transfer(std::array{LinkUse{c.disk}}, bytes(-1)), ModelError);
  EXPECT_THROW(c.flows.start({}, 1_GiB, [] {}), ModelError);
}

Process empty_handed(Clients& c) {
  const Bytes nothing;
  co_await c.flows.transfer(c.no_route, 1_GiB);
  co_await c.flows.transfer(c.route, nothing);
  c.ended.push_back({0, c.sim.now()});
}

TEST(Flows, NoWayAndNoBytesTakeNoTime) {
  Clients c;
  c.sim.spawn("a", empty_handed(c));
  c.sim.run();
  EXPECT_EQ(c.ended, (std::vector<std::pair<int, Time>>{{0, Time{}}}));
}

} // namespace
} // namespace windtunnel::network
