#include <gtest/gtest.h>

#include <atomic>
#include <cmath>

#include "libsim/base/error.hpp"
#include "libsim/base/random.hpp"
#include "libsim/stats/replications.hpp"
#include "libsim/stats/summary.hpp"

namespace windtunnel::stats {
namespace {

TEST(Summary, KnownSamples) {
  const Summary s = summarise({4, 1, 3, 2});
  EXPECT_DOUBLE_EQ(s.mean, 2.5);
  EXPECT_DOUBLE_EQ(s.variance, 5.0 / 3);
  EXPECT_DOUBLE_EQ(s.p50, 2.5);
  EXPECT_DOUBLE_EQ(s.p10, 1.3);
  // t(0.975, 3) = 3.18245 (tables of Student's distribution)
  EXPECT_NEAR(s.half_width, 3.182446 * std::sqrt(5.0 / 3 / 4), 1e-5);
  EXPECT_EQ(summarise({}).n, 0u);
}

TEST(Summary, TheIntervalCoversTheMeanAsOftenAsItSays) {
  int covered = 0;
  constexpr int trials = 2000;
  for (int trial = 0; trial < trials; ++trial) {
    RandomStream random(11, static_cast<std::uint64_t>(trial), "normal");
    std::vector<double> samples;
    for (int i = 0; i < 8; ++i) samples.push_back(random.normal());
    const Summary s = summarise(samples);
    covered += std::abs(s.mean) <= s.half_width;
  }
  // 95 % of 2000 is 1900, standard deviation 9.7: 3.5 of them.
  EXPECT_NEAR(covered, 1900, 34);
}

std::vector<double> simulate(int threads) {
  return replicate<double>(50, {.threads = threads, .progress = {}, .stop = {}}, [](int i) {
    RandomStream random(3, static_cast<std::uint64_t>(i), "x");
    double sum = 0;
    for (int k = 0; k < 100 + i; ++k) sum += random.exponential(1);
    return sum;
  });
}

TEST(Replications, ResultsDoNotDependOnThreads) {
  EXPECT_EQ(simulate(1), simulate(2));
  EXPECT_EQ(simulate(1), simulate(7));
}

TEST(Replications, OneFailureLosesNoOtherAndTheFirstIsReported) {
  std::atomic<int> ran{0};
  try {
    replicate<int>(20, {.threads = 3, .progress = {}, .stop = {}}, [&](int i) {
      ++ran;
      if (i == 7 || i == 12) throw std::runtime_error("boom " + std::to_string(i));
      return i;
    });
    FAIL();
  } catch (const SimulationError& error) {
    EXPECT_STREQ(error.what(), "replication 7: boom 7");
  }
  EXPECT_EQ(ran, 20);
}

TEST(Replications, StopAndProgress) {
  std::stop_source source;
  int last = 0;
  const auto run = [&] {
    replicate<int>(1000,
                   {.threads = 2,
                    .progress =
                        [&](int done, int) {
                          last = done;
                          if (done == 10) source.request_stop();
                        },
                    .stop = source.get_token()},
                   [](int i) { return i; });
  };
  EXPECT_THROW(run(), SimulationError);
  EXPECT_GE(last, 10);
  EXPECT_LT(last, 1000);
}

} // namespace
} // namespace windtunnel::stats
