// A failure law of the user's own: what it answers is what happens, and what it throws ends the
// run.
#include <gtest/gtest.h>

#include <string>

#include "scenarios/read_scenario.hpp"
#include "scenarios/runner.hpp"

namespace windtunnel::scenarios {
namespace {

Report run_with(const failures::LawFactory& law) {
  const Scenario scenario =
      load_scenario(std::string(SOURCE_DIR) + "/scenarios/library/pretrain-llama3-8b-p5.json",
                    {{"/run/replications", "4"}});
  RunOptions options;
  options.law = law;
  return run(scenario, catalog::Catalog::builtin(), options);
}

class Never : public failures::FailureLaw {
public:
  failures::Failure next(Time, RandomStream&) override { return {}; }
  void replaced(int, Time) override {}
};

/// Node 3 fails after a day; then the law breaks.
class Breaks final : public Never {
public:
  failures::Failure next(Time now, RandomStream&) override {
    if (now > Time{} && asked_++ > 0) throw std::domain_error("no second failure is known");
    return {now + hours(24), 3};
  }

private:
  int asked_ = 0;
};

TEST(UserLaw, DecidesWhatFails) {
  const Report report = run_with([](const failures::Fleet& fleet) {
    EXPECT_EQ(fleet.nodes, 16);
    EXPECT_GT(fleet.failures_per_node_hour, 0);
    return std::make_unique<Never>();
  });
  for (const ClassCount& failure : report.jobs.front().failures) EXPECT_EQ(failure.mean, 0);
}

TEST(UserLaw, WhatItThrowsEndsTheRun) {
  try {
    run_with([](const failures::Fleet&) { return std::make_unique<Breaks>(); });
    FAIL() << "the run passed a broken law's job for one that is done";
  } catch (const SimulationError& error) {
    EXPECT_STREQ(error.what(),
                 "replication 0: at 1.00d, process 'pretrain': no second failure is known");
  }
}

} // namespace
} // namespace windtunnel::scenarios
