// ns-3's event core: peer_ns3 SCHEDULER BENCHMARK, where SCHEDULER is one of ns-3's: Map (its
// default), PriorityQueue, Heap ... Times are ns-3's int64 nanoseconds.
#include <ns3/core-module.h>

#include <deque>

#include "workload.hpp"

namespace {

using namespace ns3;
using namespace peers;

Time after(double seconds) {
  return NanoSeconds(static_cast<std::int64_t>(std::llround(seconds * 1e9)));
}
double now() { return static_cast<double>(Simulator::Now().GetNanoSeconds()) * 1e-9; }

struct Hold {
  Increments increments;
  Window window;
  void fire() {
    if (window.last()) return Simulator::Stop();
    Simulator::Schedule(after(increments.next()), &Hold::fire, this);
  }
};

void hold_callbacks(std::size_t n) {
  Hold hold{{}, Window(n + 300'000, 300'000)};
  for (std::size_t i = 0; i < n; ++i)
    Simulator::Schedule(after(hold.increments.next()), &Hold::fire, &hold);
  Simulator::Run();
  hold.window.report(now());
}

struct Mm1 {
  Random random{2};
  std::deque<double> queue{};
  int arrived = 0, served = 0;
  double total = 0;
  void schedule_arrival() {
    if (arrived++ < customers)
      Simulator::Schedule(after(random.exponential(1 / load)), &Mm1::arrive, this);
  }
  void arrive() {
    queue.push_back(now());
    if (queue.size() == 1) serve();
    schedule_arrival();
  }
  void serve() { Simulator::Schedule(after(random.exponential(1)), &Mm1::leave, this); }
  void leave() {
    total += now() - queue.front();
    queue.pop_front();
    ++served;
    if (!queue.empty()) serve();
  }
};

void mm1_callbacks() {
  const double begin = cpu_seconds();
  Mm1 model;
  model.schedule_arrival();
  Simulator::Run();
  report(customers, cpu_seconds() - begin, model.total / model.served);
}

struct Phold {
  PholdChoices choices;
  Window window;
  void send(std::size_t from, std::size_t to) {
    Simulator::Schedule(after(choices.delay(from)), &Phold::arrive, this, to);
  }
  void arrive(std::size_t at) {
    if (window.last()) return Simulator::Stop();
    send(at, choices.receive(at));
  }
};

void phold(std::size_t n) {
  Phold model{PholdChoices(n), Window(n + 300'000, 300'000)};
  for (std::size_t i = 0; i < n; ++i) model.send(i, i);
  Simulator::Run();
  model.window.report(now());
}

struct Timers {
  std::vector<EventId> handles = std::vector<EventId>(timers);
  int fired = 0, tick = 0;
  void fire() { ++fired; }
  void roll() {
    const int i = tick;
    handles[i] = Simulator::Schedule(after(rolling_delay(i)), &Timers::fire, this);
    if (const int cancelled = rolling_cancels(i); cancelled >= 0) handles[cancelled].Cancel();
    if (++tick < timers) Simulator::Schedule(after(1), &Timers::roll, this);
  }
};

void timers_bulk() {
  const std::vector<double> times = timer_times();
  Timers model;
  const double begin = cpu_seconds();
  for (int i = 0; i < timers; ++i)
    model.handles[i] = Simulator::Schedule(after(times[i]), &Timers::fire, &model);
  for (int i = 0; i < timers; i += 2) model.handles[i].Cancel();
  Simulator::Run();
  report(timers, cpu_seconds() - begin, model.fired);
}

void timers_rolling() {
  Timers model;
  const double begin = cpu_seconds();
  Simulator::Schedule(after(1), &Timers::roll, &model);
  Simulator::Run();
  report(timers, cpu_seconds() - begin, model.fired);
}

} // namespace

int main(int argc, char** argv) {
  if (argc != 3) return 2;
  ObjectFactory scheduler(std::string("ns3::") + argv[1] + "Scheduler");
  Simulator::SetScheduler(scheduler);
  const Benchmark benchmark(argv[2]);
  if (benchmark.name == "hold_callbacks")
    hold_callbacks(benchmark.size);
  else if (benchmark.name == "mm1_callbacks")
    mm1_callbacks();
  else if (benchmark.name == "phold")
    phold(benchmark.size);
  else if (benchmark.name == "timers_bulk")
    timers_bulk();
  else if (benchmark.name == "timers_rolling")
    timers_rolling();
  else
    not_offered();
}
