#include "models/training/step_model.hpp"

#include <gtest/gtest.h>

#include "libsim/base/error.hpp"
#include "models/catalog/catalog.hpp"
#include "models/operators/transformer.hpp"
#include "models/training/memory.hpp"
#include "models/training/pipeline_schedule.hpp"
#include "models/training/stages.hpp"

namespace windtunnel::training {
namespace {

StepSetup llama_70b() {
  const catalog::Catalog& catalog = catalog::Catalog::builtin();
  StepSetup s;
  s.model = *catalog.language_model("llama-3.1-70b");
  s.system.gpu = *catalog.gpu("H100");
  s.system.fabric = {.domain_size = 8,
                     .nvlink = gigabytes_per_second(450),
                     .network = gigabytes_per_second(50),
                     .kind = "efa"};
  s.system.gpus = 512;
  s.plan.tensor = 8;
  s.plan.pipeline = 4;
  s.plan.virtual_stages = 5;
  s.sequence_length = 8192;
  s.global_batch = 1024;
  return s;
}

TEST(StepModel, PartsAddUpToTheStepExactly) {
  for (const int pipeline : {1, 2, 4})
    for (const Recompute r : {Recompute::none, Recompute::selective, Recompute::full}) {
      StepSetup s = llama_70b();
      s.plan.pipeline = pipeline;
      s.plan.virtual_stages = pipeline == 4 ? 5 : 1;
      s.plan.recompute = r;
      const StepEstimate e = estimate_step(s);
      EXPECT_EQ(e.step, e.parts.total());
      EXPECT_GE(e.parts.bubble, Time{});
      EXPECT_GT(e.mfu, 0.1);
      EXPECT_LT(e.mfu, 0.8);
      EXPECT_EQ(e.parts.recompute > Time{}, r != Recompute::none);
    }
}

TEST(StepModel, MoreBandwidthIsNeverSlowerAndFewerPeersNeverWorse) {
  StepSetup s = llama_70b();
  Time last = Time::max();
  for (const double rate : {5.0, 12.5, 25.0, 50.0, 100.0}) {
    s.system.fabric.network = gigabytes_per_second(rate);
    const Time step = estimate_step(s).step;
    EXPECT_LE(step, last);
    last = step;
  }
  for (const double rate : {150.0, 300.0, 450.0, 900.0}) {
    s.system.fabric.nvlink = gigabytes_per_second(rate);
    const Time step = estimate_step(s).step;
    EXPECT_LE(step, last + seconds(100));
    last = step;
  }
}

TEST(StepModel, FlopsAreTheSixNDOfTheLiterature) {
  // 96 B s L h^2 (1 + s/6h + V/16Lh) with full recompute is 72 B s L h^2 (1 + s/6h + V/12Lh)
  // without (Narayanan et al. 2104.04473, eq. 3), attention counted in full; ours counts the causal
  // half.
  const catalog::LanguageModel& m = *catalog::Catalog::builtin().language_model("GPT-3 175B");
  const double s = 2048, h = m.hidden, l = m.layers, v = m.vocab;
  const double full = 24 * l * h * h * (1 + s / (6 * h) + v / (12 * l * h));
  const double half_attention = 24 * l * h * h * s / (6 * h) / 2;
  EXPECT_NEAR(operators::forward_flops_per_token(m, s) / (full - half_attention), 1, 1e-12);
}

TEST(StepModel, AnImpossiblePlanIsRefusedWithItsNumbers) {
  StepSetup s = llama_70b();
  s.plan.tensor = 7;
  EXPECT_THROW(estimate_step(s), ModelError);
  s = llama_70b();
  s.global_batch = 1000;
  try {
    estimate_step(s);
    FAIL();
  } catch (const ModelError& error) {
    EXPECT_NE(std::string(error.what()).find("1000"), std::string::npos);
  }
}

TEST(PipelineSchedule, EqualChunksGiveTheClosedForms) {
  for (const int p : {1, 2, 4, 8})
    for (const int m : {8, 16, 64, 256}) {
      PipelineTimes t{.forward = std::vector<double>(static_cast<std::size_t>(p), 1.0),
                      .backward = std::vector<double>(static_cast<std::size_t>(p), 2.0),
                      .ranks = p,
                      .micro_batches = m};
      EXPECT_NEAR(pipeline_span(t), (m + p - 1) * 3.0, 1e-9) << p << " " << m; // 1F1B
      for (const int v : {2, 4}) {
        if (p == 1) continue;
        t.forward.assign(static_cast<std::size_t>(p * v), 1.0 / v);
        t.backward.assign(static_cast<std::size_t>(p * v), 2.0 / v);
        // Interleaved: the bubble is v times smaller.
        EXPECT_NEAR(pipeline_span(t), m * 3.0 + (p - 1) * 3.0 / v, 1e-9) << p << m << v;
        t.forward.resize(static_cast<std::size_t>(p));
        t.backward.resize(static_cast<std::size_t>(p));
        t.forward.assign(static_cast<std::size_t>(p), 1.0);
        t.backward.assign(static_cast<std::size_t>(p), 2.0);
      }
    }
}

TEST(PipelineSchedule, TheSlowestStageSetsThePace) {
  const PipelineTimes t{
      .forward = {1, 1.5, 1, 1}, .backward = {2, 3, 2, 2}, .ranks = 4, .micro_batches = 64};
  const double span = pipeline_span(t);
  // Its work, and one micro-batch's forward before and backward after it on rank 0.
  EXPECT_GE(span, 64 * 4.5 + 1.0 + 2.0 - 1e-9);
  EXPECT_LE(span, 64 * 4.5 + 3 * 4.5);
}

TEST(Stages, EveryLayerAndParameterIsHeldOnce) {
  for (const char* name : {"llama-3.1-405b", "llama-3.1-70b", "GPT-3 175B", "Mixtral-8x7B"}) {
    const catalog::LanguageModel* m = catalog::Catalog::builtin().language_model(name);
    ASSERT_NE(m, nullptr) << name;
    for (const int p : {1, 4, 16}) {
      StepSetup s = llama_70b();
      s.model = *m;
      s.plan = {};
      s.plan.pipeline = p;
      s.plan.virtual_stages = p == 16 ? 2 : 1;
      double parameters = 0;
      for (int r = 0; r < p; ++r) {
        const RankParameters own = rank_parameters(s, r);
        parameters += own.dense + own.experts;
      }
      // A tied head is a copy of the embedding on the last rank.
      const bool copy = m->tied_embeddings && p > 1;
      const double expected = m->parameters() + (copy ? double(m->vocab) * m->hidden : 0);
      EXPECT_NEAR(parameters / expected, 1, 1e-3) << name << " " << p;
    }
  }
  int layers = 0;
  for (const int n : layers_of_chunks(126, 16, 8)) layers += n;
  EXPECT_EQ(layers, 126);
}

TEST(Memory, StaticStateIsEighteenBytesAParameterAndShards) {
  // Megatron-LM's theoretical_memory_usage: 18 bytes without, 6 + 12/N with the distributed
  // optimizer.
  StepSetup s = llama_70b();
  s.plan = {};
  s.system.gpus = 64;
  s.global_batch = 64;
  s.plan.sharding = Sharding::none;
  const double parameters = s.model.parameters();
  const auto stat = [&] {
    const MemoryBreakdown b = memory_of(s, 0);
    return (b.weights + b.gradients + b.optimizer).as_double() / parameters;
  };
  EXPECT_NEAR(stat(), 18, 0.01);
  s.plan.sharding = Sharding::zero1;
  EXPECT_NEAR(stat(), 6 + 12.0 / 64, 0.01);
}

TEST(Memory, WhatDoesNotFitGetsAReasonAndANeighbourThatDoes) {
  StepSetup s = llama_70b();
  s.plan = {};
  s.plan.micro_batch = 1;
  const MemoryVerdict verdict = judge_memory(s);
  EXPECT_FALSE(verdict.fits);
  EXPECT_NE(verdict.explanation.find("the largest part is"), std::string::npos);
  ASSERT_TRUE(verdict.nearest_fit.has_value());
  StepSetup changed = s;
  changed.plan = *verdict.nearest_fit;
  EXPECT_TRUE(check(changed).empty());
  EXPECT_TRUE(judge_memory(changed).fits) << verdict.nearest_fit_text;
}

TEST(Memory, InterleavedWarmUpHoldsMegatronsChunks) {
  // Narayanan et al. 2104.04473: rank r runs 2 (p - r - 1) + (v - 1) p forwards ahead, then one
  // more.
  StepSetup s = llama_70b();
  s.global_batch = 16 * 64; // more micro-batches than are ever in flight
  s.plan.micro_batch = 1;
  const auto activations = [&](int rank) { return memory_of(s, rank).activations.as_double(); };
  s.plan.virtual_stages = 5; // 80 layers: 4 in each of 20 chunks
  const double interleaved = activations(0);
  EXPECT_NEAR(activations(1) / interleaved, (2.0 * 2 + 16 + 1) / (2 * 3 + 16 + 1), 1e-9);
  s.plan.virtual_stages = 1;
  const double plain = activations(0);
  EXPECT_NEAR(activations(3) / plain, 1.0 / 4, 1e-9);
  EXPECT_NEAR(interleaved / plain, 1 + 3.0 / (4 * 5), 1e-9);
}

TEST(Memory, BuffersOfCollectivesAppearWithTheirParallelism) {
  StepSetup s = llama_70b();
  s.plan = {};
  s.plan.sharding = Sharding::zero1;
  const auto buffers = [&] { return memory_of(s, 0).communication.as_double(); };
  EXPECT_EQ(buffers(), 0);
  s.plan.tensor = 8;
  const double hidden = 2.0 * s.sequence_length * s.model.hidden;
  EXPECT_NEAR(buffers(), 2 * hidden, 1);
  s.plan.pipeline = 2;
  EXPECT_NEAR(buffers(), 2 * hidden + 2 * hidden / 8, 1);
  s.plan = {};
  s.plan.sharding = Sharding::fsdp;
  const double unit = s.model.parameters() / s.model.layers;
  // Two gathered units and two gradients of 4 bytes (Megatron's) a parameter.
  EXPECT_NEAR(buffers() / (2 * 2 * unit + 2 * 4 * unit), 1, 1e-3);
}

TEST(Memory, EightBitLinearInputsAreKeptInEightBits) {
  StepSetup s = llama_70b();
  const double wide = memory_of(s, 0).activations.as_double();
  s.plan.dtype = catalog::Dtype::fp8;
  const double narrow = memory_of(s, 0).activations.as_double();
  EXPECT_LT(narrow, wide);
  EXPECT_GT(narrow, wide / 2); // norm inputs, Q, K, V and the gate stay in 16
}

TEST(StepModel, LongSequencesPayForAttentionKernelsNotMadeForHopper) {
  StepSetup s = llama_70b();
  s.plan.pipeline = 1;
  s.plan.virtual_stages = 1;
  s.framework = "megatron-core";
  const double native = estimate_step(s).parts.attention.seconds();
  s.framework = "fsdp";
  EXPECT_GT(estimate_step(s).parts.attention.seconds(), 1.5 * native);
  s.system.gpu = *catalog::Catalog::builtin().gpu("A100"); // they were made for this one
  const double portable = estimate_step(s).parts.attention.seconds();
  s.framework = "megatron-core";
  EXPECT_DOUBLE_EQ(estimate_step(s).parts.attention.seconds(), portable);
}

TEST(Check, ProductsOfHugeNumbersAreProblemsNotOverflows) {
  StepSetup s = llama_70b();
  s.plan.pipeline = 999'999'999;
  s.plan.tensor = 999'999'999;
  EXPECT_FALSE(check(s).empty());
}

} // namespace
} // namespace windtunnel::training
