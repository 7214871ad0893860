// Speed of the engine beside the usual hand-written one (a std::priority_queue of std::function).
// Every benchmark reports items per second; bench/peers/compare prints the ratios.
//
//   build/release/bin/bench_engine --benchmark_enable_random_interleaving=true
//     --benchmark_repetitions=5 --benchmark_report_aggregates_only=true
#include <benchmark/benchmark.h>

#include <functional>
#include <queue>
#include <random>

#include "libsim/engine/resource.hpp"
#include "libsim/engine/store.hpp"
#include "libsim/stats/replications.hpp"

namespace {

using namespace windtunnel;
using namespace windtunnel::engine;

/// Exponential increments of mean 1 s, drawn beforehand: the engine is measured, not the sampler.
class Increments {
public:
  Increments() {
    RandomStream random(1, 0, "increments");
    for (Time& t : times_) t = seconds(random.exponential(1));
  }
  Time next() { return times_[at_++ & (size - 1)]; }

private:
  static constexpr std::size_t size = 1 << 14;
  std::array<Time, size> times_;
  std::size_t at_ = 0;
};

/// The engine everybody writes first.
class PlainEngine {
public:
  Time now() const { return now_; }
  void after(Time delay, std::function<void()> what) {
    queue_.push({now_ + delay, sequence_++, std::move(what)});
  }
  void run(std::uint64_t events) {
    while (events-- > 0 && !queue_.empty()) {
      now_ = queue_.top().time;
      const std::function<void()> what = std::move(const_cast<Item&>(queue_.top()).what);
      queue_.pop();
      what();
    }
  }

private:
  struct Item {
    Time time;
    std::uint64_t sequence;
    std::function<void()> what;
    bool operator<(const Item& other) const {
      return std::tie(other.time, other.sequence) < std::tie(time, sequence);
    }
  };
  std::priority_queue<Item> queue_;
  Time now_{};
  std::uint64_t sequence_ = 0;
};

constexpr std::uint64_t batch = 100'000; // events an iteration
const Time warm_up = seconds(2);         // every pending event has fired about twice

// Hold: N callbacks that schedule themselves again.

template <class Engine> struct HoldCallback {
  Engine& engine;
  Increments& increments;
  void operator()() const { engine.after(increments.next(), *this); }
};

void hold_callbacks(benchmark::State& state) {
  Increments increments;
  Simulation sim;
  for (std::int64_t i = 0; i < state.range(0); ++i)
    sim.after(increments.next(), HoldCallback<Simulation>{sim, increments});
  Time until{};
  const Time span = seconds(static_cast<double>(batch) / static_cast<double>(state.range(0)));
  sim.run_until(until += warm_up);
  std::uint64_t fired = sim.events_fired();
  for (auto _ : state) sim.run_until(until += span);
  state.SetItemsProcessed(static_cast<std::int64_t>(sim.events_fired() - fired));
}
BENCHMARK(hold_callbacks)->Arg(100)->Arg(10'000)->Arg(1'000'000);

void stdfn_hold(benchmark::State& state) {
  Increments increments;
  PlainEngine engine;
  for (std::int64_t i = 0; i < state.range(0); ++i)
    engine.after(increments.next(), HoldCallback<PlainEngine>{engine, increments});
  engine.run(static_cast<std::uint64_t>(warm_up.seconds()) *
             static_cast<std::uint64_t>(state.range(0)));
  for (auto _ : state) engine.run(batch);
  state.SetItemsProcessed(state.iterations() * static_cast<std::int64_t>(batch));
}
BENCHMARK(stdfn_hold)->Arg(100)->Arg(10'000)->Arg(1'000'000);

Process holder(Increments& increments) {
  for (;;) {
    const Time delay = increments.next();
    co_await delay;
  }
}

void hold_processes(benchmark::State& state) {
  Increments increments;
  Simulation sim;
  for (std::int64_t i = 0; i < state.range(0); ++i) sim.spawn("holder", holder(increments));
  Time until{};
  const Time span = seconds(static_cast<double>(batch) / static_cast<double>(state.range(0)));
  sim.run_until(until += warm_up);
  std::uint64_t fired = sim.events_fired();
  for (auto _ : state) sim.run_until(until += span);
  state.SetItemsProcessed(static_cast<std::int64_t>(sim.events_fired() - fired));
}
BENCHMARK(hold_processes)->Arg(100)->Arg(10'000);

// M/M/1 at a load of 0.9; items are customers. Variates by -log in all of them.

struct Variates {
  RandomStream gaps{1, 0, "gaps"}, services{1, 0, "services"};
  Time gap() { return seconds(gaps.exponential(1 / 0.9)); }
  Time service() { return seconds(services.exponential(1)); }
};

constexpr int customers = 100'000; // an iteration

/// No event set at all: two clocks, compared by hand. The floor of any engine.
void mm1_floor(benchmark::State& state) {
  double mean = 0;
  for (auto _ : state) {
    Variates draw;
    Ring<Time> queue;
    Time arrival = draw.gap(), departure = Time::max(), total{};
    for (int served = 0; served < customers;) {
      if (arrival < departure) {
        queue.push(arrival);
        if (queue.size() == 1) departure = arrival + draw.service();
        arrival += draw.gap();
      } else {
        total += departure - queue.pop();
        ++served;
        departure = queue.empty() ? Time::max() : departure + draw.service();
      }
    }
    mean = total.seconds() / customers;
  }
  state.SetItemsProcessed(state.iterations() * customers);
  state.counters["mean_sojourn"] = mean;
}
BENCHMARK(mm1_floor);

template <class Engine> class Mm1 {
public:
  explicit Mm1(Engine& engine) : engine_(engine) { schedule_arrival(); }
  double mean() const { return total_.seconds() / served_; }

private:
  void schedule_arrival() {
    if (arrived_++ < customers) engine_.after(draw_.gap(), [this] { arrive(); });
  }
  void arrive() {
    queue_.push(engine_.now());
    if (queue_.size() == 1) serve();
    schedule_arrival();
  }
  void serve() {
    engine_.after(draw_.service(), [this] { leave(); });
  }
  void leave() {
    total_ += engine_.now() - queue_.pop();
    ++served_;
    if (!queue_.empty()) serve();
  }
  Engine& engine_;
  Variates draw_;
  Ring<Time> queue_;
  int arrived_ = 0, served_ = 0;
  Time total_{};
};

void mm1_callbacks(benchmark::State& state) {
  double mean = 0;
  for (auto _ : state) {
    Simulation sim;
    Mm1<Simulation> model(sim);
    sim.run();
    mean = model.mean();
  }
  state.SetItemsProcessed(state.iterations() * customers);
  state.counters["mean_sojourn"] = mean;
}
BENCHMARK(mm1_callbacks);

void stdfn_mm1(benchmark::State& state) {
  double mean = 0;
  for (auto _ : state) {
    PlainEngine engine;
    Mm1<PlainEngine> model(engine);
    engine.run(~std::uint64_t{0});
    mean = model.mean();
  }
  state.SetItemsProcessed(state.iterations() * customers);
  state.counters["mean_sojourn"] = mean;
}
BENCHMARK(stdfn_mm1);

Process arrivals(Simulation& sim, Variates& draw, Store<Time>& queue) {
  for (int i = 0; i < customers; ++i) {
    const Time gap = draw.gap();
    co_await gap;
    co_await queue.put(sim.now());
  }
}
Process server(Simulation& sim, Variates& draw, Store<Time>& queue, Time& total) {
  for (int i = 0; i < customers; ++i) {
    const Time arrived = co_await queue.get();
    const Time service = draw.service();
    co_await service;
    total += sim.now() - arrived;
  }
}

void mm1_processes(benchmark::State& state) {
  double mean = 0;
  for (auto _ : state) {
    Simulation sim;
    Variates draw;
    Store<Time> queue(sim);
    Time total{};
    sim.spawn("arrivals", arrivals(sim, draw, queue));
    sim.spawn("server", server(sim, draw, queue, total));
    sim.run();
    mean = total.seconds() / customers;
  }
  state.SetItemsProcessed(state.iterations() * customers);
  state.counters["mean_sojourn"] = mean;
}
BENCHMARK(mm1_processes);

Process customer(Simulation& sim, Variates& draw, Resource& counter, Time& total) {
  const Time arrived = sim.now();
  Lease lease = co_await counter.request();
  const Time service = draw.service();
  co_await service;
  total += sim.now() - arrived;
}
Process customer_source(Simulation& sim, Variates& draw, Resource& counter, Time& total) {
  for (int i = 0; i < customers; ++i) {
    const Time gap = draw.gap();
    co_await gap;
    sim.spawn("customer", customer(sim, draw, counter, total));
  }
}

void mm1_customer_processes(benchmark::State& state) {
  double mean = 0;
  for (auto _ : state) {
    Simulation sim;
    Variates draw;
    Resource counter(sim, 1);
    Time total{};
    sim.spawn("source", customer_source(sim, draw, counter, total));
    sim.run();
    mean = total.seconds() / customers;
  }
  state.SetItemsProcessed(state.iterations() * customers);
  state.counters["mean_sojourn"] = mean;
}
BENCHMARK(mm1_customer_processes);

// PHOLD: one event a logical process, a quarter of them sent elsewhere, 0.1 + Exp(0.9) ahead.

template <class Engine> struct Phold {
  Engine& engine;
  struct Process {
    std::uint64_t state, count;
  };
  std::vector<Process> processes;
  Phold(Engine& e, std::size_t n) : engine(e), processes(n) {
    for (std::size_t i = 0; i < n; ++i) {
      processes[i].state = i * 0x9e3779b97f4a7c15ULL + 1;
      send(i, i);
    }
  }
  struct Arrive {
    Phold& phold;
    std::size_t at;
    void operator()() const { phold.arrive(at); }
  };
  std::uint64_t
  draw(std::size_t i) { // xorshift: the models' own generator, the same in all engines
    std::uint64_t& s = processes[i].state;
    s ^= s << 13;
    s ^= s >> 7;
    s ^= s << 17;
    return s;
  }
  void send(std::size_t from, std::size_t to) {
    const double u = static_cast<double>((draw(from) >> 11) + 1) * 0x1p-53;
    engine.after(seconds(0.1 - 0.9 * std::log(u)), Arrive{*this, to});
  }
  void arrive(std::size_t i) {
    ++processes[i].count;
    const std::uint64_t r = draw(i);
    send(i, (r & 3) == 0 ? (r >> 2) % processes.size() : i);
  }
};

void phold(benchmark::State& state) {
  Simulation sim;
  Phold<Simulation> model(sim, static_cast<std::size_t>(state.range(0)));
  Time until{};
  const Time span = seconds(static_cast<double>(batch) / static_cast<double>(state.range(0)));
  sim.run_until(until += warm_up);
  const std::uint64_t fired = sim.events_fired();
  for (auto _ : state) sim.run_until(until += span);
  state.SetItemsProcessed(static_cast<std::int64_t>(sim.events_fired() - fired));
}
BENCHMARK(phold)->Arg(10'000)->Arg(100'000);

void stdfn_phold(benchmark::State& state) {
  PlainEngine engine;
  Phold<PlainEngine> model(engine, static_cast<std::size_t>(state.range(0)));
  engine.run(static_cast<std::uint64_t>(warm_up.seconds()) *
             static_cast<std::uint64_t>(state.range(0)));
  for (auto _ : state) engine.run(batch);
  state.SetItemsProcessed(state.iterations() * static_cast<std::int64_t>(batch));
}
BENCHMARK(stdfn_phold)->Arg(10'000)->Arg(100'000);

// Timers, half of them cancelled before they fire; items are timers.

constexpr int timers = 1'000'000;

std::vector<Time> timer_times() {
  RandomStream random(3, 0, "timers");
  std::vector<Time> times;
  for (int i = 0; i < timers; ++i) times.push_back(seconds(random.exponential(1000)));
  return times;
}

void timers_bulk(benchmark::State& state) {
  const std::vector<Time> times = timer_times();
  std::uint64_t fired = 0;
  std::vector<EventHandle> handles(timers);
  for (auto _ : state) {
    Simulation sim;
    for (int i = 0; i < timers; ++i) handles[i] = sim.at(times[i], [&fired] { ++fired; });
    for (int i = 0; i < timers; i += 2) sim.cancel(handles[i]);
    sim.run();
  }
  benchmark::DoNotOptimize(fired);
  state.SetItemsProcessed(state.iterations() * timers);
}
BENCHMARK(timers_bulk)->Unit(benchmark::kMillisecond);

void stdfn_timers_bulk(benchmark::State& state) {
  const std::vector<Time> times = timer_times();
  std::uint64_t fired = 0;
  for (auto _ : state) {
    PlainEngine engine;
    std::vector<bool> cancelled(timers); // tombstones, the usual way
    for (int i = 0; i < timers; ++i)
      engine.after(times[i], [&fired, &cancelled, i] { fired += cancelled[i] ? 0 : 1; });
    for (int i = 0; i < timers; i += 2) cancelled[i] = true;
    engine.run(~std::uint64_t{0});
  }
  benchmark::DoNotOptimize(fired);
  state.SetItemsProcessed(state.iterations() * timers);
}
BENCHMARK(stdfn_timers_bulk)->Unit(benchmark::kMillisecond);

/// About a thousand pending: each tick arms one timer and cancels every second one armed earlier.
template <class Engine, class Arm, class Cancel>
void roll(Engine& engine, int count, Arm arm, Cancel cancel) {
  struct Tick {
    Engine& engine;
    int count;
    Arm arm;
    Cancel cancel;
    int i = 0;
    void operator()() {
      arm(i);
      if (i >= 500 && i % 2 == 0) cancel(i - 500);
      if (++i < count) engine.after(seconds(1), [this] { (*this)(); });
    }
  };
  Tick tick{engine, count, arm, cancel};
  engine.after(seconds(1), [&tick] { tick(); });
  if constexpr (std::is_same_v<Engine, Simulation>)
    engine.run();
  else
    engine.run(~std::uint64_t{0});
}

void timers_rolling(benchmark::State& state) {
  std::uint64_t fired = 0;
  std::vector<EventHandle> handles(timers);
  for (auto _ : state) {
    Simulation sim;
    roll(
        sim, timers,
        [&](int i) { handles[i] = sim.after(seconds(1000 + i % 7), [&fired] { ++fired; }); },
        [&](int i) { sim.cancel(handles[i]); });
  }
  benchmark::DoNotOptimize(fired);
  state.SetItemsProcessed(state.iterations() * timers);
}
BENCHMARK(timers_rolling)->Unit(benchmark::kMillisecond);

void stdfn_timers_rolling(benchmark::State& state) {
  std::uint64_t fired = 0;
  for (auto _ : state) {
    PlainEngine engine;
    std::vector<bool> cancelled(timers);
    roll(
        engine, timers,
        [&](int i) {
          engine.after(seconds(1000 + i % 7),
                       [&fired, &cancelled, i] { fired += cancelled[i] ? 0 : 1; });
        },
        [&](int i) { cancelled[i] = true; });
  }
  benchmark::DoNotOptimize(fired);
  state.SetItemsProcessed(state.iterations() * timers);
}
BENCHMARK(stdfn_timers_rolling)->Unit(benchmark::kMillisecond);

void replications(benchmark::State& state) {
  for (auto _ : state) {
    const auto means =
        stats::replicate<double>(20, {.threads = static_cast<int>(state.range(0))}, [](int) {
          Simulation sim;
          Mm1<Simulation> model(sim);
          sim.run();
          return model.mean();
        });
    benchmark::DoNotOptimize(means.data());
  }
  state.SetItemsProcessed(state.iterations() * 20 * customers);
}
BENCHMARK(replications)->Arg(1)->Arg(2)->UseRealTime()->Unit(benchmark::kMillisecond);

} // namespace
