// Stations that hold each other up: two servers with a bounded Store between them (blocking after
// service), machines and their repairmen. Each with processes and with callbacks: equal
// trajectories (trajectories.hpp), and the known throughputs.
#include <algorithm>
#include <deque>
#include <numeric>

#include "libsim/engine/resource.hpp"
#include "libsim/engine/store.hpp"
#include "tests/libsim/engine/trajectories.hpp"

namespace windtunnel::engine {
namespace {

// Two servers in a row

struct Part {
  Time gap, first, second;
};
using Parts = std::vector<Part>;

Parts draw_parts(Law law, std::uint64_t seed, std::size_t count, double mean_gap, double mean_first,
                 double mean_second) {
  Draws gaps(law, seed, "gaps"), first(law, seed, "first"), second(law, seed, "second");
  Parts all;
  for (std::size_t i = 0; i < count; ++i) {
    const Time gap = mean_gap > 0 ? gaps.exponential(mean_gap) : Time{};
    const Time cut = first.exponential(mean_first);
    all.push_back({gap, cut, second.exponential(mean_second)});
  }
  return all;
}

// A part begins at each server in turn: customer i at the first is noted as i, at the second as
// i + the number of parts.

Process first_server(Simulation& sim, Trajectory& seen, Store<std::size_t>& queue,
                     Store<std::size_t>& between, const Parts& parts) {
  for (;;) {
    const std::size_t i = co_await queue.get();
    note(seen, sim, i, What::begins);
    co_await parts[i].first;
    note(seen, sim, i, What::leaves);
    co_await between.put(i);
    note(seen, sim, i, What::passes_on);
  }
}
Process second_server(Simulation& sim, Trajectory& seen, Store<std::size_t>& between,
                      const Parts& parts) {
  for (;;) {
    const std::size_t i = co_await between.get();
    note(seen, sim, i + parts.size(), What::begins);
    co_await parts[i].second;
    note(seen, sim, i + parts.size(), What::leaves);
  }
}

Trajectory line(const Parts& parts, std::size_t room) {
  Simulation sim;
  Trajectory seen;
  Store<std::size_t> queue(sim), between(sim, room);
  const auto arrive = [&](std::size_t i) {
    note(seen, sim, i, What::arrives);
    EXPECT_TRUE(queue.try_put(i));
  };
  sim.spawn("first", first_server(sim, seen, queue, between, parts));
  sim.spawn("second", second_server(sim, seen, between, parts));
  sim.spawn("source", source(parts, arrive));
  sim.run();
  return seen;
}

template <class Clock> class LineByCallbacks {
public:
  LineByCallbacks(const Parts& parts, std::size_t room) : parts_(parts), room_(room) {}
  Trajectory run() {
    spawn_arrivals(clock_, parts_, *this);
    clock_.run();
    return seen_;
  }
  void arrive(std::size_t i) {
    note(seen_, clock_, i, What::arrives);
    if (!first_idle_) {
      queue_.push_back(i);
      return;
    }
    first_idle_ = false;
    clock_.at(clock_.now(), [this, i] { begin_first(i); });
  }

private:
  static std::size_t pop(std::deque<std::size_t>& queue) {
    const std::size_t i = queue.front();
    queue.pop_front();
    return i;
  }
  void begin_first(std::size_t i) {
    note(seen_, clock_, i, What::begins);
    clock_.after(parts_[i].first, [this, i] { finish_first(i); });
  }
  void finish_first(std::size_t i) {
    note(seen_, clock_, i, What::leaves);
    if (between_.size() == room_) {
      blocked_ = i;
      return;
    }
    if (second_idle_) {
      second_idle_ = false;
      clock_.at(clock_.now(), [this, i] { begin_second(i); });
    } else {
      between_.push_back(i);
    }
    pass_on(i);
  }
  void pass_on(std::size_t i) {
    note(seen_, clock_, i, What::passes_on);
    first_idle_ = queue_.empty();
    if (!first_idle_) begin_first(pop(queue_));
  }
  void begin_second(std::size_t i) {
    note(seen_, clock_, i + parts_.size(), What::begins);
    clock_.after(parts_[i].second, [this, i] { finish_second(i); });
  }
  void finish_second(std::size_t i) {
    note(seen_, clock_, i + parts_.size(), What::leaves);
    second_idle_ = between_.empty();
    if (second_idle_) return;
    const std::size_t next = pop(between_);
    if (blocked_) { // there is room now: the first server is woken
      const std::size_t waited = *std::exchange(blocked_, std::nullopt);
      between_.push_back(waited);
      clock_.at(clock_.now(), [this, waited] { pass_on(waited); });
    }
    begin_second(next);
  }

  Clock clock_;
  const Parts& parts_;
  std::size_t room_;
  std::deque<std::size_t> queue_, between_;
  bool first_idle_ = true, second_idle_ = true;
  std::optional<std::size_t> blocked_;
  Trajectory seen_;
};

/// When each leaves the second server. A part leaves the first when its work is done and the part
/// `room` before it has begun at the second.
std::vector<Time> leaves_by_recursion(const Parts& parts, std::size_t room) {
  std::vector<Time> begins, leaves;
  Time arrival{}, first_free{}, second_free{};
  for (std::size_t i = 0; i < parts.size(); ++i) {
    arrival += parts[i].gap;
    const Time done = std::max(arrival, first_free) + parts[i].first;
    first_free = i < room ? done : std::max(done, begins[i - room]);
    begins.push_back(std::max(first_free, second_free));
    second_free = begins.back() + parts[i].second;
    leaves.push_back(second_free);
  }
  return leaves;
}

TEST(LineTrajectory, BlockingIsTheRecursionOfItsPassings) {
  for_all_draws([](Law law, std::uint64_t seed) {
    const std::size_t room = seed;
    const Parts parts = draw_parts(law, seed, 20'000, 2, 1.5, 1.5);
    Trajectory seen = line(parts, room);
    expect_callbacks_agree<LineByCallbacks>(seen, parts, room);
    std::vector<Time> leaves = times_of(seen, What::leaves, 2 * parts.size());
    leaves.erase(leaves.begin(), leaves.begin() + static_cast<std::ptrdiff_t>(parts.size()));
    EXPECT_TRUE(same(leaves, leaves_by_recursion(parts, room)));
    return seen;
  });
}

TEST(LineTrajectory, ThroughputWithoutEndOfPartsIsHunts) {
  // Exponential servers of equal rate, never short of parts, room for B between: the parts behind
  // the first server are M/M/1/(B + 2), so it works (B + 2) / (B + 3) of the time; Hunt, Oper. Res.
  // 4(6), 1956.
  constexpr std::size_t parts_a_run = 20'000, room = 2;
  expect_means({(room + 2.0) / (room + 3.0)}, 0.01, [](std::uint64_t seed) {
    const Parts parts = draw_parts(Law::continuous, seed, parts_a_run, 0, 1, 1);
    const Trajectory seen = line(parts, room);
    return std::vector{parts_a_run / seen.back().at.seconds()};
  });
}

// Machines that fail and two repairmen

constexpr std::size_t machines = 6;
constexpr int repairmen = 2;
constexpr double mean_life = 4, mean_repair = 1.5;

struct Factory {
  Law law;
  std::uint64_t seed;
  Time end;
  Draws draws(std::size_t machine) const {
    return Draws(law, seed, "machine " + std::to_string(machine));
  }
};

Process machine(Simulation& sim, Trajectory& seen, Resource& crew, std::size_t i, Draws draws) {
  for (;;) {
    const Time life = draws.exponential(mean_life);
    co_await life;
    note(seen, sim, i, What::fails);
    const Lease repairman = co_await crew.request();
    note(seen, sim, i, What::begins);
    const Time repair = draws.exponential(mean_repair);
    co_await repair;
    note(seen, sim, i, What::leaves);
  }
}

Trajectory factory(const Factory& input) {
  Simulation sim;
  Trajectory seen;
  Resource crew(sim, repairmen);
  for (std::size_t i = 0; i < machines; ++i)
    sim.spawn("machine", machine(sim, seen, crew, i, input.draws(i)));
  sim.run_until(input.end);
  return seen;
}

template <class Clock> class FactoryByCallbacks {
public:
  explicit FactoryByCallbacks(const Factory& input) : end_(input.end) {
    for (std::size_t i = 0; i < machines; ++i) draws_.push_back(input.draws(i));
  }
  Trajectory run() {
    for (std::size_t i = 0; i < machines; ++i) clock_.at(clock_.now(), [this, i] { work(i); });
    clock_.run_until(end_);
    return seen_;
  }

private:
  void work(std::size_t i) {
    clock_.after(draws_[i].exponential(mean_life), [this, i] { fail(i); });
  }
  void fail(std::size_t i) {
    note(seen_, clock_, i, What::fails);
    if (busy_ == repairmen) {
      broken_.push_back(i);
    } else {
      ++busy_;
      repair(i);
    }
  }
  void repair(std::size_t i) {
    note(seen_, clock_, i, What::begins);
    clock_.after(draws_[i].exponential(mean_repair), [this, i] {
      note(seen_, clock_, i, What::leaves);
      if (broken_.empty()) {
        --busy_;
      } else {
        const std::size_t next = broken_.front();
        broken_.pop_front();
        clock_.at(clock_.now(), [this, next] { repair(next); });
      }
      work(i);
    });
  }

  Clock clock_;
  Time end_;
  std::vector<Draws> draws_;
  std::deque<std::size_t> broken_;
  int busy_ = 0;
  Trajectory seen_;
};

TEST(FactoryTrajectory, OfMachinesAndTwoRepairmen) {
  for_all_draws([](Law law, std::uint64_t seed) {
    const Factory input{law, seed, seconds(20'000)};
    Trajectory seen = factory(input);
    expect_callbacks_agree<FactoryByCallbacks>(seen, input);
    return seen;
  });
}

TEST(FactoryTrajectory, MachinesDownAreThoseOfPalmsModel) {
  // Birth and death: n down fail at (N - n) / life and are repaired at min(n, r) / repair; Palm,
  // Industritidningen Norden 75, 1947; Feller, Introduction to Probability I, XVII.7. The time is
  // shared between the numbers down, p_n.
  std::vector<double> p = {1};
  for (std::size_t down = 1; down <= machines; ++down)
    p.push_back(p.back() * static_cast<double>(machines - down + 1) / mean_life * mean_repair /
                std::min<double>(static_cast<double>(down), repairmen));
  const double sum = std::accumulate(p.begin(), p.end(), 0.0);
  for (double& share : p) share /= sum;
  const Time begin = seconds(200), end = seconds(10'200);
  expect_means(p, 0.05, [&](std::uint64_t seed) {
    const Trajectory seen = factory({Law::continuous, seed, end});
    std::vector<double> shares(machines + 1);
    std::size_t down = 0;
    Time since = begin;
    const auto share_until = [&](Time until) {
      if (until > since) shares[down] += (until - since) / (end - begin), since = until;
    };
    for (const Step& step : seen) {
      share_until(step.at);
      if (step.what == What::fails) ++down;
      if (step.what == What::leaves) --down;
    }
    share_until(end);
    return shares;
  });
}

} // namespace
} // namespace windtunnel::engine
