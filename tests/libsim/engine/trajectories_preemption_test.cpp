// Models whose servers or customers are cut short: preemptive priorities by PreemptiveResource, and
// a server on vacation whom arrivals call back by interrupt(). Each with processes and with
// callbacks that cancel their events: equal trajectories (trajectories.hpp), and the known means.
#include <algorithm>
#include <array>
#include <deque>

#include "libsim/engine/preemptive_resource.hpp"
#include "libsim/engine/store.hpp"
#include "tests/libsim/engine/trajectories.hpp"

namespace windtunnel::engine {
namespace {

constexpr std::size_t n = 20'000; ///< customers a replication

// Preemptive-resume priorities. Who is preempted asks again, behind its equals. Polite jobs preempt
// nobody; they wait, and their equals who come later wait behind them.

struct Job {
  Time gap, work;
  int priority;
  Preempt preempt;
};
using Jobs = std::vector<Job>;

/// In each of three classes as many; of the two less urgent one in `polite` is, if not 0.
Jobs draw_jobs(Law law, std::uint64_t seed, std::size_t count, double mean_gap, double mean_work,
               std::uint64_t polite) {
  Draws gaps(law, seed, "gaps"), works(law, seed, "works"), classes(law, seed, "classes");
  Jobs all;
  for (std::size_t i = 0; i < count; ++i) {
    const Time gap = gaps.exponential(mean_gap);
    const Time work = works.exponential(mean_work);
    const auto priority = static_cast<int>(classes.below(3));
    const bool waits = priority > 0 && polite > 0 && classes.below(polite) == 0;
    all.push_back({gap, work, priority, waits ? Preempt::no : Preempt::yes});
  }
  return all;
}

Process job(Simulation& sim, Trajectory& seen, PreemptiveResource& servers, std::size_t i,
            Job self) {
  note(seen, sim, i, What::arrives);
  Time left = self.work;
  do {
    try {
      const Hold hold = co_await servers.request(self.priority, self.preempt);
      note(seen, sim, i, What::begins);
      co_await left;
      left = Time{};
    } catch (const Preempted& preempted) {
      // At work, or granted a place in this instant and not gone on yet.
      note(seen, sim, i, What::preempted);
      left -= sim.now() - preempted.held_since();
    }
  } while (left > Time{});
  note(seen, sim, i, What::leaves);
}

Trajectory workshop(const Jobs& jobs, int servers) {
  Simulation sim;
  Trajectory seen;
  PreemptiveResource resource(sim, servers);
  const auto arrive = [&](std::size_t i) {
    sim.spawn("job", job(sim, seen, resource, i, jobs[i]));
  };
  sim.spawn("source", source(jobs, arrive));
  sim.run();
  return seen;
}

template <class Clock> class WorkshopByCallbacks {
public:
  WorkshopByCallbacks(const Jobs& jobs, std::size_t servers)
      : jobs_(jobs), servers_(servers), states_(jobs.size()) {}
  Trajectory run() {
    spawn_arrivals(clock_, jobs_, *this);
    clock_.run();
    return seen_;
  }
  void arrive(std::size_t i) {
    clock_.at(clock_.now(), [this, i] {
      note(seen_, clock_, i, What::arrives);
      states_[i].left = jobs_[i].work;
      request(i);
    });
  }

private:
  struct State {
    Time left, since;
    Handle<Clock> event; ///< what it does next
  };

  void request(std::size_t i) {
    if (may_begin(i)) {
      take_place(i);
      begin(i);
    } else {
      waiting_[static_cast<std::size_t>(jobs_[i].priority)].push_back(i);
    }
  }
  bool may_begin(std::size_t i) {
    const Job& job = jobs_[i];
    for (int k = 0; k <= job.priority; ++k)
      if (!waiting_[static_cast<std::size_t>(k)].empty()) return false;
    if (served_.size() < servers_) return true;
    // The least urgent, of equals who came last, is preempted if it is less urgent.
    auto victim = served_.begin();
    for (auto s = served_.begin(); s != served_.end(); ++s)
      if (jobs_[*s].priority >= jobs_[*victim].priority) victim = s;
    const std::size_t loser = *victim;
    if (job.preempt == Preempt::no || jobs_[loser].priority <= job.priority) return false;
    served_.erase(victim);
    clock_.cancel(states_[loser].event);
    clock_.at(clock_.now(), [this, loser] { preempted(loser); });
    return true;
  }
  void take_place(std::size_t i) {
    served_.push_back(i);
    states_[i].since = clock_.now();
  }
  void begin(std::size_t i) {
    note(seen_, clock_, i, What::begins);
    states_[i].event = clock_.after(states_[i].left, [this, i] { finish(i); });
  }
  void preempted(std::size_t i) {
    note(seen_, clock_, i, What::preempted);
    states_[i].left -= clock_.now() - states_[i].since;
    if (states_[i].left > Time{})
      request(i);
    else
      note(seen_, clock_, i, What::leaves);
  }
  void finish(std::size_t i) {
    std::erase(served_, i);
    for (auto& queue : waiting_) {
      if (queue.empty()) continue;
      const std::size_t next = queue.front();
      queue.pop_front();
      take_place(next);
      states_[next].event = clock_.at(clock_.now(), [this, next] { begin(next); });
      break;
    }
    note(seen_, clock_, i, What::leaves);
  }

  Clock clock_;
  const Jobs& jobs_;
  std::size_t servers_;
  std::vector<State> states_;
  std::vector<std::size_t> served_; ///< in the order they came to their places
  std::array<std::deque<std::size_t>, 3> waiting_;
  Trajectory seen_;
};

/// When the jobs of priority 0 leave a single server: as if nobody else were there (Lindley).
std::vector<Time> leaves_of_the_most_urgent(const Jobs& jobs) {
  std::vector<Time> leaves;
  Time arrival{}, free{};
  for (const Job& j : jobs) {
    arrival += j.gap;
    if (j.priority == 0) free = std::max(arrival, free) + j.work;
    leaves.push_back(j.priority == 0 ? free : never);
  }
  return leaves;
}

TEST(PreemptionTrajectory, OfOneServer) {
  for_all_draws([](Law law, std::uint64_t seed) {
    const Jobs jobs = draw_jobs(law, seed, 20'000, 2, 1.5, 4);
    Trajectory seen = workshop(jobs, 1);
    expect_callbacks_agree<WorkshopByCallbacks>(seen, jobs, std::size_t{1});
    std::vector<Time> leaves = times_of(seen, What::leaves, jobs.size());
    for (std::size_t i = 0; i < jobs.size(); ++i)
      if (jobs[i].priority > 0) leaves[i] = never;
    EXPECT_TRUE(same(leaves, leaves_of_the_most_urgent(jobs)));
    return seen;
  });
}

TEST(PreemptionTrajectory, OfTwoServers) {
  for_all_draws([](Law law, std::uint64_t seed) {
    const Jobs jobs = draw_jobs(law, seed, 20'000, 2, 3, 4);
    Trajectory seen = workshop(jobs, 2);
    expect_callbacks_agree<WorkshopByCallbacks>(seen, jobs, std::size_t{2});
    return seen;
  });
}

TEST(PreemptionTrajectory, MeanSojournsByPriorityAreThoseOfWhiteAndChristie) {
  // M/M/1, preemptive-resume: T_k = (1 / mu) / ((1 - sigma_k-1) (1 - sigma_k)) for equal means of
  // work, sigma_k the load of the classes up to k; White and Christie, Oper. Res. 6(1), 1958.
  // For exponential work the order within a class does not matter.
  constexpr double rate = 0.7;
  constexpr double a = rate / 3, b = 2 * rate / 3, c = rate;
  const std::vector<double> expected = {1 / (1 - a), 1 / ((1 - a) * (1 - b)),
                                        1 / ((1 - b) * (1 - c))};
  expect_means(expected, 0.03, [](std::uint64_t seed) {
    const Jobs jobs = draw_jobs(Law::continuous, seed, n, 1 / rate, 1, 0);
    const Trajectory seen = workshop(jobs, 1);
    std::vector<double> sojourns;
    for (int k = 0; k < 3; ++k)
      sojourns.push_back(mean_between(seen, What::arrives, What::leaves, n,
                                      [&](std::size_t i) { return jobs[i].priority == k; }));
    return sojourns;
  });
}

// Vacations. A server without work goes away for a while, over and over, until somebody waits when
// it comes back, or the second to wait calls it back.

struct Guest {
  Time gap, service;
};
struct Resort {
  std::vector<Guest> guests;
  std::vector<Time> vacations; ///< in turn, over and over
};

Resort draw_resort(Law law, std::uint64_t seed, std::size_t count, double mean_gap,
                   double mean_service, double mean_vacation) {
  Draws gaps(law, seed, "gaps"), services(law, seed, "services"), vacations(law, seed, "vacations");
  Resort all;
  for (std::size_t i = 0; i < count; ++i) {
    const Time gap = gaps.exponential(mean_gap);
    all.guests.push_back({gap, services.lognormal(mean_service)});
  }
  for (int i = 0; i < 4096; ++i) all.vacations.push_back(vacations.exponential(mean_vacation));
  return all;
}

struct Desk {
  explicit Desk(Simulation& sim) : queue(sim) {}
  Store<std::size_t> queue;
  bool away = false;
};

Process waiter(Simulation& sim, Trajectory& seen, Desk& desk, const Resort& resort) {
  std::size_t vacation = 0;
  for (std::size_t served = 0; served < resort.guests.size();) {
    if (const auto i = desk.queue.try_get()) {
      note(seen, sim, *i, What::begins);
      co_await resort.guests[*i].service;
      note(seen, sim, *i, What::leaves);
      ++served;
      continue;
    }
    note(seen, sim, vacation, What::goes_away);
    desk.away = true;
    try {
      co_await resort.vacations[vacation % resort.vacations.size()];
      note(seen, sim, vacation, What::comes_back);
    } catch (const Interrupt& call) {
      note(seen, sim, std::stoul(call.cause()), What::called_back);
    }
    desk.away = false;
    ++vacation;
  }
}

Trajectory hotel(const Resort& resort) {
  Simulation sim;
  Trajectory seen;
  Desk desk(sim);
  const ProcessRef server = sim.spawn("waiter", waiter(sim, seen, desk, resort));
  const auto arrive = [&](std::size_t i) {
    note(seen, sim, i, What::arrives);
    EXPECT_TRUE(desk.queue.try_put(i));
    if (!desk.away || desk.queue.size() < 2) return;
    desk.away = false; // one call is enough
    interrupt(server, std::to_string(i));
  };
  sim.spawn("source", source(resort.guests, arrive));
  sim.run();
  return seen;
}

template <class Clock> class HotelByCallbacks {
public:
  explicit HotelByCallbacks(const Resort& resort) : resort_(resort) {}
  Trajectory run() {
    clock_.at(clock_.now(), [this] { go_on(); });
    spawn_arrivals(clock_, resort_.guests, *this);
    clock_.run();
    return seen_;
  }
  void arrive(std::size_t i) {
    note(seen_, clock_, i, What::arrives);
    waiting_.push_back(i);
    if (!away_ || waiting_.size() < 2) return;
    away_ = false;
    clock_.cancel(return_);
    clock_.at(clock_.now(), [this, i] {
      note(seen_, clock_, i, What::called_back);
      come_back();
    });
  }

private:
  void go_on() {
    if (served_ == resort_.guests.size()) return;
    if (!waiting_.empty()) {
      const std::size_t i = waiting_.front();
      waiting_.pop_front();
      note(seen_, clock_, i, What::begins);
      clock_.after(resort_.guests[i].service, [this, i] {
        note(seen_, clock_, i, What::leaves);
        ++served_;
        go_on();
      });
      return;
    }
    note(seen_, clock_, vacation_, What::goes_away);
    away_ = true;
    return_ = clock_.after(resort_.vacations[vacation_ % resort_.vacations.size()], [this] {
      note(seen_, clock_, vacation_, What::comes_back);
      come_back();
    });
  }
  void come_back() {
    away_ = false;
    ++vacation_;
    go_on();
  }

  Clock clock_;
  const Resort& resort_;
  std::deque<std::size_t> waiting_;
  std::size_t served_ = 0, vacation_ = 0;
  bool away_ = false;
  Handle<Clock> return_{};
  Trajectory seen_;
};

/// When each begins, seen from the server. Without ties.
std::vector<Time> begins_by_absence(const Resort& resort) {
  std::vector<Time> arrivals, begins;
  for (Time arrival{}; const Guest& guest : resort.guests) arrivals.push_back(arrival += guest.gap);
  std::size_t vacation = 0;
  Time free{};
  for (std::size_t i = 0; i < arrivals.size(); ++i) {
    while (arrivals[i] > free) {
      const Time back = free + resort.vacations[vacation++ % resort.vacations.size()];
      free = i + 1 < arrivals.size() ? std::min(back, arrivals[i + 1]) : back;
    }
    begins.push_back(free);
    free += resort.guests[i].service;
  }
  return begins;
}

TEST(VacationTrajectory, CalledBackByTheSecondWhoWaits) {
  for_all_draws([](Law law, std::uint64_t seed) {
    const Resort resort = draw_resort(law, seed, 20'000, 2, 1, 2);
    Trajectory seen = hotel(resort);
    expect_callbacks_agree<HotelByCallbacks>(seen, resort);
    if (law == Law::continuous) {
      EXPECT_TRUE(
          same(times_of(seen, What::begins, resort.guests.size()), begins_by_absence(resort)));
    }
    return seen;
  });
}

TEST(VacationTrajectory, MeanWaitIsThatOfTheDecomposition) {
  // The number present is that of M/G/1 plus that at a random time of an absence (Fuhrmann and
  // Cooper, Oper. Res. 33(5), 1985). Nobody waits for 1 / lambda, then one for
  // 1 / (lambda + theta), theta the rate at which vacations end; so the wait is Pollaczek and
  // Khinchine's plus 1 / (2 lambda + theta).
  constexpr double rate = 0.5, mean_vacation = 1.25;
  const double pollaczek_khinchine = rate * std::exp(1) / (2 * (1 - rate));
  expect_means(
      {pollaczek_khinchine + 1 / (2 * rate + 1 / mean_vacation)}, 0.03, [](std::uint64_t seed) {
        const Resort resort = draw_resort(Law::continuous, seed, n, 1 / rate, 1, mean_vacation);
        return std::vector{mean_between(hotel(resort), What::arrives, What::begins, n)};
      });
}

} // namespace
} // namespace windtunnel::engine
