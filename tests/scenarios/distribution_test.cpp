#include "scenarios/distribution.hpp"

#include <gtest/gtest.h>

#include "libsim/base/random.hpp"
#include "libsim/stats/summary.hpp"
#include "libsim/stats/variance_split.hpp"
#include "scenarios/compare.hpp"
#include "scenarios/read_scenario.hpp"
#include "scenarios/runner.hpp"
#include "scenarios/world.hpp"

namespace windtunnel::scenarios {
namespace {

Scenario small_scenario() {
  return load_scenario(SOURCE_DIR "/scenarios/library/pretrain-sd2-p5.json",
                       {{"/run/replications", "24"}});
}

TEST(Distribution, TheIntervalRestsOnDrawsOfThePriors) {
  // All variance from priors: a pair is one value told twice.
  std::vector<double> told_once, told_twice;
  RandomStream random(1, 0, "priors");
  for (int i = 0; i < 15; ++i) {
    told_once.push_back(random.normal());
    told_twice.insert(told_twice.end(), 2, told_once.back());
  }
  const Distribution d = distribution_with_share(told_twice);
  EXPECT_DOUBLE_EQ(d.half_width, stats::summarise(told_once).half_width);
  EXPECT_NEAR(d.mean, stats::summarise(told_once).mean, 1e-15);
  EXPECT_EQ(d.epistemic_share, 1);
}

TEST(Distribution, TooFewDrawsClaimNoShare) {
  const std::vector<double> nineteen(19, 1.0), varied = {1, 2, 3};
  EXPECT_FALSE(distribution_with_share(nineteen).epistemic_share);
  EXPECT_EQ(distribution(varied).half_width, stats::summarise(varied).half_width);
}

TEST(Distribution, ReplicationsShareTheirPriorsAsTheSplitAssumes) {
  const Scenario scenario = small_scenario();
  const WorldPlan world(scenario, catalog::Catalog::builtin(), {});
  const auto step_factor = [&](int i) { return world.simulate(i).jobs.front().step_factor; };
  for (int group = 0; group < 3; ++group) {
    const int first = group * replications_per_prior;
    for (int i = 1; i < replications_per_prior; ++i)
      EXPECT_EQ(step_factor(first), step_factor(first + i));
    EXPECT_NE(step_factor(first), step_factor(first + replications_per_prior));
  }
}

TEST(Run, TheReportDoesNotDependOnThreads) {
  const auto json_on = [](int threads) {
    RunOptions options;
    options.threads = threads;
    return render(run(small_scenario(), catalog::Catalog::builtin(), options), Format::json);
  };
  const std::string one = json_on(1);
  EXPECT_EQ(json_on(2), one);
  EXPECT_EQ(json_on(8), one);
}

TEST(Run, ThePartsOfTheReportComeFromItsSamples) {
  const Report report = run(small_scenario(), catalog::Catalog::builtin());
  ASSERT_EQ(report.finish_samples_s.size(), 24u);
  const stats::VarianceSplit split =
      stats::variance_split(report.finish_samples_s, replications_per_prior);
  EXPECT_EQ(report.finish_s.epistemic_share, split.prior_share->estimate);
  // A scenario against itself differs by nothing, for sure.
  for (const ComparedFigure& figure : compare(report, report).figures) {
    EXPECT_EQ(figure.difference.mean, 0);
    EXPECT_EQ(figure.difference.half_width, 0);
  }
}

} // namespace
} // namespace windtunnel::scenarios
