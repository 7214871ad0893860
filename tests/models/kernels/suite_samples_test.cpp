// A raw file of our own suite becomes a table: products and memory-bound operators are fitted,
// fresh shapes only score, and what no table knows is named.
#include "models/kernels/suite_samples.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "libsim/base/error.hpp"
#include "models/kernels/fit_file.hpp"

namespace windtunnel::kernels {
namespace {

class SuiteFile : public testing::Test {
protected:
  ~SuiteFile() override { std::filesystem::remove(path_); }
  /// A file of an H100 whose products take `slower` times the roofline, fresh ones twice that.
  std::string file(const std::string& gpu = "NVIDIA H100 80GB HBM3") const {
    std::ofstream out(path_, std::ios::binary);
    out << "# schema: windtunnel-kernels/1\n# gpu: " << gpu
        << "\n# date: 2026-11-25T10:00:00Z\n# driver: "
           "580.1\nop,variant,dtype,shape,cache,split,status,reason,seconds,seconds_min,seconds_"
           "p95,ci,"
           "flops,bytes\n";
    const auto row = [&](const char* op, const std::string& shape, const char* cache,
                         const char* split, double seconds) {
      out << fmt::format("{},{},{},ok,,{},{},{},0.01,1,1\n", op, shape,
                         fmt::format("{},{}", cache, split), seconds, seconds, seconds);
    };
    const GemmRoofline roofline = roofline_of(gpu_, gemm_formats().front());
    const auto product = [&](double m, double n, double k, const char* split, double times) {
      row("gemm,tn,bf16", fmt::format("m={} n={} k={}", m, n, k), "cold", split,
          times * roofline.seconds(m, n, k));
    };
    for (int n = 1024; n <= 8192; n += 1024)
      for (int k = 1024; k <= 8192; k += 1024)
        for (const int m : {64, 512, 4096}) product(m, n, k, "grid", slower);
    for (const int m : {96, 1000}) product(m, 3000, 5000, "fresh", 2 * slower);
    for (int width = 512; width <= 16384; width += 512)
      for (const int rows : {128, 2048, 16384})
        row("rmsnorm,forward,bf16", fmt::format("rows={} hidden={}", rows, width), "cold", "grid",
            3e-6 + 4.0 * rows * width / 2e12);
    row("rmsnorm,forward,bf16", "rows=128 hidden=512", "hot", "grid", 2e-6);
    row("adam,mixed,bf16", "elements=1000000 tensors=4", "cold", "grid", 1e-4);
    return path_.string();
  }
  const FitOptions options_ = [] {
    FitOptions options;
    options.format = "windtunnel";
    return options;
  }();
  static constexpr double slower = 1.25;
  const catalog::GpuSpec& gpu_ = *catalog::Catalog::builtin().gpu("H100-SXM-80");
  std::filesystem::path path_ = std::filesystem::temp_directory_path() /
                                ("windtunnel_suite_" + std::to_string(getpid()) + ".csv");
};

TEST_F(SuiteFile, IsFittedAndScoredOnItsFreshShapes) {
  const std::vector<std::string> files{file()};
  const KernelTable table = fit_files(files, gpu_, options_);
  ASSERT_EQ(table.gemm.size(), 1U);
  const FittedGemm& gemm = table.gemm.front();
  const GemmRoofline roofline = roofline_of(gpu_, gemm_formats().front());
  EXPECT_NEAR(gemm.table.time(512, 4096, 2048).seconds, slower * roofline.seconds(512, 4096, 2048),
              1e-3 * roofline.seconds(512, 4096, 2048));
  ASSERT_TRUE(gemm.fresh);
  EXPECT_EQ(gemm.fresh->rows, 2U);
  EXPECT_NEAR(gemm.fresh->bias, -0.5, 0.01); // measured twice as slow, and not fitted to
  EXPECT_TRUE(table.own_suite());
  EXPECT_EQ(table.provenance.retrieved, "2026-11-25");
  EXPECT_EQ(table.provenance.note, "driver 580.1; gpu NVIDIA H100 80GB HBM3");
  ASSERT_EQ(table.memory.size(), 1U);
  EXPECT_EQ(table.memory.front().fit.operators.size(), 1U);
  EXPECT_EQ(table.left_out,
            (std::vector<std::string>{"adam mixed bf16: no table for its 1 rows",
                                      "rmsnorm forward bf16, hot: no table for its 1 rows"}));
  const std::string text = to_json(table);
  const KernelTable again =
      json::read(json::parse(text, "table.json"), "kernel table",
                 [](json::Reader& r) { return read_kernel_table(r, catalog::Catalog::builtin()); });
  EXPECT_EQ(to_json(again), text);
}

TEST_F(SuiteFile, OfAnotherGpuIsRefused) {
  const std::vector<std::string> files{file("NVIDIA H200")};
  EXPECT_THROW(fit_files(files, gpu_, options_), InputError);
  const std::vector<std::string> two{file(), file()};
  EXPECT_THROW(fit_files(two, gpu_, options_), InputError);
}

} // namespace
} // namespace windtunnel::kernels
