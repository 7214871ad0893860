// SimPy's examples on this engine: the transcripts of the originals, in not much more code.
#include <gtest/gtest.h>

#include <fstream>
#include <sstream>

#include "tests/libsim/examples/examples.hpp"

namespace windtunnel::examples {
namespace {

struct Example {
  const char* name;
  void (*run)(std::ostream& out);
  int simpy_lines; ///< of SimPy 4.1.2's program without blanks, comments and docstrings, as
                   ///< record_simpy.py counts them
};
constexpr Example simpy_examples[] = {
    {"bank_renege", bank_renege, 33},
    {"car_wash", car_wash, 38},
    {"event_latency", event_latency, 28},
    {"gas_station", gas_station, 46},
    {"machine_shop", machine_shop, 70},
    {"movie_renege", movie_renege, 60},
    {"process_communication", process_communication, 50},
};

std::ifstream open(const std::string& file) {
  std::ifstream in(SOURCE_DIR "/tests/libsim/examples/" + file);
  EXPECT_TRUE(in) << file;
  return in;
}

/// Lines of C++ that are neither blank nor all comment.
int count_code_lines(std::istream& in) {
  int count = 0;
  for (std::string line; std::getline(in, line);) {
    const std::size_t first = line.find_first_not_of(" \t");
    if (first != std::string::npos && line.compare(first, 2, "//") != 0) ++count;
  }
  return count;
}

class SimPyExample : public testing::TestWithParam<Example> {};

TEST_P(SimPyExample, PrintsTheTranscriptOfTheOriginal) {
  std::stringstream expected, printed;
  expected << open(std::string("golden/") + GetParam().name + ".txt").rdbuf();
  GetParam().run(printed);
  EXPECT_FALSE(expected.str().empty());
  EXPECT_EQ(printed.str(), expected.str());
}

TEST_P(SimPyExample, IsAtMostHalfAsLongAgainAsTheOriginal) {
  std::ifstream source = open(std::string(GetParam().name) + ".cpp");
  const int lines = count_code_lines(source);
  EXPECT_GT(lines, 20);
  EXPECT_LE(2 * lines, 3 * GetParam().simpy_lines) << lines << " lines";
}

INSTANTIATE_TEST_SUITE_P(All, SimPyExample, testing::ValuesIn(simpy_examples),
                         [](const auto& example) { return std::string(example.param.name); });

TEST(CodeLines, BlanksAndCommentsAreNotCounted) {
  std::istringstream text("// a\n\nint a; // b\n  // c\n}\n   \n");
  EXPECT_EQ(count_code_lines(text), 2);
}

} // namespace
} // namespace windtunnel::examples
