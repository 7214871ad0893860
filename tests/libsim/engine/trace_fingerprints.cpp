// Prints one hash a model: of the time, the number and the process of every event it fires.
//
// tests/libsim/equal_bits.py compares the output with trace_fingerprints.txt, for this build and
// for builds of its own with other compilers and optimisation levels. A change there changes
// published results.
#include <cinttypes>
#include <cstdio>

#include "libsim/engine/condition.hpp"
#include "libsim/engine/container.hpp"
#include "libsim/engine/preemptive_resource.hpp"
#include "libsim/engine/processor_sharing.hpp"
#include "libsim/engine/resource.hpp"
#include "libsim/engine/store.hpp"
#include "libsim/engine/task.hpp"
#include "libsim/engine/token_bucket.hpp"
#include "libsim/engine/within.hpp"

namespace {

using namespace windtunnel;
using namespace windtunnel::engine;

/// Runs `model` until `end` and prints the hash of its trace.
template <class Build> void print(const char* name, Time end, Build build) {
  Simulation sim(20, 26);
  const auto model = build(sim);
  std::uint64_t hash = 0xcbf29ce484222325u;
  const auto mix = [&hash](std::uint64_t bits) {
    hash = (hash ^ bits) * 0x100000001b3u;
    hash ^= hash >> 29;
  };
  sim.trace_events([&](const FiredEvent& event) {
    mix(static_cast<std::uint64_t>(event.at.ns()));
    mix(event.number);
    mix(stream_hash(event.process));
  });
  sim.run_until(end);
  std::printf("%-12s %8" PRIu64 " %016" PRIx64 "\n", name, sim.events_fired(), hash);
}

// Callbacks: messages between logical processes; up to the tree's slots and far beyond them.

struct Phold {
  Phold(Simulation& s, std::size_t processes) : sim(s), received(processes) {
    for (std::size_t i = 0; i < processes; ++i) send(i);
  }
  void send(std::size_t to) {
    sim.after(seconds(0.1 + random.exponential(0.9)), [this, to] {
      ++received[to];
      send(random.below(4) == 0 ? random.below(received.size()) : to);
    });
  }
  Simulation& sim;
  RandomStream random = sim.stream("phold");
  std::vector<std::uint64_t> received;
};

// Timers, half of them cancelled or moved, with many ties.

struct Timers {
  explicit Timers(Simulation& s) : sim(s) { tick(); }
  void tick() {
    const Time delay = seconds(static_cast<double>(random.below(100)));
    const int priority = static_cast<int>(random.below(16)); // arguments have no order
    handles.push_back(sim.after(
        delay, [] {}, priority));
    EventHandle& other = handles[random.below(handles.size())];
    if (random.below(2))
      sim.cancel(other);
    else if (const EventHandle moved = sim.reschedule(other, sim.now() + seconds(5)))
      other = moved;
    sim.after(milliseconds(static_cast<double>(random.below(30))), [this] { tick(); });
  }
  Simulation& sim;
  RandomStream random = sim.stream("timers");
  std::vector<EventHandle> handles;
};

// A town in which processes wait for everything there is to wait for.

struct Town {
  explicit Town(Simulation& s) : sim(s) {}
  Simulation& sim;
  RandomStream random = sim.stream("town");
  Resource counter{sim, 3};
  PreemptiveResource machine{sim, 2};
  Container tank{sim, 50, 20};
  Store<int> shelf{sim, 10};
  PriorityStore<int> urgent{sim};
  TokenBucket gate{sim, 5, 10};
  ProcessorSharing link{sim, 100};
  Condition level{sim};
  int interrupted = 0;
  std::vector<ProcessRef> people;

  double exponential(double mean) { return random.exponential(mean); }
};

Task<int> shop(Town& town) {
  co_await town.gate.take(1);
  const Store<int>::Wanted wanted = [](const int& item) { return item % 3 != 0; };
  const int item = co_await town.shelf.get_if(wanted);
  co_await town.urgent.put(-item);
  co_return item;
}
Process person(Town& town, int number) {
  try {
    std::optional<Lease> place = co_await within(seconds(2), town.counter.request(number % 3));
    if (place) {
      co_await seconds(town.exponential(0.5));
      place->release();
    }
    co_await shop(town);
    const bool fuelled = co_await within(seconds(3), town.tank.get(2));
    if (fuelled) town.level.changed();
    const Event later = timeout_event(town.sim, seconds(town.exponential(1)));
    const Event gone = done(town.people[town.random.below(town.people.size())]);
    const Event either = any_of(town.sim, {later, gone});
    co_await either;
    const Hold machine = co_await town.machine.request(number % 5);
    co_await seconds(town.exponential(0.3));
    co_await town.link.serve(town.exponential(20));
    co_await town.urgent.get();
  } catch (const Interrupt&) {
    ++town.interrupted;
  }
}
Process supply(Town& town) {
  const Condition::Until low = town.level.until([&town] { return town.tank.level() < 25; });
  for (int i = 0;; ++i) {
    co_await within(milliseconds(150), town.shelf.put(i));
    co_await within(seconds(1), low);
    co_await within(milliseconds(50), town.tank.put(5));
  }
}
Process mischief(Town& town) {
  for (;;) {
    co_await seconds(town.exponential(1));
    const ProcessRef victim = town.people[town.random.below(town.people.size())];
    if (town.random.below(3) == 0)
      kill(victim);
    else
      interrupt(victim, "mischief");
    town.counter.set_capacity(2 + static_cast<std::int64_t>(town.random.below(3)));
    town.link.set_capacity(50 + town.exponential(50));
  }
}
Process arrivals(Town& town) {
  for (int i = 0;; ++i) {
    co_await milliseconds(static_cast<double>(town.random.below(400)));
    town.people.push_back(town.sim.spawn("person " + std::to_string(i % 10), person(town, i)));
    if (i == 0) town.sim.spawn("mischief", mischief(town));
  }
}

} // namespace

int main() {
  print("phold", seconds(30), [](Simulation& sim) { return std::make_unique<Phold>(sim, 1000); });
  print("phold far", seconds(3),
        [](Simulation& sim) { return std::make_unique<Phold>(sim, 40'000); });
  print("timers", seconds(600), [](Simulation& sim) { return std::make_unique<Timers>(sim); });
  print("town", minutes(60), [](Simulation& sim) {
    auto town = std::make_unique<Town>(sim);
    sim.spawn("arrivals", arrivals(*town));
    sim.spawn("supply", supply(*town));
    return town;
  });
}
