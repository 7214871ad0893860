// Examples with a known answer: M/M/1 against its closed form, PHOLD against conservation.
#include <gtest/gtest.h>

#include <cmath>
#include <numeric>

#include "libsim/stats/replications.hpp"
#include "libsim/stats/summary.hpp"
#include "tests/libsim/examples/examples.hpp"

namespace windtunnel::examples {
namespace {

TEST(Mm1, MeanSojournAndUtilisationAreTheClosedForm) {
  constexpr double load = 0.7;
  constexpr int replications = 30, customers = 20'000;
  const auto runs = stats::replicate<Mm1Result>(
      replications, {}, [](int i) { return mm1(load, customers, static_cast<std::uint64_t>(i)); });
  stats::Tally sojourn, utilisation;
  for (const Mm1Result& run : runs) {
    sojourn.add(run.mean_sojourn);
    utilisation.add(run.utilisation);
    // Little's law holds exactly in a run that begins and ends empty.
    EXPECT_EQ(run.customer_time, run.sojourns);
  }
  const auto standard_error = [](const stats::Tally& t) {
    return std::sqrt(t.variance() / replications);
  };
  EXPECT_LT(standard_error(sojourn), 0.01 / (1 - load)) << "too few customers to tell";
  EXPECT_NEAR(sojourn.mean(), 1 / (1 - load), 4 * standard_error(sojourn));
  EXPECT_LT(standard_error(utilisation), 0.01 * load);
  EXPECT_NEAR(utilisation.mean(), load, 4 * standard_error(utilisation));
}

TEST(Phold, NoMessageIsLostAndEachHopTakesASecondOnAverage) {
  constexpr std::size_t processes = 500;
  constexpr double end = 200;
  const PholdResult run = phold(processes, seconds(end), 1);
  EXPECT_EQ(run.in_flight, processes);
  EXPECT_EQ(std::accumulate(run.received.begin(), run.received.end(), std::uint64_t{0}), run.fired);
  // Each message renews itself with mean 1 s and variance 0.81 s^2: Gaussian counts.
  const auto fired = static_cast<double>(run.fired);
  const double expected = processes * end;
  EXPECT_NEAR(fired, expected, 4 * std::sqrt(0.81 * expected));
  EXPECT_NEAR(static_cast<double>(run.sent_away), fired / 4, 4 * std::sqrt(fired * 3 / 16));
  EXPECT_EQ(phold(processes, seconds(end), 1), run) << "equal seeds, equal runs";
  EXPECT_NE(phold(processes, seconds(end), 2), run);
}

} // namespace
} // namespace windtunnel::examples
