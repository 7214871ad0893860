// What the suite writes is read back whole; what is broken is refused with line and column.
#include "models/kernels/raw_measurements.hpp"

#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "calibration/bench/raw_csv.hpp"
#include "libsim/base/error.hpp"

namespace windtunnel::kernels {
namespace {

const std::string top = "# schema: windtunnel-kernels/1\n# gpu: NVIDIA H100 80GB HBM3\n";
const std::string columns =
    "op,variant,dtype,shape,cache,split,status,reason,seconds,seconds_min,seconds_p95,ci,flops,"
    "bytes\n";
const std::string row = "gemm,tn,bf16,m=1 n=64 k=64,cold,grid,ok,,2e-5,1e-5,3e-5,0.01,8192,8448\n";
const std::string skip = "gemm,nn,fp8_e4m3,m=1 n=64 k=64,cold,grid,skipped,tn only,,,,,8192,8448\n";

class RawMeasurementsTest : public testing::Test {
protected:
  ~RawMeasurementsTest() override { std::filesystem::remove(path_); }
  std::string file(const std::string& text) const {
    std::ofstream(path_, std::ios::binary) << text;
    return path_.string();
  }
  /// Places and texts of all problems of a file.
  std::vector<std::string> problems(const std::string& text) const {
    std::vector<std::string> found;
    try {
      read_raw_measurements(file(text));
    } catch (const InputError& error) {
      const std::string where = path_.string();
      for (const Issue& issue : error.issues()) {
        EXPECT_TRUE(issue.pointer.starts_with(where)) << issue.pointer;
        found.push_back(issue.pointer.substr(where.size()) + " " + issue.message);
      }
    }
    return found;
  }
  std::filesystem::path path_ = std::filesystem::temp_directory_path() /
                                ("windtunnel_raw_" + std::to_string(getpid()) + ".csv");
};

TEST_F(RawMeasurementsTest, ReadsWhatTheSuiteWrites) {
  calibration::Case c;
  c.op = "decode_attention";
  c.variant = "split_kv";
  c.dtype = "bf16";
  c.shape = {{"batch", 2}, {"kv_mean", 100}, {"kv_max", 100}, {"long", 0},
             {"heads", 8}, {"kv_heads", 2},  {"head_dim", 64}};
  c.cache = calibration::Cache::hot;
  c.split = calibration::Split::fresh;
  calibration::Row measured;
  measured.repeats = 8;
  measured.stopped = "cap";
  measured.seconds = 2e-5;
  measured.seconds_min = 1e-5;
  measured.seconds_p95 = 3e-5;
  measured.ci = 0.02;
  measured.algorithm = "own, with a comma";
  calibration::Case other = c;
  other.variant = "cudnn_paged";
  calibration::Row skipped;
  skipped.reason = "built without cuDNN, \"of all things\"";
  const RawMeasurements raw = read_raw_measurements(
      file(calibration::header_text({{"schema", calibration::schema}, {"gpu", "NVIDIA L40S"}}) +
           calibration::row_text(c, measured) + calibration::row_text(other, skipped)));
  EXPECT_EQ(raw.gpu, "NVIDIA L40S");
  ASSERT_EQ(raw.measured.size(), 1U);
  const RawMeasurement& m = raw.measured[0];
  EXPECT_EQ(m.op, "decode_attention");
  EXPECT_EQ(m.at("kv_mean"), 100);
  EXPECT_THROW(m.at("kv"), ModelError);
  EXPECT_TRUE(m.hot);
  EXPECT_TRUE(m.fresh);
  EXPECT_EQ(m.seconds, 2e-5);
  EXPECT_EQ(m.flops, calibration::work_of(c).flops);
  EXPECT_EQ(m.line, 4U);
  ASSERT_EQ(raw.skipped.size(), 1U);
  EXPECT_EQ(raw.skipped[0].reason, skipped.reason);
}

TEST_F(RawMeasurementsTest, ReadsAFileWithoutRows) {
  EXPECT_TRUE(read_raw_measurements(file(top + columns)).measured.empty());
}

using Problems = std::vector<std::string>;

TEST_F(RawMeasurementsTest, OneProblemForEachThingThatIsWrong) {
  const auto with = [](std::string what, const std::string& from, const std::string& to) {
    return what.replace(what.find(from), from.size(), to);
  };
  EXPECT_EQ(problems(top + with(columns, ",seconds_p95,ci", "")),
            (Problems{" has no column 'seconds_p95'", " has no column 'ci'"}));
  EXPECT_EQ(problems(top + columns + with(row, "2e-5", "-2e-5")),
            Problems{":4 column seconds: '-2e-5' is no number above 0"});
  EXPECT_EQ(problems(top + columns + with(row, "2e-5", "nan")),
            Problems{":4 column seconds: 'nan' is no number above 0"});
  EXPECT_EQ(problems(top + columns + with(row, "2e-5", "")),
            Problems{":4 column seconds: '' is no number above 0"});
  EXPECT_EQ(problems(top + columns + with(row, "0.01", "inf")),
            Problems{":4 column ci: 'inf' is no number of at least 0"});
  EXPECT_EQ(problems(top + columns + with(row, "3e-5", "1.5e-5")),
            Problems{":4 column seconds_p95: is below the median"});
  EXPECT_EQ(problems(top + columns + with(row, "k=64", "k=6.4")),
            Problems{":4 column shape: 'k=6.4' is no 'key=value' with a whole number"});
  EXPECT_EQ(problems(top + columns + with(row, "m=1 n=64 k=64", "")),
            Problems{":4 column shape: is empty"});
  EXPECT_EQ(problems(top + columns + with(row, "cold", "warm")),
            Problems{":4 column cache: 'warm' is neither cold nor hot"});
  EXPECT_EQ(problems(top + columns + with(row, ",ok,", ",fine,")),
            Problems{":4 column status: 'fine' is neither ok nor skipped"});
  EXPECT_EQ(problems(top + columns + with(skip, "tn only", "")),
            Problems{":4 column reason: a skipped case needs one"});
  EXPECT_EQ(problems(top + columns + row + skip + row),
            Problems{":6 column shape: the case stands in line 4 already"});
}

TEST_F(RawMeasurementsTest, RowsThatWereCutShort) {
  EXPECT_EQ(problems(top + columns + row + row.substr(0, 30)),
            Problems{":5 5 cells under a header of 14"});
  // Cut within the last number, which still reads as one.
  EXPECT_EQ(problems(top + columns + row.substr(0, row.size() - 3)),
            Problems{":4 the row is cut short: it has no end"});
}

TEST_F(RawMeasurementsTest, TwoGpusInOneFile) {
  EXPECT_EQ(problems(top + columns + row + "# schema: windtunnel-kernels/1\n# gpu: NVIDIA A100\n" +
                     columns + row),
            Problems{":6 'NVIDIA A100' is another GPU than 'NVIDIA H100 80GB HBM3' above"});
  EXPECT_EQ(problems(top + columns + row + top + columns + skip),
            Problems{":7 the names of the columns a second time: two files in one?"});
}

TEST_F(RawMeasurementsTest, FilesOfAnotherKind) {
  EXPECT_EQ(
      problems("gemm_dtype,m,n,k\nbfloat16,1,2,3\n"),
      (Problems{" has no line '# schema: windtunnel-kernels/1'", " has no line '# gpu: ...'"}));
  EXPECT_EQ(problems("# schema: windtunnel-kernels/2\n# gpu: x\n"),
            Problems{" is of schema 'windtunnel-kernels/2', not 'windtunnel-kernels/1'"});
  EXPECT_EQ(problems("#remark\n" + top + columns), Problems{":1 not '# key: value'"});
  EXPECT_THROW(read_raw_measurements("/nonexistent/raw.csv"), InputError);
}

TEST_F(RawMeasurementsTest, AFileWrongInEveryLineIsNotListedWhole) {
  std::string text = top + columns;
  for (int i = 0; i < 100; ++i)
    text += "gemm,tn,bf16,m=" + std::to_string(i) + ",cold,grid,?,,,,,,,\n";
  const Problems found = problems(text);
  ASSERT_EQ(found.size(), 21U);
  EXPECT_EQ(found.back(), " and 80 more");
}

} // namespace
} // namespace windtunnel::kernels
