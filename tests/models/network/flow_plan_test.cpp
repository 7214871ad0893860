#include "models/network/flow_plan.hpp"

#include <gtest/gtest.h>

#include "bench/flow_cases.hpp"
#include "libsim/base/error.hpp"
#include "models/network/simgrid.hpp"

namespace windtunnel::network {
namespace {

TEST(FlowPlan, AnEqualRingTakesItsClosedForm) {
  // 2 (n - 1) steps of 100 MB at 50 GB/s.
  EXPECT_EQ(run(ring(8, 2, 0)).makespan, milliseconds(2 * 14));
}

TEST(FlowPlan, AnEqualAllToAllTakesItsClosedForm) {
  // 31 times 100 MB through each NIC of 50 GB/s; a nanosecond may be rounded up.
  EXPECT_NEAR(static_cast<double>((run(star_all_to_all(32, 0)).makespan).ns()), 62e6, 1);
}

TEST(FlowPlan, SurvivesJson) {
  FlowPlan plan = ring(4, 1, 0.1);
  plan.flows[3].start = microseconds(7);
  plan.flows[5].route[0].share = 0.25;
  const FlowPlan back = read_flow_plan(to_json(plan), "plan");
  EXPECT_EQ(to_json(back), to_json(plan));
  EXPECT_EQ(run(back).ends, run(plan).ends);
}

TEST(FlowPlan, BrokenPlansAreRefused) {
  EXPECT_THROW(read_flow_plan(R"({"schema": "flows/1", "links": [1], "flows": [)", "x"),
               InputError);
  EXPECT_THROW(read_flow_plan(R"({"schema": "flows/1", "links": [1],
                                 "flows": [{"size": 1, "route": [1]}]})",
                              "x"),
               InputError);
  EXPECT_THROW(read_flow_plan(R"({"schema": "flows/1", "links": [1],
                                 "flows": [{"size": -1, "route": [0]}]})",
                              "x"),
               InputError);
  EXPECT_THROW(read_flow_plan(R"({"schema": "flows/1", "links": [1],
                                 "flows": [{"size": 1, "route": []}]})",
                              "x"),
               InputError);
  FlowPlan plan = star_all_to_all(3, 0);
  plan.flows[0].after = {99};
  EXPECT_THROW(run(plan), ModelError);
  plan.flows[0].after = {1};
  plan.flows[1].after = {0};
  EXPECT_THROW(run(plan), ModelError);
  plan = star_all_to_all(3, 0);
  plan.links[0] = Bandwidth{};
  EXPECT_THROW(run(plan), ModelError);
}

} // namespace
} // namespace windtunnel::network
