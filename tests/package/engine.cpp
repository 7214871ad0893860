// The engine alone: a call centre, as docs/engine.md shows it.
#include <cstdio>
#include <filesystem>

#include "libsim/engine/recording.hpp"
#include "libsim/engine/resource.hpp"
#include "libsim/engine/within.hpp"
#include "libsim/stats/adaptive.hpp"
#include "libsim/stats/tally.hpp"

// [model]
using namespace windtunnel;
using namespace windtunnel::engine;

struct CallCentre {
  explicit CallCentre(std::uint64_t replication) : sim(1, replication) {}
  Simulation sim;
  RandomStream calls = sim.stream("calls"), talks = sim.stream("talks");
  Resource agents{sim, 4, "agents"};
  stats::Tally waits; // seconds
  int hung_up = 0;
};

Process caller(CallCentre& centre) {
  const Time began = centre.sim.now();
  const std::optional<Lease> agent = co_await within(minutes(2), centre.agents.request());
  if (!agent) {
    ++centre.hung_up;
    co_return;
  }
  centre.waits.add((centre.sim.now() - began).seconds());
  co_await minutes(centre.talks.exponential(3));
} // the lease ends here: the agent is free

Process phone(CallCentre& centre) {
  for (;;) {
    co_await minutes(centre.calls.exponential(1));
    centre.sim.spawn("caller", caller(centre));
  }
}
// [model]

void one_day() {
  // [run]
  CallCentre centre(0);
  centre.sim.spawn("phone", phone(centre));
  centre.sim.run_until(hours(8));
  std::printf("%d calls answered after %.1f s on average, %d given up\n",
              static_cast<int>(centre.waits.count()), centre.waits.mean(), centre.hung_up);
  // [run]
}

void many_days() {
  // [replications]
  // Days until the mean wait is known to 2 %, on all cores; the result does not depend on them.
  const auto days = stats::replicate_until<double>(
      {.relative = 0.02}, {},
      [](int day) {
        CallCentre centre(static_cast<std::uint64_t>(day));
        centre.sim.spawn("phone", phone(centre));
        centre.sim.run_until(hours(8));
        return centre.waits.mean();
      },
      [](const std::vector<double>& all) { return stats::mean_interval(all); });
  std::printf("%zu days: %.2f s, 95 %% within [%.2f, %.2f]\n", days.results.size(),
              days.interval.estimate, days.interval.lower, days.interval.upper);
  // [replications]
}

void who_waits_for_what() {
  // [inspect]
  CallCentre centre(0);
  centre.agents.set_capacity(0); // lunch
  centre.sim.spawn("phone", phone(centre));
  Recording recording;
  recording.record(centre.sim);
  centre.sim.run_until(minutes(3));
  for (const ProcessStatus& process : centre.sim.processes())
    std::printf("%s waits: %s\n", process.name.c_str(), process.waits_for.c_str());

  // The same run again, up to a minute before: each event is held against the recording.
  CallCentre again(0);
  again.agents.set_capacity(0);
  again.sim.spawn("phone", phone(again));
  replay(again.sim, recording, minutes(2));
  std::printf("a minute before, %zu were waiting\n", again.agents.queue_length());
  // [inspect]
}

int main() {
  one_day();
  many_days();
  who_waits_for_what();
}
