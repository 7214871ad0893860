// A step is the sum of its kernels until the host is slower, and grows with what it is given.
#include "models/inference/decoder_step.hpp"

#include <gtest/gtest.h>

#include <algorithm>

#include "libsim/base/error.hpp"
#include "models/catalog/catalog.hpp"

namespace windtunnel::inference {
namespace {

const catalog::Catalog& catalog() { return catalog::Catalog::builtin(); }
const catalog::LanguageModel& llama() { return *catalog().language_model("Llama-2-70B"); }
DecoderStep step(const char* gpu, int tensor, const EngineHost* host = nullptr) {
  const catalog::GpuSpec& spec = *catalog().gpu(gpu);
  network::Fabric fabric;
  fabric.nvlink = *spec.nvlink / 2;
  return DecoderStep(llama(), spec, tensor, "bf16", fabric, host);
}

TEST(DecoderStep, IsTheSumOfItsKernels) {
  const StepTime t = step("A100", 2).decode(8, 1024);
  EXPECT_EQ(t.seconds(), t.kernels());
  EXPECT_EQ(t.kernels(), t.matrices + t.memory_bound + t.attention + t.communication + t.head);
  for (const double part : {t.matrices, t.memory_bound, t.attention, t.communication, t.head})
    EXPECT_GT(part, 0);
  // Weights of 137 GB pass through two GPUs of 2 TB/s each: no step is shorter than that.
  EXPECT_GT(t.matrices, 0.9 * step("A100", 2).roofline(8));
}

TEST(DecoderStep, GrowsWithTokensContextAndFewerGpus) {
  const DecoderStep two = step("H100", 2), eight = step("H100", 8);
  EXPECT_LT(two.decode(64, 1024).seconds(), two.decode(64, 8192).seconds());
  EXPECT_LT(two.decode(8, 1024).seconds(), two.decode(128, 1024).seconds());
  EXPECT_LT(two.prefill(1, 512).seconds(), two.prefill(1, 2048).seconds());
  // As many tokens in one prompt cost more attention than in four.
  EXPECT_LT(two.prefill(4, 1024).attention, two.prefill(1, 4096).attention);
  EXPECT_LT(eight.prefill(1, 4096).matrices, two.prefill(1, 4096).matrices / 3);
  EXPECT_EQ(step("H100", 1).decode(1, 512).communication, 0);
}

TEST(DecoderStep, IsAsLongAsItsLaunchesWhereTheHostIsSlower) {
  EngineHost host;
  host.preparation = 0.002;
  host.decode_launch = 0.001; // 80 ms for all layers
  host.prefill_launch = 0.0015;
  host.sampling = 0.0005;
  const DecoderStep slow = step("H100", 4, &host);
  const StepTime decode = slow.decode(4, 512);
  EXPECT_TRUE(decode.launch_bound());
  EXPECT_NEAR(decode.seconds(), 0.002 + 0.080 + 4 * 0.0005, 1e-12);
  const StepTime longer = slow.prefill(1, 8192);
  EXPECT_FALSE(longer.launch_bound());
  EXPECT_NEAR(longer.seconds(), longer.kernels() + 0.0025, 1e-12);
}

TEST(DecoderStep, WhatItDoesNotKnowIsRefused) {
  EXPECT_THROW(step("A100", 3), ModelError);
  EXPECT_THROW(step("H200", 2), ModelError) << "no table of memory-bound operators";
  const auto* moe = catalog().language_model("Mixtral-8x7B");
  ASSERT_NE(moe, nullptr);
  EXPECT_THROW(DecoderStep(*moe, *catalog().gpu("A100"), 2, "bf16", network::Fabric{}), ModelError);
}

TEST(EngineHost, IsFoundByEngineAndGpuAndSaysWhereItIsFrom) {
  for (const char* gpu : {"A100-SXM-80", "H100-SXM-80"}) {
    const EngineHost* const host = engine_host("splitwise-2023", gpu);
    ASSERT_NE(host, nullptr);
    EXPECT_GT(host->decode_launch, 0);
    EXPECT_GT(host->prefill_launch, host->decode_launch);
    EXPECT_FALSE(host->source.empty());
  }
  EXPECT_EQ(engine_host("splitwise-2023", "L4"), nullptr);
}

} // namespace
} // namespace windtunnel::inference
