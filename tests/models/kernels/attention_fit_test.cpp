// The fit finds a law it was not told, on head shapes it has not seen, and whole shapes are held
// out.
#include "models/kernels/attention_fit.hpp"

#include <gtest/gtest.h>

#include <cmath>

#include "libsim/base/error.hpp"
#include "libsim/base/random.hpp"

namespace windtunnel::kernels {
namespace {

constexpr double peak = 312e12, bandwidth = 2.039e12, sms = 108;
constexpr AttentionRoofline roofline(AttentionPhase phase) {
  return {phase, peak, bandwidth, 2, 0};
}

/// Blocks of 128 packed rows in whole waves, and a start of every sequence: what no smooth roofline
/// knows.
double prefill_truth(const AttentionShape& shape, double batch, double length) {
  const double group = static_cast<double>(shape.heads / shape.kv_heads);
  const double tiles =
      batch * static_cast<double>(shape.kv_heads) * std::ceil(group * length / 128);
  const double tile = 4 * 128 * static_cast<double>(shape.head_dim) * (length / 2 + 64);
  return std::ceil(tiles / sms) * tile / (0.65 * peak / sms) + 5e-6 + 20e-9 * batch;
}
/// The cache at nine tenths of the bandwidth, when there are blocks to ask for it.
double decode_truth(const AttentionShape& shape, double batch, double length) {
  const double bytes = batch * 4 * static_cast<double>(shape.kv_heads * shape.head_dim) * length;
  const double busy = std::min(1.0, batch * static_cast<double>(shape.kv_heads) / sms);
  return bytes / (0.9 * bandwidth * busy) + 6e-6 + 20e-9 * batch;
}

std::vector<AttentionSample> samples(AttentionPhase phase, double noise) {
  RandomStream random(1, 0, "attention");
  std::vector<AttentionSample> all;
  for (const std::int64_t heads : {2, 4, 8, 12, 16, 24, 32, 48, 64})
    for (const std::int64_t kv_heads : {1, 2, 4, 8})
      for (const std::int64_t batch : {1, 4, 16, 64})
        for (const std::int64_t length : {16, 64, 256, 1024, 4096}) {
          if (heads % kv_heads != 0) continue;
          const AttentionShape shape{heads, kv_heads, 128};
          const auto truth = phase == AttentionPhase::prefill ? prefill_truth : decode_truth;
          all.push_back({"bf16", 0, shape, batch, length,
                         truth(shape, static_cast<double>(batch), static_cast<double>(length)) *
                             random.lognormal(1, noise)});
        }
  return all;
}

TEST(AttentionFit, PredictsHeadShapesItHasNotSeen) {
  for (const AttentionPhase phase : {AttentionPhase::prefill, AttentionPhase::decode})
    for (const std::uint64_t seed : {0, 1, 2}) {
      const HeldOut errors = score_held_out(samples(phase, 0.01), roofline(phase), seed);
      EXPECT_EQ(errors.sites, 32U);
      EXPECT_GT(errors.held_out_sites, 1U);
      EXPECT_LT(errors.held_out_sites, 14U);
      EXPECT_EQ(errors.model.rows, errors.held_out_sites * 20);
      EXPECT_EQ(errors.in_sample.rows, (errors.sites - errors.held_out_sites) * 20);
      EXPECT_LT(errors.model.median, 0.03) << to_string(phase) << seed;
      EXPECT_LT(errors.model.mean, 0.08) << to_string(phase) << seed;
      EXPECT_GT(errors.roofline.median, 0.3);
      EXPECT_LT(errors.in_sample.mean, errors.model.mean);
      EXPECT_LT(errors.p10, errors.p90);
    }
}

TEST(AttentionFit, NoiseIsNotMistakenForTheLaw) {
  const AttentionPhase phase = AttentionPhase::decode;
  const double clean = score_held_out(samples(phase, 0), roofline(phase), 0).model.mean;
  const double noisy = score_held_out(samples(phase, 0.05), roofline(phase), 0).model.mean;
  EXPECT_LT(noisy, clean + 0.05) << "the mean error of the noise itself is 0.04";
}

TEST(AttentionFit, WholeHeadShapesAreHeldOut) {
  // What is predicted for a held-out shape does not depend on any of its rows.
  std::vector<AttentionSample> all = samples(AttentionPhase::prefill, 0.01);
  const AttentionRoofline ideal = roofline(AttentionPhase::prefill);
  const HeldOut before = score_held_out(all, ideal, 0);
  for (AttentionSample& s : all)
    if (is_held_out(name_of(s.shape), 0)) s.seconds *= 2;
  const HeldOut after = score_held_out(all, ideal, 0);
  EXPECT_NEAR(after.model.bias, (1 + before.model.bias) / 2 - 1, 1e-9);
  EXPECT_EQ(after.in_sample.mean, before.in_sample.mean);
}

TEST(AttentionFit, LengthsAreHeldOutOfAllShapes) {
  std::vector<AttentionSample> all = samples(AttentionPhase::decode, 0);
  const AttentionRoofline ideal = roofline(AttentionPhase::decode);
  const FitErrors before = score_held_out_lengths(all, ideal);
  EXPECT_EQ(before.rows, 32U * 4 * 2); // lengths 64 and 1024
  EXPECT_LT(before.median, 0.1);
  for (AttentionSample& s : all)
    if (s.length == 64 || s.length == 1024) s.seconds *= 2;
  const FitErrors after = score_held_out_lengths(all, ideal);
  EXPECT_NEAR(after.bias, (1 + before.bias) / 2 - 1, 1e-9);
}

TEST(AttentionFit, TheTableHoldsWhatWasMeasuredAndPredictsTheRest) {
  for (const AttentionPhase phase : {AttentionPhase::prefill, AttentionPhase::decode}) {
    std::vector<AttentionSample> all = samples(phase, 0);
    const AttentionShape unseen{24, 4, 128};
    std::erase_if(all, [&](const AttentionSample& s) { return s.shape == unseen; });
    const AttentionTable table = fit_attention(all, roofline(phase), HeldOut{});
    for (const AttentionSample& s : all) {
      const KernelTime answer =
          table.curve(s.shape).time(static_cast<double>(s.batch), static_cast<double>(s.length));
      ASSERT_NEAR(answer.seconds, s.seconds, 1e-6 * s.seconds); // kept as float
      ASSERT_EQ(answer.basis, Basis::exact);
    }
    // 24 and 4 heads in a batch of 4 are 12 and 2 in a batch of 8, but for the start of each
    // sequence.
    const AttentionCurve curve = table.curve(unseen);
    for (const double length : {256.0, 1024.0, 4096.0}) {
      const double truth = phase == AttentionPhase::prefill ? prefill_truth(unseen, 16, length)
                                                            : decode_truth(unseen, 16, length);
      EXPECT_NEAR(curve.time(16, length).seconds / truth, 1, 0.12) << to_string(phase) << length;
      EXPECT_EQ(curve.time(16, length).basis, Basis::interpolated);
    }
  }
}

TEST(AttentionFit, TooFewHeadShapesAreRefused) {
  std::vector<AttentionSample> few = samples(AttentionPhase::decode, 0);
  std::erase_if(few, [](const AttentionSample& s) { return s.shape.heads > 16; });
  EXPECT_THROW(score_held_out(few, roofline(AttentionPhase::decode), 0), ModelError);
}

} // namespace
} // namespace windtunnel::kernels
