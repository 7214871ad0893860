#include "calibration/bench/raw_csv.hpp"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <sstream>
#include <stdexcept>

namespace windtunnel::calibration {
namespace {

Case gemm(std::int64_t m) {
  Case c;
  c.op = "gemm";
  c.variant = "tn";
  c.dtype = "bf16";
  c.shape = {{"m", m}, {"n", 64}, {"k", 64}};
  return c;
}

Row measured() {
  Row row;
  row.repeats = 12;
  row.stopped = "interval";
  row.seconds = 1.25e-5;
  row.seconds_min = 1.2e-5;
  row.seconds_p95 = 1.3e-5;
  row.ci = 0.004;
  row.launches = 80;
  row.copies = 40;
  row.sm_clock_mhz = 1980;
  row.algorithm = "cublaslt id=66, \"quoted\"";
  row.checked_error = 0.0017;
  return row;
}

const Header header{{"schema", schema}, {"gpu", "NVIDIA H100 80GB HBM3"}};

TEST(RawCsv, ARowHasEveryCell) {
  EXPECT_EQ(row_text(gemm(1), measured()),
            "gemm,tn,bf16,m=1 n=64 k=64,cold,grid,ok,,12,interval,1.25e-05,1.2e-05,1.3e-05,0.004,"
            "8192,8448,80,40,1980,,,\"cublaslt id=66, \"\"quoted\"\"\",0.0017\n");
  Row skipped;
  skipped.reason = "needs 90000 MiB, of which 70000 MiB are free";
  EXPECT_EQ(
      row_text(gemm(1), skipped),
      "gemm,tn,bf16,m=1 n=64 k=64,cold,grid,skipped,\"needs 90000 MiB, of which 70000 MiB are "
      "free\",0,,,,,,8192,8448,0,0,,,,,\n");
}

TEST(RawCsv, ReadsWhatItWrote) {
  Row skipped;
  skipped.reason = "two\nlines";
  const std::string text =
      header_text(header) + row_text(gemm(1), measured()) + row_text(gemm(2), skipped);
  const Resumed resumed = read_raw(text);
  EXPECT_EQ(resumed.header, header);
  EXPECT_EQ(resumed.done, (std::set<std::string>{gemm(1).key(), gemm(2).key()}));
  EXPECT_EQ(resumed.whole_bytes, text.size());
}

TEST(RawCsv, LeavesOutARowThatWasCutShort) {
  const std::string whole = header_text(header) + row_text(gemm(1), measured());
  const Resumed resumed = read_raw(whole + "gemm,tn,bf16,m=2 n");
  EXPECT_EQ(resumed.done.size(), 1u);
  EXPECT_EQ(resumed.whole_bytes, whole.size());
}

TEST(RawCsv, SaysWhatIsWrong) {
  const std::string rows = row_text(gemm(1), measured());
  const std::vector<std::pair<std::string, std::string>> wrong{
      {"", "the names of the columns are missing"},
      {"op,variant\n", "line 1: the columns are not those of this suite"},
      {header_text({{"schema", "windtunnel-kernels/0"}}),
       "it does not begin with '# schema: windtunnel-kernels/1'"},
      {header_text(header) + rows + rows,
       "line 5: the case 'gemm,tn,bf16,m=1 n=64 k=64,cold' stands there twice"},
      {header_text(header) + "gemm,tn\n", "line 4: a row without its 23 cells"}};
  for (const auto& [text, message] : wrong) {
    try {
      read_raw(text);
      ADD_FAILURE() << message;
    } catch (const std::runtime_error& error) {
      EXPECT_EQ(error.what(), message);
    }
  }
}

std::string contents(const std::filesystem::path& path) {
  std::ostringstream text;
  text << std::ifstream(path, std::ios::binary).rdbuf();
  return text.str();
}

TEST(RawCsv, GoesOnAfterTheLastWholeRow) {
  const auto path = std::filesystem::temp_directory_path() / "windtunnel_raw_csv_test.csv";
  std::filesystem::remove(path);
  RawWriter::create(path.string(), header).write(gemm(1), measured());
  EXPECT_THROW(RawWriter::create(path.string(), header), std::runtime_error);
  const std::string whole = contents(path);
  std::ofstream(path, std::ios::app) << "gemm,tn,cut sho";
  RawWriter::resume(path.string(), read_raw(contents(path))).write(gemm(2), measured());
  EXPECT_EQ(contents(path), whole + row_text(gemm(2), measured()));
  std::filesystem::remove(path);
}

} // namespace
} // namespace windtunnel::calibration
