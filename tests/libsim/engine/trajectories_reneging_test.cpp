// Customers who give up: within() on a Resource against callbacks with a time-out of their own.
// Equal trajectories (trajectories.hpp), the recursion of offered waits, and Erlang-A.
#include <algorithm>
#include <list>

#include "libsim/engine/resource.hpp"
#include "libsim/engine/within.hpp"
#include "tests/libsim/engine/trajectories.hpp"

namespace windtunnel::engine {
namespace {

struct Caller {
  Time gap, service, patience;
};
using Callers = std::vector<Caller>;

Callers draw(Law law, std::uint64_t seed, std::size_t count, double mean_gap, double mean_service,
             double mean_patience) {
  Draws gaps(law, seed, "gaps"), services(law, seed, "services"), patience(law, seed, "patience");
  Callers all;
  for (std::size_t i = 0; i < count; ++i) {
    const Time gap = gaps.exponential(mean_gap);
    const Time service = services.exponential(mean_service);
    all.push_back({gap, service, patience.exponential(mean_patience)});
  }
  return all;
}

Process caller(Simulation& sim, Trajectory& seen, Resource& agents, std::size_t i, Caller self) {
  note(seen, sim, i, What::arrives);
  const std::optional<Lease> agent = co_await within(self.patience, agents.request());
  if (!agent) {
    note(seen, sim, i, What::gives_up);
    co_return;
  }
  note(seen, sim, i, What::begins);
  co_await self.service;
  note(seen, sim, i, What::leaves);
}

Trajectory call_centre(const Callers& callers, int agents) {
  Simulation sim;
  Trajectory seen;
  Resource resource(sim, agents);
  const auto arrive = [&](std::size_t i) {
    sim.spawn("caller", caller(sim, seen, resource, i, callers[i]));
  };
  sim.spawn("source", source(callers, arrive));
  sim.run();
  EXPECT_EQ(resource.in_use(), 0);
  return seen;
}

template <class Clock> class CallCentreByCallbacks {
public:
  CallCentreByCallbacks(const Callers& callers, int agents) : callers_(callers), agents_(agents) {}
  Trajectory run() {
    spawn_arrivals(clock_, callers_, *this);
    clock_.run();
    return seen_;
  }
  void arrive(std::size_t i) {
    clock_.at(clock_.now(), [this, i] { request(i); });
  }

private:
  struct Waiting {
    std::size_t caller;
    Handle<Clock> time_out;
  };

  void request(std::size_t i) {
    note(seen_, clock_, i, What::arrives);
    if (busy_ < agents_) {
      ++busy_;
      begin(i);
      return;
    }
    const auto place = queue_.insert(queue_.end(), {i, {}});
    place->time_out = clock_.after(callers_[i].patience, [this, place, i] {
      queue_.erase(place);
      clock_.at(clock_.now(), [this, i] { note(seen_, clock_, i, What::gives_up); });
    });
  }
  void begin(std::size_t i) {
    note(seen_, clock_, i, What::begins);
    clock_.after(callers_[i].service, [this, i] { finish(i); });
  }
  void finish(std::size_t i) {
    note(seen_, clock_, i, What::leaves);
    if (queue_.empty()) {
      --busy_;
      return;
    }
    const Waiting next = queue_.front();
    queue_.pop_front();
    clock_.cancel(next.time_out); // served in this instant counts, though it is up in this instant
    clock_.at(clock_.now(), [this, next] { begin(next.caller); });
  }

  Clock clock_;
  const Callers& callers_;
  int agents_, busy_ = 0;
  std::list<Waiting> queue_;
  Trajectory seen_;
};

/// When each begins, if it does: it stays when the wait it is offered by those before it who stayed
/// is no longer than its patience; Baccelli, Boyer and Hebuterne, Adv. Appl. Prob. 16(4), 1984.
/// Without ties.
std::vector<Time> begins_by_offered_wait(const Callers& callers, int agents) {
  std::vector<Time> begins, free(static_cast<std::size_t>(agents));
  Time arrival{};
  for (const Caller& c : callers) {
    arrival += c.gap;
    const auto first = std::min_element(free.begin(), free.end());
    const Time offered = std::max(arrival, *first);
    begins.push_back(offered <= arrival + c.patience ? offered : never);
    if (begins.back() != never) *first = offered + c.service;
  }
  return begins;
}

TEST(RenegingTrajectory, WhoStaysIsWhoseOfferedWaitIsShort) {
  for_all_draws([](Law law, std::uint64_t seed) {
    const int agents = static_cast<int>(seed);
    const Callers callers = draw(law, seed, 20'000, 2, 2 * agents, 2.5);
    Trajectory seen = call_centre(callers, agents);
    expect_callbacks_agree<CallCentreByCallbacks>(seen, callers, agents);
    if (law == Law::continuous) {
      EXPECT_TRUE(same(times_of(seen, What::begins, callers.size()),
                       begins_by_offered_wait(callers, agents)));
    }
    return seen;
  });
}

TEST(RenegingTrajectory, TheShareThatGivesUpIsErlangA) {
  // M/M/c+M: birth and death at lambda and min(n, c) mu + max(n - c, 0) theta; those who give up
  // are theta E[queue] of lambda. Palm, Tele 1, 1957 (in Swedish 1946); Mandelbaum and Zeltyn, The
  // Palm/Erlang-A queue, 2007.
  constexpr std::size_t n = 20'000;
  constexpr double arrivals = 2.2, patience = 2;
  constexpr int agents = 2;
  double sum = 1, p = 1, queue = 0;
  for (int present = 1; present < 500; ++present) {
    const int waiting = std::max(present - agents, 0);
    p *= arrivals / (std::min(present, agents) + waiting / patience);
    sum += p;
    queue += p * waiting;
  }
  expect_means({queue / sum / patience / arrivals}, 0.02, [](std::uint64_t seed) {
    const Callers callers = draw(Law::continuous, seed, n, 1 / arrivals, 1, patience);
    return std::vector{share_of(call_centre(callers, agents), What::gives_up, n)};
  });
}

} // namespace
} // namespace windtunnel::engine
