// Stations without preemption: by Resource G/G/1 and G/G/3 in order of arrival and with three
// classes of priority, by Store G/G/1 and G/G/1/K. Each with processes and with callbacks on the
// same draws: equal trajectories, and equal to the recursions and closed forms of queueing theory.
#include <algorithm>
#include <array>
#include <deque>

#include "libsim/engine/resource.hpp"
#include "libsim/engine/store.hpp"
#include "tests/libsim/engine/trajectories.hpp"

namespace windtunnel::engine {
namespace {

struct Customer {
  Time gap, service;
  int priority;
};
using Customers = std::vector<Customer>;

enum class Service { exponential, lognormal };

/// Loads are mean_service / mean_gap; a half, a third and a sixth of them of priority 2, 1 and 0.
Customers draw(Law law, std::uint64_t seed, std::size_t n, double mean_gap, double mean_service,
               Service service) {
  Draws gaps(law, seed, "gaps"), services(law, seed, "services"), classes(law, seed, "classes");
  Customers all;
  for (std::size_t i = 0; i < n; ++i) {
    const Time gap = gaps.exponential(mean_gap);
    const Time work = service == Service::exponential ? services.exponential(mean_service)
                                                      : services.lognormal(mean_service);
    const std::uint64_t sixth = classes.below(6);
    all.push_back({gap, work, sixth < 3 ? 2 : sixth < 5 ? 1 : 0});
  }
  return all;
}

// By Resource

/// Whether the customers' priorities are told to the station.
enum class Order { of_arrival, by_priority };

Process customer(Simulation& sim, Trajectory& seen, Resource& servers, std::size_t i,
                 Customer self) {
  note(seen, sim, i, What::arrives);
  const Lease lease = co_await servers.request(self.priority);
  note(seen, sim, i, What::begins);
  co_await self.service;
  note(seen, sim, i, What::leaves);
}

Trajectory station(const Customers& customers, int servers, Order order) {
  Simulation sim;
  Trajectory seen;
  Resource resource(sim, servers);
  const auto arrive = [&](std::size_t i) {
    Customer self = customers[i];
    if (order == Order::of_arrival) self.priority = 0;
    sim.spawn("customer", customer(sim, seen, resource, i, self));
  };
  sim.spawn("source", source(customers, arrive));
  sim.run();
  return seen;
}

template <class Clock> class StationByCallbacks {
public:
  StationByCallbacks(const Customers& customers, int servers, Order order)
      : customers_(customers), servers_(servers), order_(order) {}
  Trajectory run() {
    spawn_arrivals(clock_, customers_, *this);
    clock_.run();
    return seen_;
  }
  void arrive(std::size_t i) {
    clock_.at(clock_.now(), [this, i] { request(i); }); // a customer is spawned
  }

private:
  void request(std::size_t i) {
    note(seen_, clock_, i, What::arrives);
    if (busy_ < servers_) {
      ++busy_;
      begin(i);
    } else {
      const int priority = order_ == Order::of_arrival ? 0 : customers_[i].priority;
      waiting_[static_cast<std::size_t>(priority)].push_back(i);
    }
  }
  void begin(std::size_t i) {
    note(seen_, clock_, i, What::begins);
    clock_.after(customers_[i].service, [this, i] { finish(i); });
  }
  void finish(std::size_t i) {
    note(seen_, clock_, i, What::leaves);
    for (auto& queue : waiting_) {
      if (queue.empty()) continue;
      const std::size_t next = queue.front();
      queue.pop_front();
      clock_.at(clock_.now(), [this, next] { begin(next); }); // its place is busy on
      return;
    }
    --busy_;
  }

  Clock clock_;
  const Customers& customers_;
  int servers_, busy_ = 0;
  Order order_;
  std::array<std::deque<std::size_t>, 3> waiting_;
  Trajectory seen_;
};

/// The waits of G/G/1: Lindley, Proc. Camb. Phil. Soc. 48(2), 1952.
std::vector<Time> begins_by_lindley(const Customers& customers) {
  std::vector<Time> begins;
  Time arrival{}, wait{}, service{};
  for (const Customer& c : customers) {
    arrival += c.gap;
    wait = std::max(Time{}, wait + service - c.gap);
    if (begins.empty()) wait = Time{};
    service = c.service;
    begins.push_back(arrival + wait);
  }
  return begins;
}

/// Of G/G/c by when each server is free: Kiefer and Wolfowitz, Trans. AMS 78, 1955.
std::vector<Time> begins_by_kiefer_wolfowitz(const Customers& customers, int servers) {
  std::vector<Time> begins, free(static_cast<std::size_t>(servers));
  Time arrival{};
  for (const Customer& c : customers) {
    arrival += c.gap;
    const auto first = std::min_element(free.begin(), free.end());
    begins.push_back(std::max(arrival, *first));
    *first = begins.back() + c.service;
  }
  return begins;
}

/// One server with priorities, seen from the server: whenever it is free it takes the most urgent
/// of those who have come. Without ties.
std::vector<Time> begins_by_choice(const Customers& customers) {
  std::vector<Time> begins(customers.size());
  std::array<std::deque<std::size_t>, 3> waiting;
  std::size_t come = 0;
  Time free{}, next_arrival = customers[0].gap;
  for (std::size_t served = 0; served < customers.size(); ++served) {
    const auto none = [&] {
      return std::all_of(waiting.begin(), waiting.end(), [](auto& q) { return q.empty(); });
    };
    while (come < customers.size() && (next_arrival <= free || none())) {
      free = std::max(free, next_arrival);
      waiting[static_cast<std::size_t>(customers[come].priority)].push_back(come);
      if (++come < customers.size()) next_arrival += customers[come].gap;
    }
    auto& queue = *std::find_if(waiting.begin(), waiting.end(), [](auto& q) { return !q.empty(); });
    begins[queue.front()] = free;
    free += customers[queue.front()].service;
    queue.pop_front();
  }
  return begins;
}

TEST(StationTrajectory, OneServerIsLindleysRecursion) {
  for_all_draws([](Law law, std::uint64_t seed) {
    const Customers customers = draw(law, seed, 20'000, 2, 1.5, Service::exponential);
    Trajectory seen = station(customers, 1, Order::of_arrival);
    expect_callbacks_agree<StationByCallbacks>(seen, customers, 1, Order::of_arrival);
    EXPECT_TRUE(same(times_of(seen, What::begins, customers.size()), begins_by_lindley(customers)));
    return seen;
  });
}

TEST(StationTrajectory, ThreeServersAreTheRecursionOfKieferAndWolfowitz) {
  for_all_draws([](Law law, std::uint64_t seed) {
    const Customers customers = draw(law, seed, 20'000, 1, 2.5, Service::lognormal);
    Trajectory seen = station(customers, 3, Order::of_arrival);
    expect_callbacks_agree<StationByCallbacks>(seen, customers, 3, Order::of_arrival);
    EXPECT_TRUE(same(times_of(seen, What::begins, customers.size()),
                     begins_by_kiefer_wolfowitz(customers, 3)));
    return seen;
  });
}

TEST(StationTrajectory, PrioritiesServeTheMostUrgentFirst) {
  for_all_draws([](Law law, std::uint64_t seed) {
    const Customers customers = draw(law, seed, 20'000, 2, 1.5, Service::exponential);
    Trajectory seen = station(customers, 1, Order::by_priority);
    expect_callbacks_agree<StationByCallbacks>(seen, customers, 1, Order::by_priority);
    if (law == Law::continuous) {
      EXPECT_TRUE(
          same(times_of(seen, What::begins, customers.size()), begins_by_choice(customers)));
    }
    return seen;
  });
}

constexpr std::size_t n = 20'000; ///< customers a replication

TEST(StationTrajectory, WhoWaitsAndHowLongIsErlangC) {
  // M/M/3: the probability of waiting and the mean wait, Erlang 1917; Kleinrock, Queueing Systems
  // I, 1975, 3.5.
  constexpr double offered = 2.1, servers = 3;
  const double all_busy = std::pow(offered, 3) / 6 / (1 - offered / servers);
  const double waits = all_busy / (1 + offered + offered * offered / 2 + all_busy);
  expect_means({waits, waits / (servers - offered)}, 0.02, [](std::uint64_t seed) {
    const Customers customers =
        draw(Law::continuous, seed, n, 1 / offered, 1, Service::exponential);
    const Trajectory seen = station(customers, 3, Order::of_arrival);
    const std::vector<Time> arrives = times_of(seen, What::arrives, n);
    const std::vector<Time> begins = times_of(seen, What::begins, n);
    double late = 0;
    for (std::size_t i = warm_up; i < n; ++i) late += begins[i] > arrives[i];
    return std::vector{late / (n - warm_up), mean_between(seen, What::arrives, What::begins, n)};
  });
}

TEST(StationTrajectory, MeanWaitIsPollaczekKhinchine) {
  // M/G/1: W = lambda E[S^2] / (2 (1 - rho)); Pollaczek 1930, Khinchine 1932; Kleinrock I, 5.5.
  constexpr double rate = 0.6, mean = 1;
  const double second_moment = std::exp(1) * mean * mean;
  expect_means({rate * second_moment / (2 * (1 - rate * mean))}, 0.03, [](std::uint64_t seed) {
    const Customers customers = draw(Law::continuous, seed, n, 1 / rate, mean, Service::lognormal);
    const Trajectory seen = station(customers, 1, Order::of_arrival);
    return std::vector{mean_between(seen, What::arrives, What::begins, n)};
  });
}

TEST(StationTrajectory, MeanWaitsByPriorityAreCobhams) {
  // M/G/1 with priorities: W_k = (lambda E[S^2] / 2) / ((1 - sigma_k-1) (1 - sigma_k)), sigma_k the
  // load of the classes up to k; Cobham, Oper. Res. 2(1), 1954.
  constexpr double rate = 0.7;
  const double residual = rate * std::exp(1) / 2;
  const double first = rate / 6, second = rate / 2, third = rate;
  const std::vector<double> expected = {residual / (1 - first),
                                        residual / ((1 - first) * (1 - second)),
                                        residual / ((1 - second) * (1 - third))};
  expect_means(expected, 0.05, [](std::uint64_t seed) {
    const Customers customers = draw(Law::continuous, seed, n, 1 / rate, 1, Service::lognormal);
    const Trajectory seen = station(customers, 1, Order::by_priority);
    std::vector<double> waits;
    for (int k = 0; k < 3; ++k)
      waits.push_back(mean_between(seen, What::arrives, What::begins, n,
                                   [&](std::size_t i) { return customers[i].priority == k; }));
    return waits;
  });
}

// By Store: the source puts customers in, one server takes them out. Who finds no room is lost.

Process server(Simulation& sim, Trajectory& seen, Store<std::size_t>& queue,
               const Customers& customers) {
  for (;;) {
    const std::size_t i = co_await queue.get();
    note(seen, sim, i, What::begins);
    co_await customers[i].service;
    note(seen, sim, i, What::leaves);
  }
}

Trajectory shop(const Customers& customers, std::size_t room) {
  Simulation sim;
  Trajectory seen;
  Store<std::size_t> queue(sim, room);
  const auto arrive = [&](std::size_t i) {
    note(seen, sim, i, What::arrives);
    if (!queue.try_put(i)) note(seen, sim, i, What::lost);
  };
  sim.spawn("server", server(sim, seen, queue, customers));
  sim.spawn("source", source(customers, arrive));
  sim.run();
  return seen;
}

template <class Clock> class ShopByCallbacks {
public:
  ShopByCallbacks(const Customers& customers, std::size_t room)
      : customers_(customers), room_(room) {}
  Trajectory run() {
    spawn_arrivals(clock_, customers_, *this);
    clock_.run();
    return seen_;
  }
  void arrive(std::size_t i) {
    note(seen_, clock_, i, What::arrives);
    if (idle_) {
      idle_ = false;
      clock_.at(clock_.now(), [this, i] { begin(i); }); // the server is woken
    } else if (waiting_.size() < room_) {
      waiting_.push_back(i);
    } else {
      note(seen_, clock_, i, What::lost);
    }
  }

private:
  void begin(std::size_t i) {
    note(seen_, clock_, i, What::begins);
    clock_.after(customers_[i].service, [this, i] { finish(i); });
  }
  void finish(std::size_t i) {
    note(seen_, clock_, i, What::leaves);
    idle_ = waiting_.empty();
    if (idle_) return;
    const std::size_t next = waiting_.front();
    waiting_.pop_front();
    begin(next); // it is there: the server goes on at once
  }

  Clock clock_;
  const Customers& customers_;
  std::size_t room_;
  bool idle_ = true;
  std::deque<std::size_t> waiting_;
  Trajectory seen_;
};

constexpr auto unbounded = std::numeric_limits<std::size_t>::max();

/// Who comes while `room` wait and one is served is lost. Without ties.
std::vector<Time> begins_by_departures(const Customers& customers, std::size_t room) {
  std::vector<Time> begins;
  std::deque<Time> departures; // of those present
  Time arrival{}, free{};
  for (const Customer& c : customers) {
    arrival += c.gap;
    while (!departures.empty() && departures.front() <= arrival) departures.pop_front();
    begins.push_back(departures.size() > room ? never : std::max(arrival, free));
    if (begins.back() == never) continue;
    free = begins.back() + c.service;
    departures.push_back(free);
  }
  return begins;
}

TEST(ShopTrajectory, AnUnboundedQueueIsLindleysRecursion) {
  for_all_draws([](Law law, std::uint64_t seed) {
    const Customers customers = draw(law, seed, 20'000, 2, 1.5, Service::exponential);
    Trajectory seen = shop(customers, unbounded);
    expect_callbacks_agree<ShopByCallbacks>(seen, customers, unbounded);
    EXPECT_TRUE(same(times_of(seen, What::begins, customers.size()), begins_by_lindley(customers)));
    return seen;
  });
}

TEST(ShopTrajectory, ABoundedQueueLosesWhoFindsItFull) {
  for_all_draws([](Law law, std::uint64_t seed) {
    const Customers customers = draw(law, seed, 20'000, 1.5, 2, Service::exponential);
    Trajectory seen = shop(customers, 4);
    expect_callbacks_agree<ShopByCallbacks>(seen, customers, std::size_t{4});
    if (law == Law::continuous) {
      EXPECT_TRUE(
          same(times_of(seen, What::begins, customers.size()), begins_by_departures(customers, 4)));
    }
    return seen;
  });
}

TEST(ShopTrajectory, MeanSojournIsThatOfMM1) {
  // 1 / (mu - lambda): Kleinrock I, 3.2.
  constexpr double rate = 0.7;
  expect_means({1 / (1 - rate)}, 0.02, [](std::uint64_t seed) {
    const Customers customers = draw(Law::continuous, seed, n, 1 / rate, 1, Service::exponential);
    return std::vector{mean_between(shop(customers, unbounded), What::arrives, What::leaves, n)};
  });
}

TEST(ShopTrajectory, TheShareLostIsThatOfMM1K) {
  // (1 - rho) rho^K / (1 - rho^(K + 1)), K the places with that in service: Kleinrock I, 3.6.
  constexpr double rate = 0.9;
  constexpr int places = 5;
  const double lost = (1 - rate) * std::pow(rate, places) / (1 - std::pow(rate, places + 1));
  expect_means({lost}, 0.02, [](std::uint64_t seed) {
    const Customers customers = draw(Law::continuous, seed, n, 1 / rate, 1, Service::exponential);
    return std::vector{share_of(shop(customers, places - 1), What::lost, n)};
  });
}

} // namespace
} // namespace windtunnel::engine
