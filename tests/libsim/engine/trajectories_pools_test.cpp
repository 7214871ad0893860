// Customers who want several of something: units of a Container, tokens of a TokenBucket. Each with
// processes and with callbacks that keep the account by hand: equal trajectories
// (trajectories.hpp), and the known formulas.
#include <algorithm>
#include <deque>
#include <numeric>

#include "libsim/engine/container.hpp"
#include "libsim/engine/token_bucket.hpp"
#include "tests/libsim/engine/trajectories.hpp"

namespace windtunnel::engine {
namespace {

struct Customer {
  Time gap, service;
  std::int64_t units;
};
using Customers = std::vector<Customer>;

/// Of 1 to `most` units each.
Customers draw(Law law, std::uint64_t seed, std::size_t count, double mean_gap, double mean_service,
               std::uint64_t most) {
  Draws gaps(law, seed, "gaps"), services(law, seed, "services"), units(law, seed, "units");
  Customers all;
  for (std::size_t i = 0; i < count; ++i) {
    const Time gap = gaps.exponential(mean_gap);
    const Time service = services.lognormal(mean_service);
    all.push_back({gap, service, static_cast<std::int64_t>(1 + units.below(most))});
  }
  return all;
}

constexpr std::size_t n = 20'000; ///< customers a replication

// A pool of units: a customer holds some of them for a while.

enum class Full { waits, is_lost };

Process tenant(Simulation& sim, Trajectory& seen, Container& pool, std::size_t i, Customer self,
               Full full) {
  note(seen, sim, i, What::arrives);
  if (full == Full::waits) {
    co_await pool.get(self.units);
  } else if (!pool.try_get(self.units)) {
    note(seen, sim, i, What::lost);
    co_return;
  }
  note(seen, sim, i, What::begins);
  co_await self.service;
  note(seen, sim, i, What::leaves);
  co_await pool.put(self.units);
}

Trajectory pool(const Customers& customers, std::int64_t units, Full full) {
  Simulation sim;
  Trajectory seen;
  Container container(sim, units, units);
  const auto arrive = [&](std::size_t i) {
    sim.spawn("tenant", tenant(sim, seen, container, i, customers[i], full));
  };
  sim.spawn("source", source(customers, arrive));
  sim.run();
  EXPECT_EQ(container.level(), units);
  return seen;
}

template <class Clock> class PoolByCallbacks {
public:
  PoolByCallbacks(const Customers& customers, std::int64_t units, Full full)
      : customers_(customers), free_(units), full_(full) {}
  Trajectory run() {
    spawn_arrivals(clock_, customers_, *this);
    clock_.run();
    return seen_;
  }
  void arrive(std::size_t i) {
    clock_.at(clock_.now(), [this, i] { request(i); });
  }

private:
  void request(std::size_t i) {
    note(seen_, clock_, i, What::arrives);
    if (waiting_.empty() && customers_[i].units <= free_) {
      free_ -= customers_[i].units;
      begin(i);
    } else if (full_ == Full::waits) {
      waiting_.push_back(i);
    } else {
      note(seen_, clock_, i, What::lost);
    }
  }
  void begin(std::size_t i) {
    note(seen_, clock_, i, What::begins);
    clock_.after(customers_[i].service, [this, i] { finish(i); });
  }
  void finish(std::size_t i) {
    note(seen_, clock_, i, What::leaves);
    free_ += customers_[i].units;
    while (!waiting_.empty() && customers_[waiting_.front()].units <= free_) {
      const std::size_t next = waiting_.front();
      waiting_.pop_front();
      free_ -= customers_[next].units;
      clock_.at(clock_.now(), [this, next] { begin(next); });
    }
  }

  Clock clock_;
  const Customers& customers_;
  std::int64_t free_;
  Full full_;
  std::deque<std::size_t> waiting_;
  Trajectory seen_;
};

/// By when each unit is free, who wants k of them begins at the k-th such time, not before who came
/// before: Kiefer and Wolfowitz for customers of several servers (Brill and Green, Management
/// Science 30(1), 1984).
std::vector<Time> begins_by_units(const Customers& customers, std::int64_t units) {
  std::vector<Time> begins, free(static_cast<std::size_t>(units));
  Time arrival{}, last{};
  for (const Customer& c : customers) {
    arrival += c.gap;
    const auto wanted = free.begin() + c.units;
    last = std::max({arrival, last, *(wanted - 1)});
    begins.push_back(last);
    std::fill(free.begin(), wanted, last + c.service);
    std::sort(free.begin(), free.end());
  }
  return begins;
}

TEST(PoolTrajectory, WaitingInOrderIsTheRecursionOverUnits) {
  for_all_draws([](Law law, std::uint64_t seed) {
    const Customers customers = draw(law, seed, 20'000, 1, 2, 3);
    Trajectory seen = pool(customers, 6, Full::waits);
    expect_callbacks_agree<PoolByCallbacks>(seen, customers, std::int64_t{6}, Full::waits);
    EXPECT_TRUE(
        same(times_of(seen, What::begins, customers.size()), begins_by_units(customers, 6)));
    return seen;
  });
}

TEST(PoolTrajectory, WhoFindsTooFewIsLost) {
  for_all_draws([](Law law, std::uint64_t seed) {
    const Customers customers = draw(law, seed, 20'000, 1, 2, 3);
    Trajectory seen = pool(customers, 6, Full::is_lost);
    expect_callbacks_agree<PoolByCallbacks>(seen, customers, std::int64_t{6}, Full::is_lost);
    return seen;
  });
}

TEST(PoolTrajectory, SharesLostAreKaufmansAndRoberts) {
  // j G(j) = sum over classes of a_k k G(j - k), G(j) the weight of j busy units; class k is lost
  // when fewer than k are free, whatever the law of service: Kaufman, IEEE Trans. Comm. 29(10),
  // 1981; Roberts 1981.
  constexpr double offered = 2; // of each of three classes
  constexpr std::size_t units = 10, most = 3;
  std::vector<double> weight = {1};
  for (std::size_t j = 1; j <= units; ++j) {
    double sum = 0;
    for (std::size_t k = 1; k <= std::min(most, j); ++k)
      sum += offered * static_cast<double>(k) * weight[j - k];
    weight.push_back(sum / static_cast<double>(j));
  }
  const double all = std::accumulate(weight.begin(), weight.end(), 0.0);
  std::vector<double> expected;
  for (std::size_t k = 1; k <= most; ++k)
    expected.push_back(
        std::accumulate(weight.end() - static_cast<std::ptrdiff_t>(k), weight.end(), 0.0) / all);
  expect_means(expected, 0.02, [](std::uint64_t seed) {
    const Customers customers = draw(Law::continuous, seed, n, 1 / (most * offered), 1, most);
    const Trajectory seen = pool(customers, units, Full::is_lost);
    const std::vector<Time> lost = times_of(seen, What::lost, n);
    std::vector<double> shares;
    for (std::int64_t k = 1; k <= static_cast<std::int64_t>(most); ++k) {
      stats::Tally tally;
      for (std::size_t i = warm_up; i < n; ++i)
        if (customers[i].units == k) tally.add(lost[i] == never ? 0 : 1);
      shares.push_back(tally.mean());
    }
    return shares;
  });
}

// A throttle: customers pass as their tokens come. Tokens come every `period` ns, so that the
// account by hand is in whole nanoseconds.

struct Throttle {
  std::int64_t period, burst;
};

Process request(Simulation& sim, Trajectory& seen, TokenBucket& bucket, std::size_t i,
                std::int64_t tokens) {
  note(seen, sim, i, What::arrives);
  co_await bucket.take(static_cast<double>(tokens));
  note(seen, sim, i, What::leaves);
}

Trajectory throttle(const Customers& customers, const Throttle& rule) {
  Simulation sim;
  Trajectory seen;
  TokenBucket bucket(sim, 1e9 / static_cast<double>(rule.period), static_cast<double>(rule.burst));
  const auto arrive = [&](std::size_t i) {
    sim.spawn("request", request(sim, seen, bucket, i, customers[i].units));
  };
  sim.spawn("source", source(customers, arrive));
  sim.run();
  return seen;
}

/// Counts the tokens there: in parts, `period` of them a token, one comes every nanosecond.
template <class Clock> class ThrottleByCallbacks {
public:
  ThrottleByCallbacks(const Customers& customers, const Throttle& rule)
      : customers_(customers), rule_(rule), parts_(rule.burst * rule.period) {}
  Trajectory run() {
    spawn_arrivals(clock_, customers_, *this);
    clock_.run();
    return seen_;
  }
  void arrive(std::size_t i) {
    clock_.at(clock_.now(), [this, i] {
      note(seen_, clock_, i, What::arrives);
      fill();
      if (waiting_.empty() && wanted(i) <= parts_) {
        parts_ -= wanted(i);
        note(seen_, clock_, i, What::leaves);
        return;
      }
      waiting_.push_back(i);
      if (waiting_.size() == 1) serve();
    });
  }

private:
  std::int64_t wanted(std::size_t i) const { return customers_[i].units * rule_.period; }
  void fill() {
    parts_ = std::min(parts_ + (clock_.now() - filled_).ns(), rule_.burst * rule_.period);
    filled_ = clock_.now();
  }
  void serve() {
    fill();
    while (!waiting_.empty() && wanted(waiting_.front()) <= parts_) {
      const std::size_t i = waiting_.front();
      waiting_.pop_front();
      parts_ -= wanted(i);
      clock_.at(clock_.now(), [this, i] { note(seen_, clock_, i, What::leaves); });
    }
    if (!waiting_.empty())
      clock_.after(nanoseconds(wanted(waiting_.front()) - parts_), [this] { serve(); });
  }

  Clock clock_;
  const Customers& customers_;
  Throttle rule_;
  std::int64_t parts_;
  Time filled_{};
  std::deque<std::size_t> waiting_;
  Trajectory seen_;
};

/// When each passes, from when its tokens are there: the tokens before it, or a full bucket, and
/// its own (the generic cell rate algorithm of ITU-T I.371, which delays in place of refusing).
std::vector<Time> passes_by_recursion(const Customers& customers, const Throttle& rule) {
  std::vector<Time> passes;
  Time arrival{}, there = nanoseconds(-rule.burst * rule.period);
  for (const Customer& c : customers) {
    arrival += c.gap;
    there = std::max(there, arrival - nanoseconds(rule.burst * rule.period)) +
            nanoseconds(c.units * rule.period);
    passes.push_back(std::max(arrival, there));
  }
  return passes;
}

TEST(ThrottleTrajectory, IsTheRecursionOfTheCellRate) {
  for_all_draws([](Law law, std::uint64_t seed) {
    const Customers customers = draw(law, seed, 30'000, 2, 1, 3);
    const Throttle rule{law == Law::continuous ? 900'000'007 : 1'000'000'000, 4};
    Trajectory seen = throttle(customers, rule);
    expect_callbacks_agree<ThrottleByCallbacks>(seen, customers, rule);
    EXPECT_TRUE(
        same(times_of(seen, What::leaves, customers.size()), passes_by_recursion(customers, rule)));
    return seen;
  });
}

TEST(ThrottleTrajectory, TheShareThatPassesAtOnceIsThatOfMD1) {
  // What is missing from the bucket is the work in M/D/1 (Berger, IEEE JSAC 9(2), 1991): who finds
  // at most burst - 1 tokens missing passes at once. P(W <= x) = (1 - rho) sum over k <= x of
  // (rho (k - x))^k / k! e^(-rho (k - x)) with D = 1: Erlang 1909.
  constexpr double rate = 0.8;
  constexpr int burst = 4;
  double share = 0, factorial = 1;
  for (int k = 0; k <= burst - 1; ++k) {
    if (k > 0) factorial *= k;
    const double z = rate * (k - (burst - 1));
    share += (1 - rate) * std::pow(z, k) / factorial * std::exp(-z);
  }
  expect_means({share}, 0.02, [](std::uint64_t seed) {
    const Customers customers = draw(Law::continuous, seed, n, 1 / rate, 1, 1);
    const Trajectory seen = throttle(customers, {1'000'000'000, burst});
    const std::vector<Time> arrives = times_of(seen, What::arrives, n);
    const std::vector<Time> leaves = times_of(seen, What::leaves, n);
    double at_once = 0;
    for (std::size_t i = warm_up; i < n; ++i) at_once += leaves[i] == arrives[i];
    return std::vector{at_once / (n - warm_up)};
  });
}

} // namespace
} // namespace windtunnel::engine
