// Ten machines make parts and break now and then. One repairman mends them; between repairs he does
// jobs of his own, which a broken machine interrupts. Times are minutes.
#include <fmt/ostream.h>

#include <memory>

#include "libsim/engine/preemptive_resource.hpp"
#include "tests/libsim/examples/examples.hpp"
#include "tests/libsim/examples/python_random.hpp"

namespace windtunnel::examples {
namespace {

constexpr int repair_priority = 1, job_priority = 2;

class Machine {
public:
  Machine(Simulation& sim, PythonRandom& random, PreemptiveResource& repairman)
      : sim_(sim), random_(random), repairman_(repairman), work_(sim.spawn("work", work())) {
    sim.spawn("breaks", breaks());
  }
  int parts_made() const { return parts_made_; }

private:
  Process work() {
    for (;;) {
      for (Time left = time_per_part(); left > Time();) {
        const Time start = sim_.now();
        try {
          co_await left;
          left = Time();
        } catch (const Interrupt&) {
          left -= sim_.now() - start;
          broken_ = true;
        }
        if (!broken_) continue;
        Hold repair = co_await repairman_.request(repair_priority);
        co_await minutes(30);
        repair.release();
        broken_ = false;
      }
      ++parts_made_;
    }
  }
  Process breaks() {
    for (;;) {
      co_await minutes(random_.expovariate(1 / 300.0));
      if (!broken_) interrupt(work_, "broken");
    }
  }
  Time time_per_part() {
    for (;;)
      if (const double t = random_.normalvariate(10, 2); t > 0) return minutes(t);
  }

  Simulation& sim_;
  PythonRandom& random_;
  PreemptiveResource& repairman_;
  bool broken_ = false;
  int parts_made_ = 0;
  ProcessRef work_;
};

Process other_jobs(Simulation& sim, PreemptiveResource& repairman) {
  for (;;) {
    for (Time left = minutes(30); left > Time();) {
      const Hold himself = co_await repairman.request(job_priority);
      const Time start = sim.now();
      try {
        co_await left;
        left = Time();
      } catch (const Preempted&) {
        left -= sim.now() - start;
      }
    }
  }
}

} // namespace

void machine_shop(std::ostream& out) {
  fmt::print(out, "Machine shop\n");
  Simulation sim;
  PythonRandom random(42);
  PreemptiveResource repairman(sim, 1);
  std::vector<std::unique_ptr<Machine>> machines;
  for (int i = 0; i < 10; ++i)
    machines.push_back(std::make_unique<Machine>(sim, random, repairman));
  sim.spawn("other jobs", other_jobs(sim, repairman));
  sim.run_until(days(4 * 7) - nanoseconds(1));

  fmt::print(out, "Machine shop results after 4 weeks\n");
  for (std::size_t i = 0; i < machines.size(); ++i)
    fmt::print(out, "Machine {} made {} parts.\n", i, machines[i]->parts_made());
}

} // namespace windtunnel::examples
