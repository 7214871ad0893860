// What must hold of any simulation, whatever its numbers.
#include <gtest/gtest.h>

#include <cmath>
#include <filesystem>

#include "scenarios/compare.hpp"
#include "scenarios/runner.hpp"
#include "scenarios/world.hpp"
#include "tests/scenarios/laws/scenarios.hpp"

namespace windtunnel::scenarios {
namespace {

using usage::NodeUse;

const catalog::Catalog& builtin() { return catalog::Catalog::builtin(); }

Report run_law(const std::vector<Setting>& settings = {}, int threads = 2) {
  RunOptions options;
  options.threads = threads;
  return run(law_scenario(settings), builtin(), options);
}

/// The first job of each replication.
std::vector<training::TrainingJob::Result> first_jobs(const std::vector<Setting>& settings,
                                                      int replications) {
  const Scenario scenario = law_scenario(settings);
  const WorldPlan world(scenario, builtin(), nullptr);
  std::vector<training::TrainingJob::Result> results;
  for (int i = 0; i < replications; ++i) results.push_back(world.simulate(i).jobs.front().job);
  return results;
}

/// Whole nano-dollars, at most `off` apart.
testing::AssertionResult near(std::int64_t a, std::int64_t b, std::int64_t off) {
  if (std::abs(a - b) <= off) return testing::AssertionSuccess();
  return testing::AssertionFailure() << a << " is not within " << off << " of " << b;
}

std::int64_t nano(double usd) { return std::llround(usd * 1e9); }

TEST(Laws, AScenarioComparedWithItselfDiffersByNothing) {
  const Comparison same = compare(run_law(), run_law({}, 1));
  for (const ComparedFigure& figure : same.figures) {
    EXPECT_EQ(figure.a, figure.b) << figure.name;
    EXPECT_EQ(figure.difference.mean, 0) << figure.name;
    EXPECT_EQ(figure.difference.p10, 0) << figure.name;
    EXPECT_EQ(figure.difference.p90, 0) << figure.name;
    EXPECT_EQ(figure.difference.half_width, 0) << figure.name;
  }
  for (const auto& [a, b] : same.waterfall) EXPECT_EQ(a.cost, b.cost) << a.cause;
}

TEST(Laws, TwiceThePricesIsTwiceTheCost) {
  const Report once = run_law();
  const Report twice = run_law({{"/cluster/controlPlane/price", "$0.20/h"},
                                {"/cluster/nodePools/0/purchase/price", "$110.08/h"},
                                {"/cluster/storage/0/pricePerGBMonth", "$0.42"},
                                {"/cluster/storage/1/pricePerGBMonth", "$0.046"}});
  EXPECT_EQ(once.finish_samples_s, twice.finish_samples_s);
  // Each total is rounded once to a nano-dollar: 2 x 0.5 + 0.5 at most, which is whole.
  for (std::size_t i = 0; i < once.cost_samples_usd.size(); ++i)
    EXPECT_TRUE(near(nano(twice.cost_samples_usd[i]), 2 * nano(once.cost_samples_usd[i]), 1));
  // The mean is rounded again, and so is each line's share of it.
  EXPECT_TRUE(near(twice.bill.nano_dollars(), 2 * once.bill.nano_dollars(), 2));
  ASSERT_EQ(once.bill_lines.size(), twice.bill_lines.size());
  for (std::size_t i = 0; i < once.bill_lines.size(); ++i)
    EXPECT_TRUE(near(twice.bill_lines[i].cost.nano_dollars(),
                     2 * once.bill_lines[i].cost.nano_dollars(), 4))
        << once.bill_lines[i].path.back();
  ASSERT_EQ(once.waterfall.size(), twice.waterfall.size());
  for (std::size_t i = 0; i < once.waterfall.size(); ++i)
    EXPECT_TRUE(
        near(twice.waterfall[i].cost.nano_dollars(), 2 * once.waterfall[i].cost.nano_dollars(), 4))
        << once.waterfall[i].cause;
}

TEST(Laws, ThreadsDoNotMatter) {
  EXPECT_EQ(render(run_law({}, 1), Format::json), render(run_law({}, 2), Format::json));
}

TEST(Laws, WithoutFailuresTheTimeIsStepsCheckpointsAndTheStart) {
  const Scenario scenario = law_scenario({{"/failures/profile", "none"}});
  const WorldPlan world(scenario, builtin(), nullptr);
  const JobSetup& setup = world.jobs().front();
  EXPECT_EQ(setup.steps, 25600);
  for (int i = 0; i < 5; ++i) {
    const WorldResult result = world.simulate(i);
    const JobResult& job = result.jobs.front();
    const Int128 nodes = 4;
    const Time step = setup.step.step * job.step_factor;
    const Time every = job.checkpoint_interval;
    const std::int64_t k = std::llround(every / step), checkpoints = (setup.steps + k - 1) / k;
    EXPECT_NEAR(every.hours(), 1, 0.01);
    EXPECT_EQ(job.job.nodes[NodeUse::useful], nodes * (step * setup.steps).ns());
    EXPECT_EQ(job.job.checkpoints, checkpoints);
    EXPECT_EQ(job.job.nodes[NodeUse::checkpoint],
              nodes * (setup.checkpoint.stall * checkpoints).ns());
    const Time start = job.job.finished - job.job.admitted - step * setup.steps -
                       setup.checkpoint.stall * checkpoints;
    EXPECT_EQ(job.job.nodes[NodeUse::start], nodes * start.ns());
    for (const NodeUse none :
         {NodeUse::lost_work, NodeUse::detection, NodeUse::restart, NodeUse::no_nodes})
      EXPECT_EQ(job.job.nodes[none], 0);
  }
}

TEST(Laws, MoreFailuresNeverFinishEarlierInTheMean) {
  double before = 0, interruptions = 0;
  for (const char* factor : {"0", "10", "40", "160"}) {
    const Report report = run_law({{"/failures/rateMultiplier", factor}});
    EXPECT_GT(report.finish_s.mean, before) << factor;
    before = report.finish_s.mean;
    if (std::string(factor) != "0") {
      EXPECT_GT(report.jobs.front().interruptions.mean, interruptions);
    }
    interruptions = report.jobs.front().interruptions.mean;
  }
}

TEST(Laws, BillAndWaterfallOfEveryLibraryScenarioAddUp) {
  int files = 0;
  for (const auto& entry :
       std::filesystem::directory_iterator(std::string(SOURCE_DIR) + "/scenarios/library")) {
    const Report report =
        run(load_scenario(entry.path().string(), {{"/run/replications", "3"}}), builtin());
    Money lines, causes;
    for (const BillLine& line : report.bill_lines) lines += line.cost;
    for (const WaterfallItem& item : report.waterfall) causes += item.cost;
    EXPECT_EQ(lines, report.bill) << entry.path();
    EXPECT_EQ(causes, report.bill) << entry.path();
    EXPECT_GT(report.bill, Money{}) << entry.path();
    ++files;
  }
  EXPECT_GE(files, 6);
}

TEST(Laws, TwiceTheTokensIsTwiceTheUsefulTime) {
  const auto once = first_jobs({}, 5);
  const auto twice = first_jobs({{"/workloads/0/tokens", "53687091200"}}, 5);
  for (std::size_t i = 0; i < once.size(); ++i)
    EXPECT_EQ(twice[i].nodes[NodeUse::useful], 2 * once[i].nodes[NodeUse::useful]);
}

const Setting second_pool{"/cluster/nodePools/-",
                          R"({"name": "b", "instanceType": "p5.48xlarge", "count": 4,
                              "purchase": {"kind": "on-demand", "price": "$55.04/h"}})"};

TEST(Laws, AnotherWorkloadElsewhereChangesNothingOfTheFirst) {
  const auto alone = first_jobs({}, 8), beside = first_jobs({second_pool, second_job("b")}, 8);
  std::int64_t interruptions = 0;
  for (std::size_t i = 0; i < alone.size(); ++i) {
    EXPECT_EQ(alone[i].finished, beside[i].finished);
    EXPECT_EQ(alone[i].by_class, beside[i].by_class);
    interruptions += alone[i].interruptions;
  }
  EXPECT_GT(interruptions, 0); // or the law would say nothing of failures
}

TEST(Laws, TwoJobsOnOnePoolShareIt) {
  const Scenario halves = law_scenario({{"/workloads/0/nodes", "2"}, second_job("a", "2")});
  const WorldResult together = WorldPlan(halves, builtin(), nullptr).simulate(0);
  EXPECT_LT(together.jobs[1].job.admitted, together.jobs[0].job.finished);
  EXPECT_LT(together.jobs[0].job.admitted, together.jobs[1].job.finished);
  const Scenario wholes = law_scenario({second_job("a")});
  const WorldResult in_turn = WorldPlan(wholes, builtin(), nullptr).simulate(0);
  EXPECT_EQ(in_turn.jobs[1].job.admitted, in_turn.jobs[0].job.finished);
  for (const WorldResult* world : {&together, &in_turn}) {
    ASSERT_EQ(world->usage.pools.size(), 1u);
    const Time last = std::max(world->jobs[0].job.finished, world->jobs[1].job.finished);
    EXPECT_EQ(world->usage.pools[0].until, last);
    EXPECT_EQ(world->usage.pools[0].total().total(), Int128{5} * last.ns());
  }
}

TEST(Laws, APoolNobodyUsesIsBilledUntilTheLastWorkloadEnds) {
  const Scenario scenario = law_scenario({second_pool});
  const WorldResult world = WorldPlan(scenario, builtin(), nullptr).simulate(0);
  EXPECT_EQ(world.usage.pools[1].until, world.jobs[0].job.finished);
  EXPECT_EQ(world.usage.duration, world.jobs[0].job.finished);
}

} // namespace
} // namespace windtunnel::scenarios
