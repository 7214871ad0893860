#include "calibration/bench/schedule.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <stdexcept>

#include "calibration/bench/cases.hpp"

namespace windtunnel::calibration {
namespace {

TEST(Schedule, LeavesOutWhatIsDone) {
  const std::vector<Case> all = chosen_cases({}, {});
  const std::vector<Case> rest = chosen_cases({}, {all[0].key(), all[5].key()});
  EXPECT_EQ(rest.size(), all.size() - 2);
  EXPECT_EQ(rest[0].key(), all[1].key());
}

TEST(Schedule, TakesTheQuickOnesOrOneOperation) {
  Arguments arguments;
  arguments.quick = true;
  for (const Case& c : chosen_cases(arguments, {})) EXPECT_TRUE(c.quick);
  arguments.quick = false;
  arguments.only = {"rope"};
  for (const Case& c : chosen_cases(arguments, {})) EXPECT_EQ(c.op, "rope");
  arguments.only = {"roep"};
  EXPECT_THROW(chosen_cases(arguments, {}), std::invalid_argument);
}

TEST(Schedule, FreshOnesReplaceTheGrid) {
  Arguments arguments;
  arguments.fresh_sample = 0.05;
  arguments.only = {"gemm"};
  for (const Case& c : chosen_cases(arguments, {})) {
    EXPECT_EQ(c.op, "gemm");
    EXPECT_EQ(c.split, Split::fresh);
  }
}

TEST(Schedule, ASliceEndsInTime) {
  const Case c = all_cases().front();
  const double one = expected_seconds(c);
  Slice endless(std::nullopt), minute(1.0);
  EXPECT_TRUE(endless.fits(c, 1e9));
  EXPECT_TRUE(minute.fits(c, 59.9 - one));
  EXPECT_FALSE(minute.fits(c, 60.1 - one));
  // Cases that take three times as long as thought are given more room.
  for (int i = 0; i < 1000; ++i) minute.spent(c, 3 * one);
  EXPECT_FALSE(minute.fits(c, 60.1 - 2.5 * one));
  EXPECT_GT(minute.corrected(1), 2.5);
}

TEST(Schedule, TheListNamesEachCaseAndTheSum) {
  Arguments arguments;
  arguments.only = {"copy_ceiling"};
  const std::string text = listing(chosen_cases(arguments, {}));
  EXPECT_NE(text.find("copy_ceiling kernel byte bytes=1073741824 *"), std::string::npos);
  EXPECT_NE(text.find("4 cases"), std::string::npos);
  EXPECT_EQ(std::count(text.begin(), text.end(), '\n'), 6);
}

} // namespace
} // namespace windtunnel::calibration
