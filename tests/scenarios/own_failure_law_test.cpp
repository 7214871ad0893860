// A failure law of the caller's own, in place of the scenario's.
#include <gtest/gtest.h>

#include <algorithm>

#include "tests/scenarios/small_scenario.hpp"

namespace windtunnel::scenarios {
namespace {

/// Every hour sharp, each time the next node.
class Hourly : public failures::FailureLaw {
public:
  explicit Hourly(int nodes) : nodes_(nodes) {}
  failures::Failure next(Time now, RandomStream&) override {
    const std::int64_t hour = now.ns() / hours(1).ns() + 1;
    return {hours(1) * hour, static_cast<int>(hour % nodes_)};
  }
  void replaced(int, Time) override {}

private:
  int nodes_;
};

/// Answers the same whatever it is asked.
class Stubborn : public failures::FailureLaw {
public:
  explicit Stubborn(failures::Failure answer) : answer_(answer) {}
  failures::Failure next(Time, RandomStream&) override { return answer_; }
  void replaced(int, Time) override {}

private:
  failures::Failure answer_;
};

TEST(OwnFailureLaw, DecidesWhenJobsFail) {
  RunOptions options{
      .law = [](const failures::Fleet& fleet) { return std::make_unique<Hourly>(fleet.nodes); }};
  const Report report = run(training(), shelf(), options);
  // 10,000 s of steps and what is lost: one failure an hour of the time it held its nodes.
  const double held_hours = report.jobs[0].gpu_hours.mean / report.jobs[0].gpus;
  double failures = 0;
  for (const ClassCount& c : report.jobs[0].failures) failures += c.mean;
  EXPECT_GE(failures, 2);
  EXPECT_NEAR(failures, held_hours, 1);
  const auto noted = [](const Assumption& a) { return a.what == "times between failures"; };
  EXPECT_EQ(std::count_if(report.assumptions.begin(), report.assumptions.end(), noted), 1);
}

TEST(OwnFailureLaw, IsHeldToItsContract) {
  const auto answering = [](failures::Failure answer) {
    return RunOptions{.threads = 1, .law = [answer](const failures::Fleet&) {
                        return std::make_unique<Stubborn>(answer);
                      }};
  };
  EXPECT_NE(failure(answering({seconds(1), 0}), training())
                .find("process 'pretrain': the failure law answered 1.00s at "),
            std::string::npos)
      << failure(answering({seconds(1), 0}), training());
  EXPECT_NE(failure(answering({days(2), 4}), training())
                .find("let node 4 fail of a job whose nodes are 0 to 3"),
            std::string::npos);
  EXPECT_EQ(failure(answering({Time::max(), -1}), training()), "");
  EXPECT_NE(
      failure(
          {.law = [](const failures::Fleet&) { return std::unique_ptr<failures::FailureLaw>(); }},
          training())
          .find("the factory of the failure law returned none"),
      std::string::npos);
}

TEST(OwnFailureLaw, NeedsClassesOfFailure) {
  Scenario s = training();
  s.failures.profile = "none";
  const std::vector<Issue> found = problems(s, {.law = [](const failures::Fleet& fleet) {
                                              return std::make_unique<Hourly>(fleet.nodes);
                                            }});
  ASSERT_EQ(found.size(), 1U);
  EXPECT_EQ(found[0].pointer, "/options/law");
}

} // namespace
} // namespace windtunnel::scenarios
