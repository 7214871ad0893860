// The fit finds a law it was not told, on shapes it has not seen; whole shapes are held out; and
// broken files are refused with line and column.
#include "models/kernels/gemm_fit.hpp"

#include <gtest/gtest.h>
#include <unistd.h>

#include <cmath>
#include <filesystem>
#include <fstream>
#include <set>

#include "libsim/base/error.hpp"
#include "libsim/base/random.hpp"

namespace windtunnel::kernels {
namespace {

constexpr GemmRoofline a100{.flops_per_second = 312e12, .bytes_per_second = 2.039e12};
const std::vector<std::int64_t> sizes{256, 512, 768, 1024, 1536, 2048, 3072, 4096, 6144, 8192};
const std::vector<std::int64_t> batches{1, 8, 64, 512, 4096};

/// Tiles of 128 x 128 in whole waves, what no smooth roofline knows.
double tiled(double m, double n, double k) {
  const double waves = std::ceil(std::ceil(m / 128) * std::ceil(n / 128) / 108);
  return std::max(waves * 2 * 128 * 128 * k * 108 / (0.8 * 312e12), 2 * n * k / 1.7e12) + 4e-6;
}

std::vector<GemmSample> samples(double noise) {
  RandomStream random(1, 0, "gemm");
  std::vector<GemmSample> all;
  for (const std::int64_t n : sizes)
    for (const std::int64_t k : sizes)
      for (const std::int64_t m : batches)
        all.push_back(
            {m, n, k,
             tiled(static_cast<double>(m), static_cast<double>(n), static_cast<double>(k)) *
                 random.lognormal(1, noise)});
  return all;
}

TEST(GemmFit, PredictsShapesItHasNotSeen) {
  for (const std::uint64_t seed : {0, 1, 2}) {
    const HeldOut errors = score_held_out(samples(0.01), a100, seed);
    EXPECT_EQ(errors.sites, 100U);
    EXPECT_GT(errors.held_out_sites, 10U);
    EXPECT_LT(errors.held_out_sites, 35U);
    EXPECT_EQ(errors.model.rows, errors.held_out_sites * batches.size());
    // A tenth of the roofline's error, though waves jump from one n to the next.
    EXPECT_LT(errors.model.mean, 0.05);
    EXPECT_GT(errors.roofline.mean, 0.3);
    EXPECT_LT(errors.in_sample.mean, errors.model.mean);
    EXPECT_LT(errors.p10, errors.p90);
    EXPECT_NEAR(errors.covered.value(), 0.8, 0.2) << "of a dozen or two shapes";
  }
}

TEST(HeldOut, EachHalfOfTheSitesIsScoredByTheOthersBand) {
  std::vector<double> narrow, wide;
  for (int i = -50; i <= 50; ++i) {
    narrow.push_back(0.01 * i);
    wide.push_back(0.02 * i);
  }
  EXPECT_NEAR(cross_coverage({narrow, narrow}), 0.8, 0.01);
  // The wide half has 0.4 of its rows within the narrow band, the narrow all in the wide.
  EXPECT_NEAR(cross_coverage({narrow, wide, narrow, wide}), (0.4 + 1) / 2, 0.01);
}

TEST(GemmFit, NoiseIsNotMistakenForTheLaw) {
  const double clean = score_held_out(samples(0), a100, 0).model.mean;
  const double noisy = score_held_out(samples(0.05), a100, 0).model.mean;
  EXPECT_LT(noisy, clean + 0.05) << "the mean error of the noise itself is 0.04";
}

TEST(GemmFit, WholeShapesAreHeldOut) {
  // What is predicted for a held-out shape does not depend on any of its rows.
  std::vector<GemmSample> all = samples(0.01);
  const HeldOut before = score_held_out(all, a100, 0);
  for (GemmSample& s : all)
    if (is_held_out(std::to_string(s.n) + " x " + std::to_string(s.k), 0)) s.seconds *= 2;
  const HeldOut after = score_held_out(all, a100, 0);
  EXPECT_NEAR(after.model.bias, (1 + before.model.bias) / 2 - 1, 1e-9);
  EXPECT_EQ(after.in_sample.mean, before.in_sample.mean);
}

TEST(GemmFit, TheTableHoldsWhatWasMeasuredAndFillsTheRest) {
  std::vector<GemmSample> all = samples(0);
  std::erase_if(all, [](const GemmSample& s) { return s.n == 2048 && s.k == 3072; });
  std::erase_if(all, [](const GemmSample& s) { return s.n == 512 && s.k == 512 && s.m == 64; });
  const GemmTable table = fit_gemm(all, a100);
  for (const GemmSample& s : all) {
    const KernelTime answer =
        table.time(static_cast<double>(s.m), static_cast<double>(s.n), static_cast<double>(s.k));
    ASSERT_NEAR(answer.seconds, s.seconds, 1e-6 * s.seconds); // kept as float
    ASSERT_EQ(answer.basis, Basis::exact);
  }
  for (const auto& [m, n, k] : {std::tuple{64, 2048, 3072}, {4096, 2048, 3072}, {64, 512, 512}}) {
    const KernelTime filled = table.time(m, n, k);
    EXPECT_EQ(filled.basis, Basis::interpolated);
    const double truth = tiled(m, n, k), plain = a100.plain_seconds(m, n, k);
    EXPECT_LT(std::abs(filled.seconds - truth), std::abs(plain - truth) / 2);
  }
}

TEST(GemmFit, TooFewShapesAreRefused) {
  const std::vector<GemmSample> few{{1, 512, 512, 1e-5}, {1, 512, 1024, 1e-5}};
  EXPECT_THROW(score_held_out(few, a100, 0), ModelError);
  EXPECT_THROW(fit_gemm(few, a100), ModelError);
}

class GemmFile : public testing::Test {
protected:
  std::filesystem::path file =
      std::filesystem::temp_directory_path() / ("gemm-" + std::to_string(getpid()) + ".csv");
  ~GemmFile() override { std::filesystem::remove(file); }
  std::string refusal(const std::string& text) const {
    std::ofstream(file) << text;
    try {
      read_aiconfigurator_gemm(CsvTable::load(file.string()), "bfloat16");
    } catch (const InputError& error) {
      std::string all;
      for (const Issue& issue : error.issues())
        all += issue.pointer.substr(file.string().size()) + " " + issue.message + "\n";
      return all;
    }
    return "no error";
  }
  const std::string header = "gemm_dtype,m,n,k,latency\n";
};

TEST_F(GemmFile, IsRead) {
  std::ofstream(file) << "device,gemm_dtype,m,n,k,latency\nH100,bfloat16,16,4096,1024,0.012\n"
                         "H100,fp8,16,4096,1024,0.009\n";
  const auto read = read_aiconfigurator_gemm(CsvTable::load(file.string()), "bfloat16");
  ASSERT_EQ(read.size(), 1U);
  EXPECT_EQ(std::tuple(read[0].m, read[0].n, read[0].k), std::tuple(16, 4096, 1024));
  EXPECT_DOUBLE_EQ(read[0].seconds, 12e-6);
  EXPECT_EQ(read_aiconfigurator_gemm(CsvTable::load(file.string()), "int3").size(), 0U);
}

TEST_F(GemmFile, WhatIsBrokenIsRefusedWithLineAndColumn) {
  EXPECT_EQ(refusal("gemm_dtype,m,n,latency\nbfloat16,1,2,3\n"), " has no column 'k'\n");
  EXPECT_EQ(refusal(header + "bfloat16,1,2,3,-0.5\n"),
            ":2 column latency: '-0.5' is no positive number\n");
  EXPECT_EQ(refusal(header + "bfloat16,1,2,3,nan\n"),
            ":2 column latency: 'nan' is no positive number\n");
  EXPECT_EQ(refusal(header + "bfloat16,1,2,3,\n"), ":2 column latency: '' is no positive number\n");
  EXPECT_EQ(refusal(header + "bfloat16,1.5,2,3,1\n"), ":2 column m: '1.5' is no whole number\n");
  EXPECT_EQ(refusal(header + "bfloat16,1,2,3,1\nbfloat16,1,2,3,2\n"),
            ":3 column m: the shape 1 x 2 x 3 was measured before\n");
  EXPECT_EQ(refusal(header + "bfloat16,1,2,3,1\nbfloat16,1,2\n"),
            ":3 3 cells under a header of 5\n");
  EXPECT_EQ(refusal("device," + header + "H100,bfloat16,1,2,3,1\nA100,bfloat16,1,2,4,1\n"),
            ":3 column device: 'A100' is another device than 'H100' above\n");
  EXPECT_EQ(refusal(""), " no header line\n");
}

TEST_F(GemmFile, CompressedAndCutShortIsRefused) {
  std::ofstream(file, std::ios::binary) << std::string("\x1f\x8b\x08\x00\x00\x00\x00\x00", 8);
  EXPECT_THROW(read_aiconfigurator_gemm(CsvTable::load(file.string()), "bfloat16"), InputError);
}

} // namespace
} // namespace windtunnel::kernels
