#include "calibration/bench/arguments.hpp"

#include <gtest/gtest.h>

#include <stdexcept>

namespace windtunnel::calibration {
namespace {

TEST(Arguments, ASliceOfAFile) {
  const Arguments a = parse_arguments({"--minutes", "8", "--resume", "raw.csv", "--only", "gemm",
                                       "--only", "rope", "--device", "1", "--cap", "0.2"});
  EXPECT_EQ(a.minutes, 8);
  EXPECT_EQ(a.resume, "raw.csv");
  EXPECT_EQ(a.only, (std::vector<std::string>{"gemm", "rope"}));
  EXPECT_EQ(a.device, 1);
  EXPECT_EQ(a.cap_seconds, 0.2);
  EXPECT_FALSE(a.quick);
}

TEST(Arguments, AFreshSampleInPerCent) {
  const Arguments a =
      parse_arguments({"--output", "raw.csv", "--fresh-sample", "5%", "--seed", "42"});
  EXPECT_EQ(a.fresh_sample, 0.05);
  EXPECT_EQ(a.seed, 42u);
}

TEST(Arguments, ListAndHelpNeedNoFile) {
  EXPECT_TRUE(parse_arguments({"--list"}).list);
  EXPECT_TRUE(parse_arguments({"--help"}).help);
}

TEST(Arguments, WhatIsWrongIsSaid) {
  const std::vector<std::pair<std::vector<std::string>, std::string>> wrong{
      {{}, "give one of --output RAW.csv and --resume RAW.csv (see --help)"},
      {{"--output", "a", "--resume", "b"},
       "give one of --output RAW.csv and --resume RAW.csv (see --help)"},
      {{"--minutes"}, "--minutes needs a value"},
      {{"--minutes", "eight"}, "--minutes needs a number, not 'eight'"},
      {{"--minutes", "nan"}, "--minutes needs a number, not 'nan'"},
      {{"--minutes", "0"}, "--minutes must be above 0, not 0"},
      {{"--fresh-sample", "5"}, "--fresh-sample needs per cent, such as 5%, not '5'"},
      {{"--fresh-sample", "101%"}, "--fresh-sample is at most 100%"},
      {{"--seed", "-1"}, "--seed needs a whole number of at least 0, not -1"},
      {{"--device", "0.5"}, "--device needs a whole number of at least 0, not 0.5"},
      {{"--qick"}, "no option '--qick' (see --help)"}};
  for (const auto& [words, message] : wrong) {
    try {
      parse_arguments(words);
      ADD_FAILURE() << message;
    } catch (const std::invalid_argument& error) {
      EXPECT_EQ(error.what(), message);
    }
  }
}

} // namespace
} // namespace windtunnel::calibration
