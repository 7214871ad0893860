// Workloads of the caller's own, beside the scenario's or alone.
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <stdexcept>

#include "scenarios/check.hpp"
#include "scenarios/report/render_csv.hpp"
#include "tests/scenarios/small_scenario.hpp"

namespace windtunnel::scenarios {
namespace {

using engine::Process;
using usage::NodeUse;

/// Holds some nodes for rounds of random length, useful but for the first ten minutes.
class Evaluation : public Workload {
public:
  Evaluation(const WorkloadContext& context, int nodes, int rounds)
      : sim_(context.sim), held_(context.nodes), nodes_(nodes), rounds_(rounds),
        random_(context.sim.stream("evaluation")) {}

  Process run() override {
    co_await held_.acquire(nodes_);
    co_await minutes(10);
    held_.book(NodeUse::start, nodes_, minutes(10));
    for (int round = 0; round < rounds_; ++round) {
      const Time begin = sim_.now();
      co_await hours(random_.lognormal(1, 0.3));
      held_.book(NodeUse::useful, nodes_, sim_.now() - begin);
    }
    held_.release(nodes_);
  }

private:
  engine::Simulation& sim_;
  HeldNodes& held_;
  int nodes_, rounds_;
  RandomStream random_;
};

RunOptions evaluating(const std::string& pool, int nodes, int rounds) {
  return {.threads = 1, .workloads = {workload_of<Evaluation>("evaluation", pool, nodes, rounds)}};
}

const WaterfallItem* item(const Report& report, const std::string& cause) {
  for (const WaterfallItem& candidate : report.waterfall)
    if (candidate.cause == cause) return &candidate;
  return nullptr;
}

void expect_sums_to_the_bill(const Report& report) {
  Money lines{}, causes{};
  double billed_hours = 0, caused_hours = 0;
  for (const BillLine& line : report.bill_lines) {
    lines += line.cost;
    if (line.unit == "instance-hours") billed_hours += line.quantity;
  }
  for (const WaterfallItem& cause : report.waterfall) {
    causes += cause.cost;
    caused_hours += cause.node_hours;
  }
  EXPECT_NEAR(caused_hours, billed_hours, 1e-9 * billed_hours);
  EXPECT_EQ(lines, report.bill);
  EXPECT_EQ(causes, report.bill);
  EXPECT_GT(report.bill, Money{});
}

TEST(CustomWorkload, IsInBillWaterfallAndReport) {
  RunOptions options = evaluating("gpu", 3, 4);
  options.workloads[0].useful_label = "Evaluating checkpoints";
  const Report report = run(training(), shelf(), options);
  expect_sums_to_the_bill(report);
  ASSERT_EQ(report.jobs.size(), 1U);
  ASSERT_EQ(report.workloads.size(), 1U);
  const WorkloadReport& own = report.workloads[0];
  EXPECT_EQ(own.name, "evaluation");
  EXPECT_EQ(own.node_pool, "gpu");
  EXPECT_EQ(own.instance_type, "p5.48xlarge");
  EXPECT_NEAR(own.node_hours.mean - own.useful_node_hours.mean, 3 * 10.0 / 60, 1e-9);
  EXPECT_GT(own.finish_s.p90, own.finish_s.p10);
  const catalog::PriceRow* price = shelf().price("p5.48xlarge", "us-east-1", "on-demand");
  ASSERT_TRUE(price);
  EXPECT_NEAR(own.cost_usd.mean, own.node_hours.mean * price->usd.dollars(), 1e-6);

  const WaterfallItem* useful = item(report, "useful_evaluation");
  ASSERT_TRUE(useful);
  EXPECT_EQ(useful->label, "Evaluating checkpoints");
  EXPECT_NEAR(useful->node_hours, own.useful_node_hours.mean, 1e-9);
  EXPECT_NEAR(useful->cost.dollars(), own.useful_node_hours.mean * price->usd.dollars(), 1e-3);
  ASSERT_TRUE(item(report, "start"));
  ASSERT_TRUE(item(report, "gemm_at_peak"));
}

/// The header's example.
class Fixed : public Workload {
public:
  explicit Fixed(const WorkloadContext& context) : nodes_(context.nodes) {}
  Process run() override {
    co_await nodes_.acquire(2);
    co_await hours(3);
    nodes_.book(NodeUse::useful, 2, hours(3));
    nodes_.release(2);
  }

private:
  HeldNodes& nodes_;
};

TEST(CustomWorkload, NeedsNoTrainingJob) {
  RunOptions options;
  options.workloads.push_back(workload_of<Fixed>("fixed", "small"));
  const Report report = run(cluster(), shelf(), options);
  expect_sums_to_the_bill(report);
  EXPECT_TRUE(report.jobs.empty());
  ASSERT_EQ(report.workloads.size(), 1U);
  EXPECT_EQ(report.workloads[0].node_hours.p10, 6);
  EXPECT_EQ(report.workloads[0].node_hours.p90, 6);
  EXPECT_EQ(report.finish_s.p50, report.workloads[0].finish_s.p50);
  EXPECT_EQ(item(report, "useful_fixed")->label, "Useful work of fixed");
  EXPECT_NEAR(item(report, "useful_fixed")->node_hours, 6, 1e-9);
  // The pool nobody uses is held as long as the cluster.
  ASSERT_EQ(report.bill_lines[0].path[1], "gpu");
  const double held = 9 * report.finish_s.mean / 3600, begun_seconds = 9 * 1.0 / 3600;
  EXPECT_GE(report.bill_lines[0].quantity, held);
  EXPECT_LE(report.bill_lines[0].quantity, held + begun_seconds); // billed by begun seconds
  const auto unused = [](const std::string& w) { return w.find("'gpu'") != std::string::npos; };
  EXPECT_EQ(std::count_if(report.warnings.begin(), report.warnings.end(), unused), 1);
  for (const Format format : {Format::table, Format::json, Format::csv, Format::html})
    EXPECT_FALSE(render(report, format).empty());
}

TEST(CustomWorkload, QueuesForThePoolLikeAnyJob) {
  Scenario s = training();
  s.node_pools[0].count = 4; // all of it is the job's, which came first
  const Report report = run(s, shelf(), evaluating("gpu", 2, 1));
  for (const double seconds : report.finish_samples_s)
    EXPECT_GT(seconds, report.jobs[0].finish_s.p10);
  EXPECT_GT(report.workloads[0].finish_s.p10, report.jobs[0].finish_s.p10 + 600);
  EXPECT_EQ(report.finish_s.p50, report.workloads[0].finish_s.p50);
  expect_sums_to_the_bill(report);
}

TEST(CustomWorkload, DoesNotDependOnThreads) {
  RunOptions options = evaluating("gpu", 3, 4);
  const std::string one = render(run(training(), shelf(), options), Format::json);
  options.threads = 4;
  EXPECT_EQ(one, render(run(training(), shelf(), options), Format::json));
}

TEST(CustomWorkload, OnAnotherPoolLeavesTheJobAlone) {
  const Report alone = run(training(), shelf(), {.threads = 1});
  const Report beside = run(training(), shelf(), evaluating("small", 1, 2));
  EXPECT_EQ(alone.jobs[0].finish_s.mean, beside.jobs[0].finish_s.mean);
  EXPECT_EQ(alone.jobs[0].interruptions.mean, beside.jobs[0].interruptions.mean);
}

TEST(CustomWorkload, IsRendered) {
  const Report report = run(training(), shelf(), evaluating("gpu", 3, 4));
  const std::string table = render(report, Format::table);
  for (const char* text :
       {"Workloads of your own", "evaluation", "Node-hours held", "Useful work of evaluation"})
    EXPECT_NE(table.find(text), std::string::npos) << text;
  const std::string page = render(report, Format::html);
  EXPECT_NE(page.find("Workloads of your own"), std::string::npos);
  EXPECT_NE(page.find("useful_evaluation"), std::string::npos);

  const auto json = nlohmann::json::parse(render(report, Format::json));
  const auto assumed = [](const auto& row) { return row["what"] == "workload evaluation"; };
  EXPECT_EQ(std::count_if(json["assumptions"].begin(), json["assumptions"].end(), assumed), 1);
  ASSERT_EQ(json["workloads"].size(), 1U);
  EXPECT_EQ(json["workloads"][0]["name"], "evaluation");
  EXPECT_EQ(json["workloads"][0]["node_pool"], "gpu");
  EXPECT_EQ(json["workloads"][0]["cost_usd"]["p50"], report.workloads[0].cost_usd.p50);
  EXPECT_EQ(json["workloads"][0]["node_hours"]["mean"], report.workloads[0].node_hours.mean);
  EXPECT_EQ(json["workloads"][0]["finish_s"]["p90"], report.workloads[0].finish_s.p90);

  std::string csv;
  for (const auto& [name, text] : csv_files(report))
    if (name == "workloads.csv") csv = text;
  EXPECT_TRUE(csv.starts_with("name,node_pool,instance_type,finish_s_mean,")) << csv;
  EXPECT_NE(csv.find("\nevaluation,gpu,p5.48xlarge,"), std::string::npos) << csv;
}

/// Takes nodes in one way and breaks its contract in another.
enum class Fault {
  none,
  books_too_little,
  books_twice,
  keeps_nodes,
  leaves_the_queue,
  releases_too_many,
  asks_too_many,
  asks_twice_too_many,
  books_the_past,
  throws,
  waits_for_ever,
};

class Faulty : public Workload {
public:
  Faulty(const WorkloadContext& context, Fault fault)
      : sim_(context.sim), nodes_(context.nodes), fault_(fault) {}

  Process run() override {
    const int asked = fault_ == Fault::asks_too_many ? 3 : 1;
    co_await nodes_.acquire(asked);
    if (fault_ == Fault::asks_twice_too_many) nodes_.acquire(2);
    co_await hours(1);
    if (fault_ == Fault::throws) throw std::runtime_error("the data set is gone");
    if (fault_ == Fault::waits_for_ever) {
      const engine::Event never(sim_);
      co_await never;
    }
    if (fault_ == Fault::books_the_past) nodes_.book(NodeUse::idle, 1, minutes(-1));
    if (fault_ == Fault::books_twice) nodes_.book(NodeUse::checkpoint, 1, minutes(6));
    nodes_.book(NodeUse::useful, 1, fault_ == Fault::books_too_little ? minutes(54) : hours(1));
    if (fault_ == Fault::leaves_the_queue) nodes_.acquire(1);
    if (fault_ == Fault::releases_too_many) nodes_.release(2);
    if (fault_ != Fault::keeps_nodes && fault_ != Fault::leaves_the_queue) nodes_.release(1);
  }

private:
  engine::Simulation& sim_;
  HeldNodes& nodes_;
  Fault fault_;
};

TEST(CustomWorkload, ThatBreaksItsContractIsNamed) {
  const std::pair<Fault, const char*> cases[] = {
      {Fault::books_too_little,
       "workload 'faulty' held 1 node-hours of pool 'small' and booked 0.9: 0.1 node-hours are not "
       "booked"},
      {Fault::books_twice, "held 1 node-hours of pool 'small' and booked 1.1: 0.1 node-hours are "
                           "booked that it did not hold"},
      {Fault::keeps_nodes, "workload 'faulty' ended without releasing 1 nodes of pool 'small'"},
      {Fault::releases_too_many, "workload 'faulty' holds 1 nodes of pool 'small', it released 2"},
      {Fault::asks_too_many, "process 'faulty': node pool 'small' has 2 nodes, a job asked for 3"},
      {Fault::asks_twice_too_many, "workload 'faulty' holds or awaits 1 of the 2 nodes of pool "
                                   "'small' and asked for 2 more"},
      {Fault::books_the_past, "workload 'faulty' booked 1 nodes for -60 s as idle"},
      {Fault::throws, "process 'faulty': the data set is gone"},
      {Fault::waits_for_ever, "workload 'faulty' waits for ever"},
  };
  for (const auto& [fault, text] : cases) {
    const std::string message =
        failure({.threads = 1, .workloads = {workload_of<Faulty>("faulty", "small", fault)}});
    EXPECT_NE(message.find(text), std::string::npos) << text << "\n got: " << message;
    EXPECT_TRUE(message.starts_with("replication 0: ")) << message;
  }
  EXPECT_EQ(failure({.workloads = {workload_of<Faulty>("faulty", "small", Fault::none)}}), "");
}

TEST(CustomWorkload, MayNotEndWhileNodesAreOnTheirWay) {
  // The other of the two nodes is the evaluation's when it is asked for.
  const std::string message =
      failure({.threads = 1,
               .workloads = {workload_of<Faulty>("faulty", "small", Fault::leaves_the_queue),
                             workload_of<Evaluation>("evaluation", "small", 1, 9)}});
  EXPECT_NE(
      message.find("workload 'faulty' ended while 1 nodes of pool 'small' were still on their "
                   "way to it"),
      std::string::npos)
      << message;
}

TEST(CustomWorkload, ThatCannotBeMadeIsNamed) {
  const auto make = [](auto function) {
    return RunOptions{.threads = 1,
                      .workloads = {{.name = "odd", .node_pool = "gpu", .make = function}}};
  };
  EXPECT_EQ(failure(make([](const WorkloadContext&) -> std::unique_ptr<Workload> {
              throw std::runtime_error("no such trace");
            })),
            "replication 0: making workload 'odd': no such trace");
  EXPECT_EQ(failure(make([](const WorkloadContext&) { return std::unique_ptr<Workload>(); })),
            "replication 0: making workload 'odd' returned none");
}

TEST(CustomWorkload, EveryProblemOfTheTableAtOnce) {
  Scenario s = training();
  s.node_pools[0].instance_type = "p5.48xlagre";
  const std::vector<Issue> found =
      problems(s, {.workloads = {workload_of<Fixed>("pretrain", "gpus"),
                                 {.name = "", .node_pool = "gpu", .make = nullptr}}});
  ASSERT_EQ(found.size(), 5U);
  EXPECT_EQ(found[0].pointer, "/cluster/nodePools/0/instanceType");
  EXPECT_EQ(found[1], (Issue{"/options/workloads/0/name", "'pretrain' is used twice"}));
  EXPECT_EQ(found[2], (Issue{"/options/workloads/0/node_pool",
                             "there is no node pool 'gpus'; there are: gpu, small"}));
  EXPECT_EQ(found[3].pointer, "/options/workloads/1/name");
  EXPECT_EQ(found[4].pointer, "/options/workloads/1/make");
}

TEST(CustomWorkload, NothingToRunIsAnError) {
  const std::vector<Issue> found = problems(cluster(), {});
  ASSERT_EQ(found.size(), 1U);
  EXPECT_EQ(found[0].pointer, "/workloads");
  EXPECT_TRUE(check(cluster(), shelf()).empty()); // a cluster for workloads of the caller's own
}

/// Loses a node after an hour and goes on when another has come.
class LosesANode : public Workload {
public:
  explicit LosesANode(const WorkloadContext& context) : sim_(context.sim), nodes_(context.nodes) {}
  Process run() override {
    co_await nodes_.acquire(2);
    co_await hours(1);
    nodes_.book(NodeUse::useful, 2, hours(1));
    const Time lost = sim_.now();
    bool spare = false;
    const engine::Event replaced = nodes_.replace_one(&spare);
    EXPECT_EQ(nodes_.held(), spare ? 2 : 1);
    co_await replaced;
    EXPECT_EQ(nodes_.held(), 2);
    EXPECT_EQ(spare, sim_.now() == lost);
    nodes_.book(NodeUse::no_nodes, 1, sim_.now() - lost);
    nodes_.release(2);
  }

private:
  engine::Simulation& sim_;
  HeldNodes& nodes_;
};

TEST(CustomWorkload, ReplacesNodes) {
  for (const char* pool : {"gpu", "small"}) { // with a spare, without
    const Report report = run(
        cluster(), shelf(), {.threads = 1, .workloads = {workload_of<LosesANode>("loses", pool)}});
    expect_sums_to_the_bill(report);
    EXPECT_EQ(item(report, "no_nodes") != nullptr, std::string(pool) == "small");
    EXPECT_NEAR(item(report, "useful_loses")->node_hours, 2, 1e-9);
  }
}

} // namespace
} // namespace windtunnel::scenarios
