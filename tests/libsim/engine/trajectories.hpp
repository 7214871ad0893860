// Trajectories: what the tests of whole queueing models share.
//
// Each model is run on the same random numbers with processes, with callbacks on the engine, and
// with the same callbacks on PlainClock, a sorted map of events. All must give one trajectory:
// the same steps, at the same nanosecond, in the same order. Where a recursion without any events
// is known, the times must be the recursion's too.
//
// Times are continuous (no ties but those the model makes) or whole seconds from 0 on, so that a
// large part of all events tie. Order at one time is the documented one, which a callback model
// follows by scheduling where a process would:
//   - events fire in the order in which they were scheduled: `co_await delay` is after(delay);
//   - who is spawned, woken, granted a place, given an item or interrupted goes on behind what is
//     scheduled for that time already: at(now());
//   - who finds what it waits for goes on at once: a plain call.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <map>
#include <optional>
#include <ostream>
#include <vector>

#include "libsim/engine/process.hpp"
#include "libsim/stats/tally.hpp"

namespace windtunnel::engine {

// Trajectories

enum class What {
  arrives,
  begins,
  leaves,
  lost,
  gives_up,
  preempted,
  passes_on, // from one server to the next
  fails,
  goes_away,
  comes_back,
  called_back,
};

struct Step {
  Time at;
  std::size_t customer;
  What what;
  friend bool operator==(const Step&, const Step&) = default;
  friend std::ostream& operator<<(std::ostream& out, const Step& step) {
    static constexpr const char* names[] = {"arrives",   "begins",       "leaves",        "is lost",
                                            "gives up",  "is preempted", "passes on",     "fails",
                                            "goes away", "comes back",   "is called back"};
    return out << step.at.ns() << " ns: " << step.customer << ' '
               << names[static_cast<std::size_t>(step.what)];
  }
};

using Trajectory = std::vector<Step>;

template <class Clock>
void note(Trajectory& seen, const Clock& clock, std::size_t customer, What what) {
  seen.push_back({clock.now(), customer, what});
}

/// Element by element; says where they part.
inline testing::AssertionResult same(const Trajectory& a, const Trajectory& b) {
  const auto [x, y] = std::mismatch(a.begin(), a.end(), b.begin(), b.end());
  if (x == a.end() && y == b.end()) return testing::AssertionSuccess();
  auto failure = testing::AssertionFailure() << "step " << x - a.begin() << ": ";
  (x == a.end() ? failure << "the end" : failure << *x) << " | ";
  return y == b.end() ? failure << "the end" : failure << *y;
}

constexpr Time never = Time::max();

/// When it happened to each customer, last; `never` to whom it did not.
inline std::vector<Time> times_of(const Trajectory& seen, What what, std::size_t customers) {
  std::vector<Time> times(customers, never);
  for (const Step& step : seen)
    if (step.what == what) times[step.customer] = step.at;
  return times;
}

inline testing::AssertionResult same(const std::vector<Time>& a, const std::vector<Time>& b) {
  if (a.size() != b.size()) return testing::AssertionFailure() << "unequal numbers of customers";
  const auto [x, y] = std::mismatch(a.begin(), a.end(), b.begin(), b.end());
  if (x == a.end()) return testing::AssertionSuccess();
  return testing::AssertionFailure()
         << "customer " << x - a.begin() << ": " << x->ns() << " ns | " << y->ns() << " ns";
}

// The obvious clock

/// Events in a sorted map, those of one time in the order they were scheduled.
class PlainClock {
public:
  using Key = std::pair<Time, std::uint64_t>;

  Time now() const { return now_; }
  template <class F> Key at(Time time, F callback) {
    const Key key{time, order_++};
    events_.emplace(key, std::move(callback));
    return key;
  }
  template <class F> Key after(Time delay, F callback) {
    return at(now_ + delay, std::move(callback));
  }
  bool cancel(const Key& key) { return events_.erase(key) > 0; }
  Key reschedule(const Key& key, Time time) {
    auto event = events_.extract(key);
    if (event.empty()) return {};
    event.key() = {time, order_++};
    return events_.insert(std::move(event)).position->first;
  }
  void run_until(Time end) {
    while (!events_.empty() && events_.begin()->first.first <= end) {
      const auto event = events_.extract(events_.begin());
      now_ = event.key().first;
      event.mapped()();
    }
  }
  void run() { run_until(Time::max()); }

private:
  Time now_{};
  std::uint64_t order_ = 1;
  std::map<Key, std::function<void()>> events_;
};

template <class Clock> using Handle =
    decltype(std::declval<Clock&>().at(Time{}, std::declval<void (*)()>()));

/// Both clocks must lead the callback model where the processes went.
template <template <class> class Model, class... Input>
void expect_callbacks_agree(const Trajectory& processes, const Input&... input) {
  EXPECT_TRUE(same(processes, Model<Simulation>(input...).run())) << "callbacks on the engine";
  EXPECT_TRUE(same(processes, Model<PlainClock>(input...).run())) << "callbacks on a sorted map";
}

// Draws

enum class Law { continuous, whole_seconds };

class Draws {
public:
  Draws(Law law, std::uint64_t seed, std::string_view name) : law_(law), random_(seed, 0, name) {}
  /// Exponential; or whole seconds, uniform from 0 to twice the mean.
  Time exponential(double mean_s) {
    if (law_ == Law::continuous) return seconds(random_.exponential(mean_s));
    return nanoseconds(1'000'000'000 * random_.integer(0, std::llround(2 * mean_s)));
  }
  /// Lognormal with E[S^2] = e E[S]^2; or four times the mean in one of four cases, else 0.
  Time lognormal(double mean_s) {
    if (law_ == Law::continuous) return seconds(random_.lognormal(mean_s * std::exp(-0.5), 1));
    return random_.below(4) ? Time{} : seconds(4 * mean_s);
  }
  std::uint64_t below(std::uint64_t n) { return random_.below(n); }

private:
  Law law_;
  RandomStream random_;
};

/// `check(law, seed)` on several seeds of both laws; it returns what the processes did.
template <class Check> void for_all_draws(Check check) {
  for (const Law law : {Law::continuous, Law::whole_seconds})
    for (std::uint64_t seed = 1; seed <= 4; ++seed) {
      SCOPED_TRACE((law == Law::continuous ? "continuous, seed " : "whole seconds, seed ") +
                   std::to_string(seed));
      const Trajectory seen = check(law, seed);
      ASSERT_GT(seen.size(), 40'000U);
      if (testing::Test::HasFailure()) return;
      // Who comes at the time of the step before ties with it.
      std::size_t comes = 0, ties = 0;
      for (std::size_t i = 1; i < seen.size(); ++i) {
        if (seen[i].what != What::arrives && seen[i].what != What::fails) continue;
        ++comes;
        ties += seen[i].at == seen[i - 1].at;
      }
      if (law == Law::continuous)
        EXPECT_EQ(ties, 0U);
      else
        EXPECT_GT(ties, comes / 10);
    }
}

// Arrivals, for customers with a `gap` before each

template <class Customer, class Arrive>
Process source(const std::vector<Customer>& customers, Arrive arrive) {
  for (std::size_t i = 0; i < customers.size(); ++i) {
    co_await customers[i].gap;
    arrive(i);
  }
}

/// The same with callbacks: model.arrive(i) for each of `customers`.
template <class Clock, class Customer, class Model>
void arrive_in_turn(Clock& clock, const std::vector<Customer>& customers, Model& model,
                    std::size_t i = 0) {
  if (i == customers.size()) return;
  clock.after(customers[i].gap, [&clock, &customers, &model, i] {
    model.arrive(i);
    arrive_in_turn(clock, customers, model, i + 1);
  });
}
/// Begun as a process is when it is spawned.
template <class Clock, class Customer, class Model>
void spawn_arrivals(Clock& clock, const std::vector<Customer>& customers, Model& model) {
  clock.at(clock.now(), [&] { arrive_in_turn(clock, customers, model); });
}

// Closed forms

/// Means of `measure(seed)`, a vector, over independent replications: each within 4 standard
/// errors of what is expected, and the errors small enough to tell: `resolution` of it at most.
template <class Measure>
void expect_means(const std::vector<double>& expected, double resolution, Measure measure) {
  constexpr int replications = 20;
  std::vector<stats::Tally> tallies(expected.size());
  for (int seed = 1; seed <= replications; ++seed) {
    const std::vector<double> measured = measure(static_cast<std::uint64_t>(1000 + seed));
    ASSERT_EQ(measured.size(), expected.size());
    for (std::size_t k = 0; k < expected.size(); ++k) tallies[k].add(measured[k]);
  }
  for (std::size_t k = 0; k < expected.size(); ++k) {
    const double standard_error = std::sqrt(tallies[k].variance() / replications);
    EXPECT_LT(standard_error, resolution * expected[k]) << "too few customers to tell, " << k;
    EXPECT_NEAR(tallies[k].mean(), expected[k], 4 * standard_error) << k;
  }
}

constexpr std::size_t warm_up = 1000; ///< customers who come while it is still emptier than later

/// Mean seconds from one step to another, of the customers who took both and whom `counts` wants.
template <class Counts> double mean_between(const Trajectory& seen, What from, What to,
                                            std::size_t customers, Counts counts) {
  const std::vector<Time> first = times_of(seen, from, customers);
  const std::vector<Time> last = times_of(seen, to, customers);
  stats::Tally tally;
  for (std::size_t i = warm_up; i < customers; ++i)
    if (first[i] != never && last[i] != never && counts(i))
      tally.add((last[i] - first[i]).seconds());
  return tally.mean();
}
inline double mean_between(const Trajectory& seen, What from, What to, std::size_t customers) {
  return mean_between(seen, from, to, customers, [](std::size_t) { return true; });
}

/// The share of the customers who took that step.
inline double share_of(const Trajectory& seen, What what, std::size_t customers) {
  const std::vector<Time> times = times_of(seen, what, customers);
  const auto counted =
      std::count_if(times.begin() + warm_up, times.end(), [](Time time) { return time != never; });
  return static_cast<double>(counted) / static_cast<double>(customers - warm_up);
}

} // namespace windtunnel::engine
