// A server shared by weight: whose work is done when, and the corners of its capacity.
#include "libsim/engine/processor_sharing.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

namespace windtunnel::engine {
namespace {

using Log = std::vector<std::string>;

void note(Simulation& sim, Log& log, const std::string& what) {
  log.push_back(std::to_string(sim.now().ns() / 1'000'000'000) + " " + what);
}

Process job(Simulation& sim, Log& log, ProcessorSharing& server, Time arrival, double work,
            double weight, std::string name) {
  co_await arrival;
  co_await server.serve(work, weight);
  note(sim, log, name);
}

TEST(ProcessorSharing, JobsShareByWeight) {
  // Two jobs of 10 at 1 a second until the third, of weight 2, takes half.
  Simulation sim;
  Log log;
  ProcessorSharing server(sim, 1);
  sim.spawn("a", job(sim, log, server, Time{}, 10, 1, "a"));
  sim.spawn("b", job(sim, log, server, Time{}, 10, 1, "b"));
  sim.spawn("c", job(sim, log, server, seconds(4), 6, 2, "c"));
  sim.run();
  // At 4: a and b have 8 left each; c needs 12 s at half the server, by 16; a and b have 5 left
  // each then and share: 26.
  EXPECT_EQ(log, (Log{"16 c", "26 a", "26 b"}));
  EXPECT_NEAR(server.work_done(), 26, 1e-6);
}

TEST(ProcessorSharing, CapacityMayChangeAndStandStill) {
  Simulation sim;
  Log log;
  ProcessorSharing server(sim, 2);
  sim.spawn("a", job(sim, log, server, Time{}, 10, 1, "a"));
  sim.at(seconds(2), [&] { server.set_capacity(0); });
  sim.at(seconds(12), [&] { server.set_capacity(3); });
  sim.run();
  EXPECT_EQ(log, (Log{"14 a"}));
  EXPECT_THROW(server.serve(-1), ModelError);
}

TEST(ProcessorSharing, ACapacityThatFallsToZeroWhenAJobIsDoneDoesNotKeepIt) {
  for (const int jobs : {1, 3, 7}) // with sums that are exact, and that are not
    for (const double work : {4.0, 0.7}) {
      Simulation sim;
      Log log;
      ProcessorSharing server(sim, 1);
      sim.at(seconds(jobs * work), [&] { server.set_capacity(0); }); // before the jobs go on
      for (int i = 0; i < jobs; ++i) sim.spawn("a", job(sim, log, server, Time{}, work, 1, "a"));
      sim.run();
      EXPECT_EQ(log.size(), static_cast<std::size_t>(jobs)) << jobs << " jobs of " << work;
      EXPECT_EQ(sim.now(), seconds(jobs * work));
    }
}

TEST(ProcessorSharing, AnEndlessJobTakesItsShareForEver) {
  Simulation sim;
  Log log;
  ProcessorSharing server(sim, 1);
  const double endless = std::numeric_limits<double>::infinity();
  sim.spawn("endless", job(sim, log, server, Time{}, endless, 1, "endless"));
  sim.spawn("a", job(sim, log, server, seconds(2), 4, 1, "a"));
  sim.run();
  EXPECT_EQ(log, (Log{"10 a"}));
  EXPECT_EQ(server.jobs(), 1U);
}

Process mg1ps(Simulation& sim, ProcessorSharing& server, double work, double& total, int& n) {
  const Time arrived = sim.now();
  co_await server.serve(work);
  total += (sim.now() - arrived).seconds();
  ++n;
}

TEST(ProcessorSharing, MeanSojournIsThatOfMG1PS) {
  // E[T] = E[S] / (1 - rho), whatever the law of the work (Kleinrock 1976, volume 2, 4.4).
  Simulation sim(11, 0);
  RandomStream gaps = sim.stream("gaps"), works = sim.stream("works");
  ProcessorSharing server(sim, 1);
  double total = 0;
  int n = 0;
  for (int i = 0; i < 200'000; ++i) {
    sim.run_until(sim.now() + seconds(gaps.exponential(1 / 0.6)));
    sim.spawn("job", mg1ps(sim, server, works.lognormal(std::exp(-0.5), 1), total, n));
  }
  sim.run();
  EXPECT_NEAR(total / n, 1 / (1 - 0.6), 0.1);
}

TEST(ProcessorSharing, WhoIsDoneAtOneTimeGoesOnInTheOrderOfComing) {
  // Six at once; then, at 2, one who has as much left as the six by then, whatever V was rounded
  // to.
  Simulation sim;
  Log log;
  ProcessorSharing server(sim, 1);
  for (const char* name : {"a", "b", "c", "d", "e", "f"})
    sim.spawn("job", job(sim, log, server, Time{}, 1, 1, name));
  sim.spawn("job", job(sim, log, server, seconds(2), 2.0 / 3, 1, "g"));
  sim.run();
  EXPECT_EQ(log, (Log{"6 a", "6 b", "6 c", "6 d", "6 e", "6 f", "6 g"}));
}

Process alone(Simulation& sim, ProcessorSharing& server, RandomStream works, int& exact) {
  for (int i = 0; i < 1000; ++i) {
    const Time begun = sim.now(), work = seconds(works.exponential(10));
    co_await server.serve(work.seconds());
    exact += sim.now() - begun == work;
  }
}

TEST(ProcessorSharing, AJobAloneTakesItsWorkToTheNanosecond) {
  // Seconds are doubles: 1.9 s is 1,900,000,000.0000002 ns, which must not be rounded up.
  Simulation sim(3);
  ProcessorSharing server(sim, 1);
  int exact = 0;
  sim.spawn("alone", alone(sim, server, sim.stream("works"), exact));
  sim.run();
  EXPECT_EQ(exact, 1000);
}

TEST(ProcessorSharing, ACapacityThatIsNoneIsRefused) {
  Simulation sim;
  for (const double none : {-1.0, std::nan(""), std::numeric_limits<double>::infinity()}) {
    EXPECT_THROW(ProcessorSharing(sim, none), ModelError);
    ProcessorSharing server(sim, 1);
    EXPECT_THROW(server.set_capacity(none), ModelError);
    EXPECT_EQ(server.capacity(), 1);
  }
}

} // namespace
} // namespace windtunnel::engine
