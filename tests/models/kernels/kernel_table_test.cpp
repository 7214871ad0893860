// The carried tables read back as written, say where they come from, and keep what the fit
// promised; what is no table is refused with its place.
#include "models/kernels/kernel_table.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <set>

namespace windtunnel::kernels {
namespace {

KernelTable read(const std::string& text) {
  return json::read(json::parse(text, "table.json"), "kernel table", [](json::Reader& r) {
    return read_kernel_table(r, catalog::Catalog::builtin());
  });
}

TEST(KernelTable, TheCarriedOnesCoverTheseGpusWithProvenance) {
  std::set<std::string> gpus, attentions;
  for (const KernelTable& table : built_in_tables()) {
    gpus.insert(table.gpu);
    EXPECT_FALSE(table.provenance.source.empty());
    EXPECT_FALSE(table.provenance.licence.empty());
    EXPECT_FALSE(table.command.empty());
    for (const FittedGemm& gemm : table.gemm) {
      EXPECT_LT(gemm.errors.model.median, gemm.errors.roofline.median / 4)
          << table.gpu << gemm.dtype;
      EXPECT_LT(gemm.errors.p10, 0);
      EXPECT_GT(gemm.errors.p90, 0);
    }
    for (const FittedMemory& memory : table.memory)
      EXPECT_LT(memory.fit.errors.model.median, memory.fit.errors.roofline.median / 4)
          << table.gpu << memory.dtype;
    for (const FittedAttention& attention : table.attention) {
      const HeldOut& errors = attention.errors;
      EXPECT_LT(errors.model.median, errors.roofline.median / 10) << table.gpu << attention.cache;
      EXPECT_LT(errors.p10, 0);
      EXPECT_GT(errors.p90, 0);
      if (attention.table.roofline().window == 0)
        attentions.insert(table.gpu + " " + to_string(attention.table.roofline().phase) + " " +
                          attention.cache);
    }
  }
  EXPECT_EQ(gpus, (std::set<std::string>{"A100-PCIe-80", "A100-SXM-80", "B200-SXM-180",
                                         "H100-SXM-80", "H200-SXM-141", "L4", "L40S", "T4"}));
  EXPECT_EQ(attentions.size(), 18U) << "both phases, on A100 with one format of the cache";
}

TEST(KernelTable, IsWrittenAsItWasRead) {
  for (const KernelTable& table : built_in_tables()) {
    const std::string text = to_json(table);
    EXPECT_EQ(to_json(read(text)), text);
  }
}

TEST(KernelTable, CostsGrowWithEveryDimensionFromOctaveToOctave) {
  for (const KernelTable& table : built_in_tables())
    for (const FittedGemm& gemm : table.gemm) {
      if (gemm.dtype != "bf16") continue; // 4- and 8-bit ones on Blackwell are bound by launches
      for (double m = 1024; m <= 4096; m *= 4)
        for (double n = 1024; n <= 8192; n *= 2) {
          // Four times the work in k costs more, whatever the kernels do.
          EXPECT_GT(gemm.table.time(m, n, 8192).seconds, gemm.table.time(m, n, 2048).seconds);
          EXPECT_GT(gemm.table.time(m, 4 * n, 4096).seconds, gemm.table.time(m, n, 4096).seconds);
          EXPECT_GT(gemm.table.time(4 * m, n, 4096).seconds, gemm.table.time(m, n, 4096).seconds);
        }
    }
}

TEST(KernelTable, SmoothingInventsNoFallAndTimesBetweenNodesStayBetweenTheirs) {
  for (const KernelTable& table : built_in_tables())
    for (const FittedGemm& gemm : table.gemm) {
      const GemmGrid& grid = gemm.table.grid();
      std::size_t falls = 0, measured_falls = 0;
      for (std::size_t i_n = 0; i_n < grid.n.size(); ++i_n)
        for (std::size_t i_k = 0; i_k < grid.k.size(); ++i_k) {
          const auto n = static_cast<double>(grid.n[i_n]), k = static_cast<double>(grid.k[i_k]);
          const auto as_measured = [&](std::size_t i) {
            return gemm.table.roofline().seconds(static_cast<double>(grid.m[i]), n, k) *
                   std::exp(static_cast<double>(grid.log_ratio[grid.at(i_n, i_k, i)]));
          };
          for (std::size_t i = 0; i + 1 < grid.m.size(); ++i) {
            const auto low = static_cast<double>(grid.m[i]),
                       high = static_cast<double>(grid.m[i + 1]);
            const double at_low = gemm.table.time(low, n, k).seconds,
                         at_high = gemm.table.time(high, n, k).seconds,
                         within = gemm.table.time(std::sqrt(low * high), n, k).seconds;
            falls += at_high < at_low * (1 - 1e-6);
            measured_falls += as_measured(i + 1) < as_measured(i);
            ASSERT_GE(within, std::min(at_low, at_high) * (1 - 1e-6));
            ASSERT_LE(within, std::max(at_low, at_high) * (1 + 1e-6));
          }
        }
      EXPECT_LT(falls, measured_falls) << table.gpu << gemm.dtype;
    }
}

TEST(KernelTable, MemoryBoundCostsGrowFromOctaveToOctave) {
  for (const KernelTable& table : built_in_tables())
    for (const FittedMemory& memory : table.memory)
      for (const FittedOperator& fitted : memory.fit.operators) {
        const MemoryGrid& grid = fitted.table.grid();
        for (const std::int64_t width : grid.width)
          for (std::size_t i = 2; i < grid.rows.size(); ++i) {
            const auto w = static_cast<double>(width);
            // A step of the file is 0.5 %.
            EXPECT_GE(fitted.table.time(static_cast<double>(grid.rows[i]), w).seconds,
                      0.99 * fitted.table.time(static_cast<double>(grid.rows[i - 2]), w).seconds)
                << table.gpu << " " << fitted.op->name << " " << grid.rows[i] << " x " << width;
          }
      }
}

TEST(KernelTable, AttentionCostsGrowWithBatchAndLengthFromOctaveToOctave) {
  for (const KernelTable& table : built_in_tables())
    for (const FittedAttention& attention : table.attention) {
      const bool decode = attention.table.roofline().phase == AttentionPhase::decode;
      // 128 tokens a sequence are read within the time of a launch.
      if (decode && attention.table.roofline().window > 0) continue;
      // Measured, and predicted by likeness.
      for (const AttentionShape& shape : {AttentionShape{32, 8, 128}, {28, 4, 128}}) {
        const AttentionCurve curve = attention.table.curve(shape);
        const double shortest = decode ? 4096 : 1024;
        for (double batch = 8; batch <= 64; batch *= 2)
          for (double length = shortest; length <= 4 * shortest; length *= 2) {
            const double seconds = curve.time(batch, length).seconds;
            const std::string where = table.gpu + " " + name_of(shape) + " " + attention.cache +
                                      " of " + std::to_string(batch) + " x " +
                                      std::to_string(length);
            EXPECT_GT(curve.time(2 * batch, length).seconds, seconds) << where;
            EXPECT_GT(curve.time(batch, 2 * length).seconds, seconds) << where;
          }
      }
    }
}

std::string table_with(const std::string& m, const std::string& shapes) {
  const std::string errors = R"({"rows": 1, "mape": 0, "median": 0, "p90": 0, "bias": 0})";
  return R"({"schema": "kernel-table/1", "gpu": "H100-SXM-80",
    "provenance": {"source": "s", "retrieved": "2026-11-25", "method": "measured"},
    "gemm": [{"dtype": "bf16", "heldOut": {"splitSeed": 0, "shapes": 9, "heldOutShapes": 9,
      "p10": -0.1, "p90": 0.1, "model": )" +
         errors + R"(, "roofline": )" + errors + R"(, "inSample": )" + errors + R"(},
      "m": ")" +
         m + R"(", "shapes": [)" + shapes + "]}]}";
}
std::string refusal(const std::string& text) {
  try {
    read(text);
  } catch (const InputError& error) {
    return error.issues().at(0).pointer + ": " + error.issues().at(0).message;
  }
  return "no error";
}

TEST(KernelTable, WhatIsNoTableIsRefusedWithItsPlace) {
  EXPECT_EQ(refusal(table_with("1 2", R"("64 32: 5 ~-6", "64 48: 1 2")")), "no error");
  const std::string wrong = "/gemm/0/shapes: '64 32: 5...' is not \"n k:\" and 2 whole numbers";
  EXPECT_EQ(refusal(table_with("1 2", R"("64 32: 5")")), wrong);
  EXPECT_EQ(refusal(table_with("1 2", R"("64 32: 5 6 7")")).substr(0, 13), "/gemm/0/shape");
  EXPECT_EQ(refusal(table_with("1 x", R"("64 32: 5")")).substr(0, 10), "/gemm/0/m:");
  EXPECT_EQ(refusal(table_with("2 1", R"("64 32: 5 6")")),
            "/gemm/0: an axis of a kernel table does not ascend from above zero");
  EXPECT_EQ(refusal(table_with("1", R"("64 32: 5", "64 48: 5", "96 32: 5")")),
            "/gemm/0/shapes: must be a grid of all n, each with all k");
  EXPECT_EQ(refusal(table_with("1", R"("64 32: 5", "64 48: 5", "96 32: 5", "96 64: 5")")),
            "/gemm/0/shapes: must be a grid of all n, each with all k");
}

std::string memory_table_with(const std::string& op, const std::string& rows,
                              const std::string& widths) {
  const std::string errors = R"({"rows": 1, "mape": 0, "median": 0, "p90": 0, "bias": 0})";
  return R"({"schema": "kernel-table/1", "gpu": "H100-SXM-80",
    "provenance": {"source": "s", "retrieved": "2026-11-25", "method": "measured"},
    "memory": [{"dtype": "bf16", "heldOut": {"splitSeed": 0, "shapes": 9, "heldOutShapes": 9,
      "p10": -0.1, "p90": 0.1, "model": )" +
         errors + R"(, "roofline": )" + errors + R"(, "inSample": )" + errors + R"(},
      "operators": [{"operator": ")" +
         op +
         R"(", "law": {"start": "2us", "rowRate": "10GB/s", "cacheShare": 1, "memoryShare": 0.8,
      "knee": 1}, "rows": ")" +
         rows + R"(", "widths": [)" + widths + "]}]}]}";
}

TEST(KernelTable, AMemoryTableThatIsNoneIsRefusedWithItsPlace) {
  EXPECT_EQ(refusal(memory_table_with("add", "1 2", R"("64: 5 ~-6")")), "no error");
  EXPECT_EQ(refusal(memory_table_with("gemm", "1 2", R"("64: 5 ~-6")")),
            "/memory/0/operators/0/operator: is no memory-bound operator");
  EXPECT_EQ(refusal(memory_table_with("add", "1 2", R"("64: 5")")),
            "/memory/0/operators/0/widths: '64: 5...' is not \"width:\" and 2 whole numbers");
  EXPECT_EQ(refusal(memory_table_with("add", "2 1", R"("64: 5 6")")),
            "/memory/0/operators/0: an axis of a kernel table does not ascend from above zero");
}

std::string attention_with(const std::string& batch, const std::string& shapes) {
  const std::string errors = R"({"rows": 1, "mape": 0, "median": 0, "p90": 0, "bias": 0})";
  return R"({"schema": "kernel-table/1", "gpu": "H100-SXM-80",
    "provenance": {"source": "s", "retrieved": "2026-11-25", "method": "measured"},
    "attention": [{"phase": "decode", "cache": "fp8", "window": 0,
      "heldOut": {"splitSeed": 0, "shapes": 9, "heldOutShapes": 9, "p10": -0.1, "p90": 0.1,
        "model": )" +
         errors + R"(, "roofline": )" + errors + R"(, "inSample": )" + errors +
         R"(}, "heldOutLengths": )" + errors + R"(, "batch": ")" + batch +
         R"(", "length": "16 32 64", "shapes": [)" + shapes + "]}]}";
}

TEST(KernelTable, AttentionIsReadByBatchAndLength) {
  const KernelTable table =
      read(attention_with("1 2", R"("8 8 128: 1 . 3 /", "32 8 128: -4 5 / 6 -7 8")"));
  const AttentionGrid& grid = table.attention.at(0).table.grid();
  EXPECT_EQ(grid.shapes, (std::vector<AttentionShape>{{8, 8, 128}, {32, 8, 128}}));
  const float none = std::numeric_limits<float>::quiet_NaN();
  const std::vector<float> expected{0.005F, none,   0.015F, none,  none,    none,
                                    -0.02F, 0.025F, none,   0.03F, -0.035F, 0.04F};
  ASSERT_EQ(grid.log_ratio.size(), expected.size());
  for (std::size_t i = 0; i < expected.size(); ++i)
    EXPECT_TRUE(std::isnan(expected[i]) ? std::isnan(grid.log_ratio[i])
                                        : std::abs(grid.log_ratio[i] - expected[i]) < 1e-6F)
        << i;
  const std::string text = to_json(table);
  EXPECT_NE(text.find("\"8 8 128: 1 . 3 /\""), std::string::npos) << text;
  EXPECT_EQ(to_json(read(text)), text);
}

TEST(KernelTable, WhatIsNoAttentionIsRefusedWithItsPlace) {
  const auto wrong = [](const std::string& start) {
    return "/attention/0/shapes: '" + start +
           "...' is not \"heads kv_heads head_dim:\" and, for each of 2 batches parted by /, at "
           "most 3 whole numbers";
  };
  EXPECT_EQ(refusal(attention_with("1 2", R"("32 8 128: 1 2 3 4 / 5")")), wrong("32 8 128: 1 "));
  EXPECT_EQ(refusal(attention_with("1 2", R"("32 8 128: 1 2 3")")), wrong("32 8 128: 1 "));
  EXPECT_EQ(refusal(attention_with("1 2", R"("32 8 128: 1 / 2 / 3")")), wrong("32 8 128: 1 "));
  EXPECT_EQ(refusal(attention_with("1 2", R"("32 8: 1 / 2")")), wrong("32 8: 1 / 2"));
  EXPECT_EQ(refusal(attention_with("1 2", R"("32 8 128: 1 x / 3")")), wrong("32 8 128: 1 "));
  EXPECT_EQ(refusal(attention_with("2 1", R"("32 8 128: 1 / 2")")),
            "/attention/0: an axis of a kernel table does not ascend from above zero");
  EXPECT_EQ(refusal(attention_with("1 2", R"("32 8 128: 1 / 2", "8 8 128: 1 / 2")")),
            "/attention/0: the head shapes of an attention table do not ascend");
  EXPECT_EQ(refusal(attention_with("1 2", R"("32 8 128: 1 2 3 /")")),
            "/attention/0: a batch of an attention table has no measurement");
}

} // namespace
} // namespace windtunnel::kernels
