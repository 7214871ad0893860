// SimGrid's actors (s4u): peer_simgrid BENCHMARK. One host; actors sleep and meet at semaphores. It
// has no plain events, so no callbacks and no PHOLD; timers are its kernel's.
#include <simgrid/kernel/Timer.hpp>
#include <simgrid/s4u.hpp>

#include <deque>

#include "workload.hpp"

namespace {

using namespace peers;
namespace sg = simgrid::s4u;

void hold_processes(sg::Engine& engine, sg::Host* host, std::size_t n) {
  Increments increments;
  Window window(3 * n, 50'000);
  for (std::size_t i = 0; i < n; ++i)
    sg::Actor::create("holder", host, [&] {
      for (;;) {
        if (window.last()) {
          window.report(sg::Engine::get_clock());
          std::_Exit(0); // ending n actors is not what is measured
        }
        sg::this_actor::sleep_for(increments.next());
      }
    });
  engine.run();
}

void mm1_processes(sg::Engine& engine, sg::Host* host) {
  Random random(2);
  std::deque<double> queue;
  double total = 0;
  const sg::SemaphorePtr items = sg::Semaphore::create(0);
  const double begin = cpu_seconds();
  sg::Actor::create("arrivals", host, [&] {
    for (int i = 0; i < customers; ++i) {
      sg::this_actor::sleep_for(random.exponential(1 / load));
      queue.push_back(sg::Engine::get_clock());
      items->release();
    }
  });
  sg::Actor::create("server", host, [&] {
    for (int i = 0; i < customers; ++i) {
      items->acquire();
      const double arrived = queue.front();
      queue.pop_front();
      sg::this_actor::sleep_for(random.exponential(1));
      total += sg::Engine::get_clock() - arrived;
    }
  });
  engine.run();
  report(customers, cpu_seconds() - begin, total / customers);
}

void mm1_customer_processes(sg::Engine& engine, sg::Host* host) {
  Random random(2);
  double total = 0;
  const sg::SemaphorePtr counter = sg::Semaphore::create(1);
  const double begin = cpu_seconds();
  sg::Actor::create("arrivals", host, [&] {
    for (int i = 0; i < customers; ++i) {
      sg::this_actor::sleep_for(random.exponential(1 / load));
      sg::Actor::create("customer", host, [&] {
        const double arrived = sg::Engine::get_clock();
        counter->acquire();
        sg::this_actor::sleep_for(random.exponential(1));
        counter->release();
        total += sg::Engine::get_clock() - arrived;
      });
    }
  });
  engine.run();
  report(customers, cpu_seconds() - begin, total / customers);
}

void timers_bulk(sg::Engine& engine, sg::Host* host) {
  using simgrid::kernel::timer::Timer;
  const std::vector<double> times = timer_times();
  int fired = 0;
  std::vector<Timer*> handles(timers);
  const double begin = cpu_seconds();
  for (int i = 0; i < timers; ++i) handles[i] = Timer::set(times[i], [&fired] { ++fired; });
  for (int i = 0; i < timers; i += 2) handles[i]->remove();
  // Timers alone do not keep a run going.
  sg::Actor::create("clock", host, [] { sg::this_actor::sleep_for(1e6); });
  engine.run();
  report(timers, cpu_seconds() - begin, fired);
}

} // namespace

int main(int argc, char** argv) {
  sg::Engine engine(&argc, argv);
  if (argc != 2) return 2;
  sg::NetZone* const zone = sg::create_full_zone("zone");
  sg::Host* const host = zone->create_host("host", 1e9)->seal();
  zone->seal();
  const Benchmark benchmark(argv[1]);
  if (benchmark.name == "hold_processes")
    hold_processes(engine, host, benchmark.size);
  else if (benchmark.name == "mm1_processes")
    mm1_processes(engine, host);
  else if (benchmark.name == "mm1_customer_processes")
    mm1_customer_processes(engine, host);
  else if (benchmark.name == "timers_bulk")
    timers_bulk(engine, host);
  else
    not_offered();
}
