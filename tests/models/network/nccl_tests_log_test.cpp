#include "models/network/nccl_tests_log.hpp"

#include <gtest/gtest.h>

#include <cstdint>

#include "libsim/base/error.hpp"

namespace windtunnel::network {
namespace {

// Made up, in the form that nccl-tests prints.
const std::string head = R"(# nThread 1 nGpus 1 minBytes 1048576 maxBytes 4194304 step: 2(factor)
# Collective test starting: all_reduce_perf
#
# Using devices
#  Rank  0 Group  0 Pid    101 on     node-a device  0 [0x53] NVIDIA H100 80GB HBM3
#  Rank  1 Group  0 Pid    102 on     node-a device  1 [0x64] NVIDIA H100 80GB HBM3
#  Rank  2 Group  0 Pid    103 on     node-b device  0 [0x53] NVIDIA H100 80GB HBM3
#  Rank  3 Group  0 Pid    104 on     node-b device  1 [0x64] NVIDIA H100 80GB HBM3
#
#                                                              out-of-place                       in-place
#       size         count      type   redop    root     time   algbw   busbw #wrong     time   algbw   busbw #wrong
#        (B)    (elements)                               (us)  (GB/s)  (GB/s)            (us)  (GB/s)  (GB/s)
)";
const std::string good =
    head +
    R"(     1048576        262144     float     sum      -1    100.0   10.49   15.73      0    101.0   10.38   15.57      0
     2097152        524288     float     sum      -1    200.0   10.49   15.73      0    201.0   10.43   15.65      0
# Out of bounds values : 0 OK
# Avg bus bandwidth    : 15.7
)";

std::string problems(const std::string& text, std::optional<Op> op = {}, int ranks = 0) {
  try {
    (void)read_nccl_tests_log(text, "run.log", op, ranks);
  } catch (const InputError& error) {
    return error.what();
  }
  return "";
}

std::string replaced(std::string text, const std::string& from, const std::string& to) {
  const std::size_t at = text.find(from);
  EXPECT_NE(at, std::string::npos) << from;
  return text.replace(at, from.size(), to);
}

TEST(NcclTestsLog, ReadsDevicesProgramAndRows) {
  const NcclTestsLog log = read_nccl_tests_log(good, "run.log");
  EXPECT_EQ(log.op, Op::all_reduce);
  EXPECT_EQ(log.ranks, 4);
  EXPECT_EQ(log.nodes, 2);
  ASSERT_EQ(log.rows.size(), 2U);
  EXPECT_EQ(log.rows[1].bytes, 2097152);
  EXPECT_EQ(log.rows[1].us, 200);
  EXPECT_EQ(log.rows[1].line, 14U);
}

TEST(NcclTestsLog, ReadsLaunchersPrefixesAndOlderColumns) {
  std::string prefixed;
  std::string line;
  for (const char c : good) {
    if (c != '\n') {
      line += c;
      continue;
    }
    prefixed += "[1,0]<stdout>:" + line + "\n";
    line.clear();
  }
  EXPECT_EQ(read_nccl_tests_log(prefixed, "run.log").rows.size(), 2U);
  const NcclTestsLog old =
      read_nccl_tests_log("# size count type time algbw busbw error time algbw busbw error\n"
                          "# (B) (elements) (us) (GB/s) (GB/s) (us) (GB/s) (GB/s)\n"
                          "1048576 16384 half 50.00 20.97 19.66 0e+00 51.0 20.56 19.27 0e+00\n",
                          "old.log", Op::all_gather, 16);
  ASSERT_EQ(old.rows.size(), 1U);
  EXPECT_EQ(old.rows[0].us, 50);
}

TEST(NcclTestsLog, NamesWhatIsWrongWithLineAndColumn) {
  EXPECT_NE(problems("").find("run.log:1: no table of nccl-tests"), std::string::npos);
  EXPECT_NE(problems(head).find("the table has no rows"), std::string::npos);
  const std::string cut = good.substr(0, good.find("524288 ") + 40);
  EXPECT_NE(problems(cut).find("run.log:14"), std::string::npos) << problems(cut);
  EXPECT_NE(problems(cut).find("ends after"), std::string::npos) << problems(cut);
  EXPECT_NE(problems(cut).find("the log ends in mid-line"), std::string::npos);
  EXPECT_NE(problems(replaced(good, "200.0   10.49", "twice   10.49")).find("time is no number"),
            std::string::npos);
  EXPECT_NE(problems(replaced(good, "200.0   10.49", "0       10.49")).find("must be positive"),
            std::string::npos);
  EXPECT_NE(problems(replaced(good, "200.0   10.49", "300.0   10.49"))
                .find("algbw is inconsistent with size and time"),
            std::string::npos);
  const std::string busbw = replaced(good, "200.0   10.49   15.73", "200.0   10.49   19.66");
  EXPECT_NE(problems(busbw).find("run.log:14"), std::string::npos) << problems(busbw);
  EXPECT_NE(problems(busbw).find("busbw is inconsistent with time for all_reduce on 4 ranks"),
            std::string::npos);
  EXPECT_NE(problems(good, Op::all_gather).find("the log is of all_reduce, not of all_gather"),
            std::string::npos);
  EXPECT_NE(problems(good, Op::all_reduce, 16).find("lists 4 devices, not 16"), std::string::npos);
  EXPECT_NE(problems(replaced(good, "Rank  3", "Rank  7")).find("not numbered from 0 to 3"),
            std::string::npos);
}

TEST(NcclTestsLog, NoCutLogPassesForAWholeOne) {
  const std::size_t rows = good.find("     1048576");
  for (std::size_t length = 0; length < good.size(); ++length) {
    const std::string cut = good.substr(0, length);
    const bool whole_lines =
        length > rows && cut.ends_with('\n') && cut.find('\n', rows) != std::string::npos;
    EXPECT_EQ(problems(cut).empty(), whole_lines) << length;
  }
}

TEST(NcclTestsLog, AnyByteMayBeAnyOther) {
  std::uint64_t state = 1; // any bytes will do
  for (int i = 0; i < 3000; ++i) {
    std::string text = good;
    for (int k = 0; k < 3; ++k) {
      state = state * 6364136223846793005ULL + 1442695040888963407ULL;
      text[(state >> 33) % text.size()] = static_cast<char>(state >> 56);
    }
    (void)problems(text); // an InputError or none, nothing else
  }
}

} // namespace
} // namespace windtunnel::network
