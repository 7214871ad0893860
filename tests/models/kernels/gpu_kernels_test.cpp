// One door: which table answers, what it stands on, and that GPUs never measured are predicted from
// their relatives as well as the scores say.
#include "models/kernels/gpu_kernels.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <set>

#include "libsim/base/error.hpp"
#include "models/kernels/gemm_scores.hpp"

namespace windtunnel::kernels {
namespace {

const catalog::Catalog& catalog() { return catalog::Catalog::builtin(); }
GpuKernels kernels_of(const char* gpu) { return GpuKernels(*catalog().gpu(gpu)); }

/// A table of one shape's times, every one `factor` of the roofline.
KernelTable table_of(const char* gpu, const char* source, double factor, std::int64_t largest_m) {
  KernelTable table;
  table.gpu = gpu;
  table.provenance.source = source;
  GemmGrid grid{
      .m = {1, largest_m}, .n = {4096, 8192}, .k = {4096, 8192}, .log_ratio = {}, .measured = {}};
  grid.log_ratio.assign(8, static_cast<float>(std::log(factor)));
  grid.measured.assign(8, true);
  const GemmRoofline roofline = roofline_of(*catalog().gpu(gpu), gemm_formats().front());
  table.gemm.push_back({"bf16", GemmTable(roofline, grid, {-0.1, 0.1}), {}});
  return table;
}

TEST(GpuKernels, MeasuredGpusAnswerFromTheirOwnTables) {
  for (const char* gpu : {"A100-SXM-80", "H100", "H200", "B200", "L40S"}) {
    const KernelAnswer answer = kernels_of(gpu).gemm("bf16").time(4096, 8192, 8192);
    EXPECT_EQ(answer.basis, Basis::exact) << gpu;
    EXPECT_EQ(answer.table->gpu, catalog().gpu(gpu)->name);
    EXPECT_LT(answer.p10, answer.seconds);
    EXPECT_GT(answer.p90, answer.seconds);
  }
  const GemmKernel gemm = kernels_of("H100").gemm("bf16");
  EXPECT_EQ(gemm.time(4000, 8192, 8192).basis, Basis::interpolated);
  EXPECT_EQ(gemm.time(4096, 8192, 1e6).basis, Basis::extrapolated);
}

TEST(GpuKernels, OurOwnSuiteComesFirstAndOthersFillWhereItEnds) {
  const std::vector<KernelTable> tables{table_of("H100-SXM-80", "theirs", 2, 8192),
                                        table_of("H100-SXM-80", "calibration/raw/h100.csv", 3, 64)};
  const GemmKernel gemm = GpuKernels(*catalog().gpu("H100"), tables, catalog()).gemm("bf16");
  const GemmTable& any = tables[0].gemm[0].table;
  const KernelAnswer inside = gemm.time(16, 4096, 4096), outside = gemm.time(1024, 4096, 4096),
                     nowhere = gemm.time(100'000, 4096, 4096);
  EXPECT_EQ(inside.table, &tables[1]);
  EXPECT_NEAR(inside.seconds, 3 * any.roofline().seconds(16, 4096, 4096), 1e-9);
  EXPECT_EQ(outside.table, &tables[0]);
  EXPECT_EQ(outside.basis, Basis::interpolated);
  EXPECT_EQ(nowhere.table, &tables[1]);
  EXPECT_EQ(nowhere.basis, Basis::extrapolated);
}

TEST(GpuKernels, GpusNeverMeasuredAreTransferredWithAWiderBand) {
  for (const char* gpu :
       {"A100-SXM-40", "H100-PCIe-80", "H200-NVL-141", "L4", "A10G", "GB200", "RTX-4090"}) {
    const GemmKernel gemm = kernels_of(gpu).gemm("bf16");
    const KernelAnswer answer = gemm.time(4096, 8192, 8192);
    EXPECT_EQ(answer.basis, Basis::transferred) << gpu;
    EXPECT_TRUE(gemm.transferred());
    EXPECT_GT(answer.p90 / answer.p10,
              kernels_of("H100").gemm("bf16").time(4096, 8192, 8192).p90 /
                  kernels_of("H100").gemm("bf16").time(4096, 8192, 8192).p10);
    // Between the data sheet's best and four times it.
    const double ideal =
        roofline_of(*catalog().gpu(gpu), gemm_formats().front()).plain_seconds(4096, 8192, 8192);
    EXPECT_GT(answer.seconds, ideal) << gpu;
    EXPECT_LT(answer.seconds, 2.5 * ideal) << gpu;
  }
  EXPECT_EQ(kernels_of("H100-PCIe-80").gemm("bf16").time(1, 4096, 4096).table->gpu, "H100-SXM-80");
  EXPECT_EQ(kernels_of("A100-PCIe-80").gemm("bf16").time(1, 4096, 4096).table->gpu, "A100-SXM-80");
}

TEST(GpuKernels, Fp16IsAnsweredAsBf16WhosePeakItHasWhereItWasNotMeasured) {
  EXPECT_EQ(kernels_of("H200").gemm("fp16").time(64, 4096, 4096).seconds,
            kernels_of("H200").gemm("bf16").time(64, 4096, 4096).seconds);
  EXPECT_NE(kernels_of("H100").gemm("fp16").time(64, 4096, 4096).table,
            kernels_of("H100").gemm("bf16").time(64, 4096, 4096).table);
  // Volta and Turing have no bf16 but do have fp16.
  EXPECT_EQ(kernels_of("V100-SXM-16").gemm("fp16").time(64, 4096, 4096).basis, Basis::transferred);
  EXPECT_THROW(kernels_of("V100-SXM-16").gemm("bf16"), InputError);
}

TEST(GpuKernels, WhatNeitherTheGpuNorARelativeKnowsIsRefused) {
  EXPECT_THROW(kernels_of("A100-SXM-80").gemm("fp8"), InputError); // no such units
  EXPECT_THROW(kernels_of("H100").gemm("fp7"), InputError);
  EXPECT_THROW(kernels_of("MI300X").gemm("bf16"), ModelError);
  EXPECT_THROW(kernels_of("Trainium1").gemm("bf16"), ModelError);
  const std::vector<KernelTable> none;
  EXPECT_THROW(GpuKernels(*catalog().gpu("H100"), none, catalog()).gemm("bf16"), ModelError);
}

TEST(GpuKernels, AWholeGpuHeldOutIsPredictedFromTheOthers) {
  // The bounds; and nobody's own table has a part in the prediction.
  for (const auto& [gpu, bound] : {std::pair("H200", 0.10),
                                   {"L40S", 0.20},
                                   {"H100", 0.10},
                                   {"B200", 0.15},
                                   {"A100-SXM-80", 0.15}}) {
    std::vector<KernelTable> others, own;
    for (const KernelTable& table : built_in_tables())
      (table.gpu == catalog().gpu(gpu)->name ? own : others).push_back(table);
    ASSERT_EQ(own.size() + others.size(), built_in_tables().size());
    const GemmTable blind =
        GpuKernels(*catalog().gpu(gpu), others, catalog()).transferred_gemm("bf16");
    for (const KernelTable& measured : own)
      for (const FittedGemm& gemm : measured.gemm)
        if (gemm.dtype == "bf16") {
          const TableScore score = score_on(blind, gemm.table);
          EXPECT_LT(score.model.median, bound) << gpu;
          EXPECT_LT(score.model.median, score.roofline.median / 1.9) << gpu;
        }
    const GemmTable seeing = kernels_of(gpu).transferred_gemm("bf16");
    for (const double m : {1., 100., 5000.})
      EXPECT_EQ(seeing.time(m, 8192, 8192).seconds, blind.time(m, 8192, 8192).seconds) << gpu;
  }
}

TEST(GpuKernels, AttentionAndMemoryBoundOperatorsComeThroughTheSameDoor) {
  const AttentionShape llama{.heads = 32, .kv_heads = 8, .head_dim = 128};
  const auto decode = [&](const char* gpu) {
    return kernels_of(gpu).attention(AttentionPhase::decode, "bf16", 0, llama).time(64, 4096);
  };
  EXPECT_NE(decode("H100").basis, Basis::transferred);
  EXPECT_EQ(decode("H100").table->gpu, "H100-SXM-80");
  const KernelAnswer carried = decode("H100-PCIe-80");
  EXPECT_EQ(carried.basis, Basis::transferred);
  EXPECT_EQ(carried.table->gpu, "H100-SXM-80");
  EXPECT_LT(carried.p10, carried.p90);
  // Bound by memory: about as much slower as the memory is.
  EXPECT_NEAR(carried.seconds / decode("H100").seconds, 3350.0 / 2000, 0.25);

  const KernelAnswer norm = kernels_of("H100").memory("rmsnorm", "bf16").time(4096, 8192);
  EXPECT_NE(norm.basis, Basis::transferred);
  const KernelAnswer elsewhere = kernels_of("H200").memory("rmsnorm", "bf16").time(4096, 8192);
  EXPECT_EQ(elsewhere.basis, Basis::transferred);
  EXPECT_LT(elsewhere.seconds, norm.seconds);

  EXPECT_THROW(kernels_of("H100").attention(AttentionPhase::decode, "fp7", 0, llama), InputError);
  EXPECT_THROW(kernels_of("H100").attention(AttentionPhase::decode, "bf16", 77, llama), ModelError);
  EXPECT_THROW(kernels_of("H100").memory("no such", "bf16"), ModelError);
  EXPECT_THROW(kernels_of("MI300X").memory("rmsnorm", "bf16"), ModelError);
}

TEST(GpuKernels, TransfersAreScoredForEveryOperatorThatTwoGpusHave) {
  std::set<std::string> ops;
  for (const TransferScore& score : score_transfers()) {
    ops.insert(score.op);
    EXPECT_GT(score.score.model.rows, 0U) << score.op << " " << score.table->gpu;
    if (score.dtype == "bf16" && score.table->gpu == "H200-SXM-141") {
      EXPECT_LT(score.score.model.median, 0.15) << score.op;
    }
  }
  for (const char* op : {"gemm", "attention_prefill", "attention_decode", "rmsnorm", "softmax"})
    EXPECT_TRUE(ops.contains(op)) << op;
}

TEST(Relatives, AreThoseOfTheArchitectureOrAllOthersByDistance) {
  std::vector<const catalog::GpuSpec*> measured;
  for (const char* gpu : {"A100-SXM-80", "H100", "H200", "B200", "L40S"})
    measured.push_back(catalog().gpu(gpu));
  const auto relatives = [&](const char* gpu) {
    return relatives_of(*catalog().gpu(gpu), catalog::Dtype::bf16, measured);
  };
  const auto h800 = relatives("H800-SXM-80");
  ASSERT_EQ(h800.size(), 2U);
  EXPECT_EQ(measured[h800[0].index]->name, "H100-SXM-80");
  EXPECT_GT(h800[0].weight, 0.9);
  EXPECT_EQ(measured[relatives("L4").front().index]->name, "L40S");
  const auto l40s = relatives("L40S");
  double sum = 0;
  for (const Relative& relative : l40s) {
    EXPECT_NE(measured[relative.index]->name, "L40S");
    sum += relative.weight;
  }
  EXPECT_EQ(l40s.size(), 4U);
  EXPECT_NEAR(sum, 1, 1e-12);
  EXPECT_THROW(relatives("MI300X"), ModelError);
}

} // namespace
} // namespace windtunnel::kernels
