// A file is told by its columns; what it holds becomes tables, and what is too little is named.
#include "models/kernels/fit_file.hpp"

#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "libsim/base/error.hpp"

namespace windtunnel::kernels {
namespace {

class FitFile : public testing::Test {
protected:
  std::filesystem::path file =
      std::filesystem::temp_directory_path() / ("fit-" + std::to_string(getpid()) + ".csv");
  ~FitFile() override { std::filesystem::remove(file); }
  KernelTable fit(const std::string& text) const {
    std::ofstream(file) << text;
    const std::string path = file.string();
    return fit_files({&path, 1}, *catalog::Catalog::builtin().gpu("H100-SXM-80"), {});
  }
};

/// Rows of a window: the bytes of keys and values at 2 TB/s after 6 microseconds.
std::string rows(std::int64_t window, std::int64_t most_heads) {
  std::string text;
  for (std::int64_t heads = 4; heads <= most_heads; heads += 4)
    for (const std::int64_t kv_heads : {1, 2, 4})
      for (const std::int64_t batch : {1, 8, 64})
        for (const std::int64_t step : {15, 255, 4095})
          for (const std::string cache : {"bfloat16", "fp8"}) {
            const double tokens =
                static_cast<double>(window > 0 ? std::min(window, step + 1) : step + 1);
            const double bytes =
                (cache == "fp8" ? 2.0 : 4.0) * static_cast<double>(batch * kv_heads) * 128 * tokens;
            text += std::to_string(batch) + ",1," + std::to_string(heads) + "," +
                    std::to_string(kv_heads) + ",128," + cache + "," + std::to_string(step) + "," +
                    std::to_string(window) + "," + std::to_string(6e-3 + bytes / 2e9) + "\n";
          }
  return text;
}
const std::string header =
    "batch_size,isl,num_heads,num_key_value_heads,head_dim,kv_cache_dtype,step,window_size,"
    "latency\n";

TEST_F(FitFile, AttentionHasATableForEachCacheAndWindow) {
  KernelTable table = fit(header + rows(0, 32) + rows(128, 12));
  table.provenance.retrieved = "2026-11-25";
  EXPECT_TRUE(table.gemm.empty());
  ASSERT_EQ(table.attention.size(), 2U);
  for (std::size_t i = 0; i < 2; ++i) {
    const FittedAttention& attention = table.attention[i];
    EXPECT_EQ(attention.cache, i == 0 ? "bf16" : "fp8");
    EXPECT_EQ(attention.table.roofline().phase, AttentionPhase::decode);
    EXPECT_EQ(attention.table.roofline().cache_bytes, i == 0 ? 2 : 1);
    EXPECT_EQ(attention.errors.sites, 24U);
    EXPECT_LT(attention.errors.model.median, 0.01);
    EXPECT_GT(attention.lengths.rows, 0U);
    const double seconds = attention.table.curve({32, 4, 128}).time(64, 4096).seconds;
    EXPECT_NEAR(seconds, 6e-6 + 64 * 4 * 128 * 4096 * (i == 0 ? 4 : 2) / 2e12, 2e-9);
  }
  EXPECT_EQ(table.left_out,
            (std::vector<std::string>{"cache bf16, window 128: 9 head shapes are too few",
                                      "cache fp8, window 128: 9 head shapes are too few"}));

  const std::string text = to_json(table);
  const KernelTable again =
      json::read(json::parse(text, "table.json"), "kernel table",
                 [](json::Reader& r) { return read_kernel_table(r, catalog::Catalog::builtin()); });
  EXPECT_EQ(again.left_out, table.left_out);
  // Kept in steps of 0.5 %.
  EXPECT_NEAR(again.attention.at(1).table.curve({8, 2, 128}).time(8, 256).seconds /
                  table.attention[1].table.curve({8, 2, 128}).time(8, 256).seconds,
              1, 0.0026);
}

TEST_F(FitFile, TwoFilesOfOneOperatorAndFamiliesThatAreNotThereAreRefused) {
  std::ofstream(file) << header + rows(0, 32);
  const std::string path = file.string();
  const std::vector<std::string> twice{path, path};
  const catalog::GpuSpec& gpu = *catalog::Catalog::builtin().gpu("H100-SXM-80");
  EXPECT_THROW(fit_files(twice, gpu, {}), InputError);
  FitOptions gemm;
  gemm.only = "gemm";
  EXPECT_THROW(fit_files({&path, 1}, gpu, gemm), InputError);
}

TEST_F(FitFile, TooFewHeadShapesOrNoOperatorIsRefused) {
  EXPECT_THROW(fit(header + rows(0, 12)), ModelError);
  EXPECT_THROW(fit(header + rows(0, 12) + rows(128, 12)), InputError);
  EXPECT_THROW(fit("a,b\n1,2\n"), InputError);
}

} // namespace
} // namespace windtunnel::kernels
