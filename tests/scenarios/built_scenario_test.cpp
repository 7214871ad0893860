// Scenarios built in C++, whose fields no reader has seen.
#include <gtest/gtest.h>

#include "scenarios/check.hpp"
#include "tests/scenarios/small_scenario.hpp"

namespace windtunnel::scenarios {
namespace {

TEST(BuiltScenario, EveryBadValueIsFound) {
  Scenario s = training();
  s.replications = 0;
  s.control_plane_tier = "premium";
  s.failures.law = "weibul";
  s.failures.rate_multiplier = -1;
  s.node_pools[0].count = 0;
  s.node_pools[0].spares = -1;
  s.node_pools[0].image_pull = "lazy";
  s.node_pools[0].purchase = {.kind = "capacity-block", .block_days = 15};
  s.node_pools[1].purchase = {.discount = ratio(0.3)};
  s.storage[0].tier = "glacier";
  s.workloads[0].framework = "jaxx";
  s.workloads[0].images = 5;
  s.workloads[0].global_batch = 0;
  s.workloads[0].plan.tensor = 0;
  s.workloads[0].checkpoint.mode = "sometimes";
  s.workloads[0].checkpoint.every = Time{};
  s.workloads[0].step_time = seconds(-1);
  std::vector<std::string> pointers;
  for (const Issue& issue : check(s, shelf())) pointers.push_back(issue.pointer);
  const std::vector<std::string> expected{"/run/replications",
                                          "/cluster/controlPlane/tier",
                                          "/failures/rateMultiplier",
                                          "/failures/law",
                                          "/cluster/nodePools/0/count",
                                          "/cluster/nodePools/0/spares",
                                          "/cluster/nodePools/0/image/pull",
                                          "/cluster/nodePools/0/purchase/days",
                                          "/cluster/nodePools/1/purchase/discount",
                                          "/cluster/storage/0/tier",
                                          "/workloads/0/framework",
                                          "/workloads/0",
                                          "/workloads/0/globalBatch",
                                          "/workloads/0/plan/tensor",
                                          "/workloads/0/checkpoint/mode",
                                          "/workloads/0/checkpoint/every",
                                          "/workloads/0/stepTime"};
  EXPECT_EQ(pointers, expected);
  EXPECT_THROW(run(s, shelf()), InputError);
}

std::vector<std::string> pointers_of(const Scenario& s) {
  std::vector<std::string> pointers;
  for (const Issue& issue : check(s, shelf())) pointers.push_back(issue.pointer);
  return pointers;
}

TEST(BuiltScenario, NamesThatOthersReferToAreNotEmpty) {
  Scenario s = training();
  s.region = s.node_pools[0].name = s.node_pools[0].instance_type = s.storage[0].name = "";
  s.workloads[0].name = s.workloads[0].model = s.workloads[0].node_pool = "";
  s.workloads[0].checkpoint.to = "";
  const std::vector<std::string> expected{"/region",
                                          "/cluster/nodePools/0/name",
                                          "/cluster/nodePools/0/instanceType",
                                          "/cluster/storage/0/name",
                                          "/workloads/0/name",
                                          "/workloads/0/model",
                                          "/workloads/0/nodePool",
                                          "/workloads/0/checkpoint/to"};
  EXPECT_EQ(pointers_of(s), expected);
}

TEST(BuiltScenario, LimitsAcrossFieldsHoldForItToo) {
  Scenario zones = training();
  zones.node_pools[0].zones = {zones.region + "a", "nowhere-1b"};
  EXPECT_EQ(pointers_of(zones), (std::vector<std::string>{"/cluster/nodePools/0/zones",
                                                          "/cluster/nodePools/0/zones/1"}));
  Scenario endless = training();
  endless.workloads[0].step_time = hours(876); // a century of its 1,000 steps
  EXPECT_EQ(pointers_of(endless), std::vector<std::string>{"/workloads/0/tokens"});
  Scenario too_much = training();
  too_much.workloads[0].tokens = 1e16;
  EXPECT_EQ(pointers_of(too_much), std::vector<std::string>{"/workloads/0/tokens"});
}

} // namespace
} // namespace windtunnel::scenarios
