// What a job and its pool put on a timeline, against what they book.
#include <gtest/gtest.h>

#include <map>
#include <set>

#include "libsim/trace/timeline.hpp"
#include "models/training/training_job.hpp"

namespace windtunnel::training {
namespace {

using usage::NodeUse;

struct Recorded {
  trace::Timeline timeline;
  TrainingJob::Result result;
  usage::NodeTime unassigned;
  Time ended{};
};

constexpr int nodes = 6, spares = 1;

/// Six nodes under every class of a published profile (planned ones too) for some weeks.
void simulate(Recorded& run, std::uint64_t replication, bool traced) {
  trace::Timeline* timeline = traced ? &run.timeline : nullptr;
  engine::Simulation sim(3, replication);
  eks::NodePool pool(sim, {.name = "p",
                           .count = nodes,
                           .spares = spares,
                           .image = gibibytes(20),
                           .image_pull = "full",
                           .timeline = timeline});
  TrainingJob::Config config;
  config.name = "job";
  config.nodes = nodes;
  config.step = seconds(1);
  config.steps_per_checkpoint = 3600;
  config.steps = 3600 * 300;
  config.checkpoint = {
      .size = {}, .stall = seconds(60), .persist = seconds(90), .load = seconds(5)};
  config.profile = *failures::profile("llama3-h100");
  config.recovery = failures::recovery_model();
  config.law = failures::make_law("weibull", {nodes, 1 / 60.0, 0.7});
  config.timeline = timeline;
  TrainingJob job(sim, pool, std::move(config));
  const engine::ProcessRef process = sim.spawn("job", job.run());
  engine::done(process).subscribe([&pool] { pool.shut_down(); });
  sim.run();
  run.result = job.result();
  run.unassigned = pool.unassigned();
  run.ended = pool.until();
}

std::int64_t nodes_of(const trace::Span& span) {
  for (const trace::Arg& arg : span.args)
    if (arg.name() == "nodes") return std::get<std::int64_t>(arg.value());
  return 0;
}

TEST(JobTimeline, SpansOfEachKindAddUpToWhatIsBooked) {
  std::set<std::string> kinds;
  for (std::uint64_t r = 0; r < 8; ++r) {
    Recorded run;
    simulate(run, r, true);
    std::map<std::string, Int128> shown; // by category, spans inside others left out
    Time outer_end{};
    std::int64_t checkpoint_ns = 0, steps = 0;
    for (const std::size_t i : run.timeline.nested_order()) {
      const trace::Span& span = run.timeline.spans()[i];
      EXPECT_LE(span.end, run.ended);
      if (span.begin < outer_end) continue;
      outer_end = span.end;
      shown[span.category] += Int128{nodes_of(span)} * (span.end - span.begin).ns();
      for (const trace::Arg& arg : span.args) {
        if (arg.name() == "checkpoint_ns") checkpoint_ns += std::get<std::int64_t>(arg.value());
        if (arg.name() == "steps") steps += std::get<std::int64_t>(arg.value());
      }
    }
    EXPECT_EQ(steps, 3600 * 300);
    shown["useful"] -= Int128{nodes} * checkpoint_ns; // training spans include checkpoints
    shown["checkpoint"] += Int128{nodes} * checkpoint_ns;
    for (std::size_t use = 0; use < usage::node_uses; ++use) {
      const auto kind = static_cast<NodeUse>(use);
      EXPECT_TRUE(shown[to_string(kind)] == run.result.nodes[kind]) << to_string(kind) << ' ' << r;
      if (run.result.nodes[kind] > 0) kinds.insert(to_string(kind));
    }
    std::size_t failures = 0;
    for (const trace::Instant& instant : run.timeline.instants()) {
      EXPECT_LE(instant.at, run.ended);
      failures += instant.category == "failure";
    }
    EXPECT_EQ(failures, static_cast<std::size_t>(run.result.interruptions));
    EXPECT_EQ(run.timeline.instants().size() - failures,
              static_cast<std::size_t>(run.result.planned));
  }
  EXPECT_EQ(kinds, (std::set<std::string>{"start", "useful", "lost_work", "checkpoint", "detection",
                                          "restart", "no_nodes"}))
      << "the runs must show every kind a job books";
}

TEST(JobTimeline, RestartStagesLieWithinTheirRestartByName) {
  std::set<std::string> inside;
  for (std::uint64_t r = 0; r < 8; ++r) {
    Recorded run;
    simulate(run, r, true);
    Time outer_end{};
    for (const std::size_t i : run.timeline.nested_order()) {
      const trace::Span& span = run.timeline.spans()[i];
      if (span.begin < outer_end) inside.insert(span.category + " " + span.name);
      outer_end = std::max(outer_end, span.end);
    }
  }
  EXPECT_EQ(inside, (std::set<std::string>{
                        "start process-start", "start warm-up", "start communicators",
                        "restart diagnosis", "restart process-start", "restart warm-up",
                        "restart communicators", "restart communicators and checkpoint load"}));
}

TEST(JobTimeline, PoolCountersAreTheNodesItIsBilledFor) {
  Recorded run;
  simulate(run, 1, true);
  std::vector<trace::Sample> samples;
  for (const trace::Sample& sample : run.timeline.samples())
    if (run.timeline.counters()[sample.counter].name == "nodes") samples.push_back(sample);
  ASSERT_GT(samples.size(), 10u);
  EXPECT_EQ(samples.back().at, run.ended);
  Int128 booting = 0, ready = 0, spare = 0;
  for (std::size_t i = 0; i + 1 < samples.size(); ++i) {
    const std::vector<std::int64_t>& value = samples[i].values;
    EXPECT_EQ(value[0] + value[1] + value[2] + value[3], nodes + spares);
    const Int128 span = (samples[i + 1].at - samples[i].at).ns();
    EXPECT_TRUE(span > 0);
    booting += span * value[0];
    ready += span * value[1];
    spare += span * value[3];
  }
  EXPECT_TRUE(booting == run.unassigned[NodeUse::bring_up]);
  EXPECT_TRUE(ready == run.unassigned[NodeUse::waiting] + run.unassigned[NodeUse::idle]);
  EXPECT_TRUE(spare == run.unassigned[NodeUse::spare]);
}

TEST(JobTimeline, RecordingChangesNothingAndIsRepeatable) {
  Recorded with, again, without;
  simulate(with, 5, true);
  simulate(again, 5, true);
  simulate(without, 5, false);
  EXPECT_EQ(with.timeline.chrome_json(), again.timeline.chrome_json());
  EXPECT_TRUE(without.timeline.spans().empty());
  EXPECT_EQ(with.ended, without.ended);
  EXPECT_EQ(with.result.by_class, without.result.by_class);
  for (std::size_t use = 0; use < usage::node_uses; ++use)
    EXPECT_TRUE(with.result.nodes[static_cast<NodeUse>(use)] ==
                without.result.nodes[static_cast<NodeUse>(use)]);
}

} // namespace
} // namespace windtunnel::training
