// Our flow solver against SimGrid, where that is installed.
#include "models/network/simgrid.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <cstdlib>
#include <string>

#include "bench/flow_cases.hpp"
#include "libsim/base/error.hpp"

namespace windtunnel::network {
namespace {

/// SimGrid's own precision is 1e-5.
void expect_equal_ends(const FlowPlan& plan) {
  if (!simgrid_helper()) GTEST_SKIP() << "SimGrid is not here: install libsimgrid-dev";
  const FlowOutcome ours = run(plan), other = run_on_simgrid(plan);
  double worst = 0;
  for (std::size_t f = 0; f < plan.flows.size(); ++f)
    worst = std::max(worst, std::abs(ours.ends[f].seconds() / other.ends[f].seconds() - 1));
  EXPECT_LT(worst, 1e-5);
  std::printf("%zu flows end within %.2g of SimGrid's times\n", plan.flows.size(), worst);
}

TEST(AgainstSimgrid, AllToAllOverAStarOf64) { expect_equal_ends(star_all_to_all(64, 0.05)); }
TEST(AgainstSimgrid, EqualAllToAllOverAStarOf64) { expect_equal_ends(star_all_to_all(64, 0)); }
TEST(AgainstSimgrid, JitteredRingOf64HostsAnd8Rails) { expect_equal_ends(ring(64, 8, 0.05)); }
TEST(AgainstSimgrid, TwoThousandFlowsOverAClos) { expect_equal_ends(clos(2048, 2000)); }

TEST(AgainstSimgrid, LaterStarts) {
  FlowPlan plan = clos(256, 60);
  for (std::uint32_t f = 0; f < 60; ++f) plan.flows[f].start = microseconds(40.0 * (f % 7));
  expect_equal_ends(plan);
}

std::string refusal(const FlowPlan& plan) {
  try {
    run_on_simgrid(plan);
  } catch (const ModelError& error) {
    return error.what();
  }
  return "";
}

TEST(Simgrid, WhatItCannotDoIsRefused) {
  FlowPlan plan = star_all_to_all(4, 0);
  plan.flows[0].route[0].share = 0.5;
  EXPECT_EQ(refusal(plan), "SimGrid cannot divide a flow over several ways: every share must be 1");
  plan = star_all_to_all(4, 0);
  plan.flows[1].size = Bytes{};
  EXPECT_EQ(refusal(plan), "SimGrid is not asked for empty flows");
  EXPECT_NE(refusal(star_all_to_all(200, 0)).find("not asked for more than"), std::string::npos);
}

TEST(Simgrid, AProgramThatFailsSaysWhatItSaid) {
  ASSERT_EQ(setenv("WINDTUNNEL_SIMGRID", "/bin/false", 1), 0);
  EXPECT_EQ(refusal(star_all_to_all(2, 0)), "/bin/false failed: ");
  ASSERT_EQ(setenv("WINDTUNNEL_SIMGRID", "/bin/true", 1), 0);
  EXPECT_THROW(run_on_simgrid(star_all_to_all(2, 0)), InputError); // no answer
  ASSERT_EQ(setenv("WINDTUNNEL_SIMGRID", "/no/such/program", 1), 0);
  EXPECT_NE(refusal(star_all_to_all(2, 0)).find("SimGrid is not here"), std::string::npos);
  unsetenv("WINDTUNNEL_SIMGRID");
}

} // namespace
} // namespace windtunnel::network
