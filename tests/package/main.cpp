// windtunnel as a C++ library, from the outside: what an installed copy offers, in the order one
// needs it. Fails when something is not as it should be.
#include <cstdio>
#include <memory>
#include <string>

#include "libsim/base/error.hpp"
#include "models/catalog/catalog.hpp"
#include "models/failures/failure_law.hpp"
#include "scenarios/check.hpp"
#include "scenarios/read_scenario.hpp"
#include "scenarios/runner.hpp"
#include "scenarios/workload.hpp"

namespace wt = windtunnel;
using namespace windtunnel::scenarios;
using wt::usage::NodeUse;

namespace {

int wrong = 0;

void expect(bool condition, const char* what) {
  if (condition) return;
  ++wrong;
  std::printf("NOT SO: %s\n", what);
}

// [scenario] A scenario is a plain value: what is not said has the default of its header.
Scenario pretraining() {
  return {.name = "pretrain-8b",
          .region = "us-east-1",
          .node_pools = {{.name = "gpu", .instance_type = "p5.48xlarge", .count = 4, .spares = 1}},
          .storage = {{.name = "bucket", .kind = "s3", .tier = "standard"}},
          .workloads = {{.name = "pretrain",
                         .model = "llama-3.1-8b",
                         .framework = "fsdp",
                         .node_pool = "gpu",
                         .nodes = 3,
                         .tokens = 4e9,
                         .sequence_length = 8192,
                         .global_batch = 96,
                         .plan = {.sharding = wt::training::Sharding::fsdp,
                                  .recompute = wt::training::Recompute::selective},
                         .checkpoint = {.every = wt::minutes(30), .to = "bucket"}}},
          .goals = {.deadline = wt::hours(30), .budget = wt::dollars(10'000)},
          .replications = 20,
          .seed = 7};
}
// [scenario]

// [law] Failures in the night: the job loses one of its nodes at every midnight after the start.
class Midnight : public wt::failures::FailureLaw {
public:
  explicit Midnight(const wt::failures::Fleet& fleet) : nodes_(fleet.nodes) {}

  wt::failures::Failure next(wt::Time now, wt::RandomStream& random) override {
    const std::int64_t days_begun = now.ns() / wt::days(1).ns() + 1;
    const auto node = random.below(static_cast<std::uint64_t>(nodes_));
    return {wt::days(1) * days_begun, static_cast<int>(node)};
  }
  void replaced(int, wt::Time) override {} // a fresh node is no better

private:
  int nodes_;
};
// [law]

// [workload] Evaluations beside the training job: each waits for its data, then works.
class Evaluation : public Workload {
public:
  Evaluation(const WorkloadContext& context, int rounds)
      : sim_(context.sim), nodes_(context.nodes), rounds_(rounds),
        random_(context.sim.stream("evaluation")) {}

  wt::engine::Process run() override {
    for (int round = 0; round < rounds_; ++round) {
      co_await nodes_.acquire(1);
      const wt::Time begin = sim_.now();
      co_await wt::minutes(random_.lognormal(5, 0.5));
      nodes_.book(NodeUse::waiting, 1, sim_.now() - begin);
      co_await wt::minutes(40);
      nodes_.book(NodeUse::useful, 1, wt::minutes(40));
      nodes_.release(1);
      co_await wt::hours(1);
    }
  }

private:
  wt::engine::Simulation& sim_;
  HeldNodes& nodes_;
  int rounds_;
  wt::RandomStream random_;
};
// [workload]

void built_checked_and_run(const wt::catalog::Catalog& catalog) {
  // [check] Every problem at once, each with the place it would have in a file.
  Scenario typo = pretraining();
  typo.node_pools[0].instance_type = "p5.48xlrage";
  typo.workloads[0].checkpoint.to = "buckets";
  for (const wt::Issue& issue : check(typo, catalog))
    std::printf("%s: %s\n", issue.pointer.c_str(), issue.message.c_str());
  // [check]
  expect(check(typo, catalog).size() == 2, "two problems");
  try {
    run(typo, catalog);
    expect(false, "run() refuses what check() refuses");
  } catch (const wt::InputError& error) {
    expect(error.issues() == check(typo, catalog), "the exception carries the problems");
  }

  // [run]
  const Scenario scenario = pretraining();
  const Report report = run(scenario, catalog, {.threads = 2});
  std::printf("finishes after %.1f h, P90 %.1f h, for $%.0f\n", report.finish_s.p50 / 3600,
              report.finish_s.p90 / 3600, report.cost_usd.p50);
  for (const GoalResult& goal : report.goals)
    std::printf("%s kept with probability %.2f\n", goal.name.c_str(), goal.probability);
  for (const WaterfallItem& item : report.waterfall)
    std::printf("%12.2f  %s\n", item.cost.dollars(), item.label.c_str());
  // [run]
  expect(report.jobs.size() == 1 && report.jobs[0].gpus == 24, "one job on 3 x 8 GPUs");
  expect(report.finish_s.p10 <= report.finish_s.p50 && report.finish_s.p50 <= report.finish_s.p90,
         "quantiles in order");
  expect(report.goals.size() == 2, "a probability for each goal");
  wt::Money lines{}, causes{};
  for (const BillLine& line : report.bill_lines) lines += line.cost;
  for (const WaterfallItem& item : report.waterfall) causes += item.cost;
  expect(report.bill > wt::Money{} && lines == report.bill, "the lines sum to the bill exactly");
  expect(causes == report.bill, "so does the waterfall");
  expect(render(report, Format::json) ==
             render(run(scenario, catalog, {.threads = 1}), Format::json),
         "the number of threads changes nothing");
}

void loaded_from_a_file(const wt::catalog::Catalog& catalog) {
  // [file] A file, with fields set as --set does on the command line.
  const Scenario scenario = load_scenario(SCENARIO, {{"/cluster/nodePools/0/spares", "1"}});
  const Report report = run(scenario, catalog);
  std::puts(render(report, Format::table, {.width = 90}).c_str());
  // [file]
  expect(scenario.node_pools[0].spares == 1, "the setting was applied");
  expect(report.start == 1803888000, "the report has dates");
  expect(report.jobs[0].work == 2e9 && report.jobs[0].work_unit == "tokens", "2B tokens");
  for (const Format format : {Format::csv, Format::html})
    expect(render(report, format).size() > 100, "every format renders");
  try {
    load_scenario("no such file.json");
    expect(false, "a missing file is an error");
  } catch (const wt::InputError&) {
  }
}

void with_a_law_of_ones_own(const wt::catalog::Catalog& catalog) {
  Scenario scenario = pretraining();
  scenario.workloads[0].tokens = 40e9;
  const Report expected = run(scenario, catalog);
  // [run with law]
  RunOptions options;
  options.law = [](const wt::failures::Fleet& fleet) { return std::make_unique<Midnight>(fleet); };
  const Report report = run(scenario, catalog, options);
  // [run with law]
  double failures = 0;
  for (const ClassCount& failure : report.jobs[0].failures) failures += failure.mean;
  const double midnights = report.jobs[0].finish_s.mean / 86400;
  expect(midnights > 2, "the job runs for days");
  expect(failures > midnights - 1.5 && failures <= midnights, "one failure a midnight");
  expect(report.finish_s.mean != expected.finish_s.mean, "the law made a difference");
}

void with_a_workload_of_ones_own(const wt::catalog::Catalog& catalog) {
  const Scenario scenario = pretraining();
  // [run with workload] A row a workload: class, name, node pool, then what its constructor wants.
  RunOptions options;
  options.workloads = {workload_of<Evaluation>("evaluation", "gpu", 5)};
  const Report report = run(scenario, catalog, options);
  for (const WorkloadReport& own : report.workloads)
    std::printf("%s on %s: %.1f node-hours, $%.2f\n", own.name.c_str(), own.node_pool.c_str(),
                own.node_hours.mean, own.cost_usd.mean);
  // [run with workload]
  expect(report.workloads.size() == 1 && report.jobs.size() == 1, "both are reported");
  expect(report.workloads[0].node_hours.p10 > 5 * 40 / 60.0, "five rounds and their waits");
  wt::Money causes{};
  double useful_hours = 0;
  for (const WaterfallItem& item : report.waterfall) {
    causes += item.cost;
    if (item.cause == "useful_evaluation") useful_hours = item.node_hours;
  }
  expect(useful_hours > 3.3333 && useful_hours < 3.3334, "useful: five times 40 minutes");
  expect(causes == report.bill, "the waterfall still sums to the bill");

  // Without any training job, and wrongly: on a pool that is not there.
  Scenario bare = scenario;
  bare.workloads.clear();
  expect(run(bare, catalog, options).jobs.empty(), "a workload of one's own is enough");
  options.workloads[0].node_pool = "cpu";
  const std::vector<wt::Issue> issues = check(options, bare);
  expect(issues.size() == 1 && issues[0].message == "there is no node pool 'cpu'; there are: gpu",
         "the pools there are");
}

} // namespace

int main() {
  const wt::catalog::Catalog& catalog = wt::catalog::Catalog::builtin();
  built_checked_and_run(catalog);
  loaded_from_a_file(catalog);
  with_a_law_of_ones_own(catalog);
  with_a_workload_of_ones_own(catalog);
  std::printf("%d things are not as they should be\n", wrong);
  return wrong == 0 ? 0 : 1;
}
