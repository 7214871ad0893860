// A random population of processes that use the things processes wait for, and the ledgers that
// check after every event that nothing is lost, made, or withheld.
//
// A ledger keeps books of one thing (a resource, a store, ..) by what the processes themselves say:
// a Request lies in a process's frame from before its co_await until it goes on, so a kill removes
// it with the frame. Whether a process waits, has been served and not gone on yet, or has been
// withdrawn (interrupted, timed out) is read from its record, not from the queue under test.
//
// Outsiders interrupt and kill members, change capacities, put and take by plain events; members do
// so too, amid what else they do in their event. Members hold one thing while they wait for
// another. With `ties` all times are whole seconds, zero among them, so that most of what can
// happen at one time does.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "libsim/engine/task.hpp"
#include "libsim/engine/within.hpp"

namespace windtunnel::engine::conservation {

class Ledger;
class Request;

/// What waiting for `What` with a limit gives.
template <class What> using ResultOf =
    typename decltype(std::declval<Within<Time, What>&>().awaiter(
        std::declval<ProcessState&>()))::Result;

/// An interrupt that was sent and has to be thrown, once, in its turn.
struct Cause {
  std::string text;
  Time sent_at;
  std::optional<Time> held_since; ///< of a place that was taken
};

struct Member {
  ProcessRef process;
  std::deque<Cause> causes;
};

class Population {
public:
  Population(bool ties, std::uint64_t seed);
  Population(const Population&) = delete;
  Population& operator=(const Population&) = delete;
  ~Population();

  void add(std::unique_ptr<Ledger> ledger);
  /// Lives for so many events, then dies out.
  void run(std::uint64_t events);

  Simulation& sim() { return sim_; }
  Time now() const { return sim_.now(); }
  RandomStream& random() { return random_; }
  bool ties() const { return ties_; }
  bool chance(double probability) { return random_.uniform() < probability; }
  Time draw_time();
  /// How long a request may wait; for many, as long as it takes.
  std::optional<Time> draw_limit();
  /// Waits for `what` as `request` says. A bool, or the optional thing: none when it has given up.
  template <class What> auto ask(Request& request, What what) -> Task<ResultOf<What>>;
  /// What a member does while it holds something: lets time pass or uses another thing.
  Task<> stay(Member& member, int depth);
  /// By a member, of what was thrown in it.
  void caught(Member& member, const Interrupt& interrupt);
  /// Ledgers take note of who is served, or waits no longer. Before and after whatever withdraws a
  /// request without its process taking part.
  void scan();

private:
  Process life(Member& member);
  void act();
  void meddle();
  bool check();
  Member* other_member();

  bool ties_;
  Simulation sim_;
  RandomStream random_;
  std::deque<Member> members_;
  std::vector<std::unique_ptr<Ledger>> ledgers_;
  std::uint64_t interrupts_ = 0;
};

/// What a member has asked for and not gone on with.
class Request {
public:
  enum class Status { asks, waits, served, withdrawn };

  Request(Ledger& ledger, Member& member, int priority = 0, double amount = 0);
  Request(const Request&) = delete;
  Request& operator=(const Request&) = delete;
  virtual ~Request() { drop(); }

  Status status() const;
  /// Its frame is gone, and it was not gone on with. Destructors of derived classes call it too,
  /// while their members live.
  void drop();
  /// The co_await is over. `given`: with what was asked for; else it has waited too long.
  void over(bool given = true);
  bool at_once() const { return seen == Status::asks; } ///< never seen to wait

  Ledger& ledger;
  Member& member;
  int priority;
  double amount;
  bool open = true;
  bool counted = false; ///< by the ledger, for good
  Status seen = Status::asks;
  Time asked_at, served_at{};
  std::optional<Time> limit;
};

template <class What> auto Population::ask(Request& request, What what) -> Task<ResultOf<What>> {
  ResultOf<What> result{};
  if (request.limit && chance(0.5)) {
    result = co_await within(*request.limit, std::move(what));
  } else if (request.limit) {
    const Event limit = timeout_event(sim_, *request.limit);
    if (request.limit->ns() == 0 && chance(0.5)) limit.succeed(); // it is past
    result = co_await within(limit, std::move(what));
  } else if constexpr (std::is_same_v<ResultOf<What>, bool>) {
    co_await std::move(what);
    result = true;
  } else {
    result = co_await std::move(what);
  }
  request.over(static_cast<bool>(result));
  co_return result;
}

/// The books of one thing.
class Ledger {
public:
  explicit Ledger(Population& population) : population_(population) {}
  Ledger(const Ledger&) = delete;
  Ledger& operator=(const Ledger&) = delete;
  virtual ~Ledger() = default;

  /// A member asks for it, waits, holds it, gives it back.
  virtual Task<> use(Member& member, int depth) = 0;
  /// Somebody changes it from outside.
  virtual void meddle() {}
  /// Laws that hold after every event.
  virtual void check() = 0;
  /// Laws that hold when nothing is left to do at a time.
  virtual void check_instant() {}
  /// Everybody is dead.
  virtual void check_end() = 0;

  virtual void scan();
  void check_requests() const;

protected:
  friend class Request;
  /// `request` was seen as `was`; now it is what request.seen says.
  virtual void changed(Request& request, Request::Status was) { (void)request, (void)was; }
  virtual void given(Request& request) { (void)request; }
  /// A request that came to nothing: timed out, interrupted, or killed.
  virtual void dropped(Request& request) { (void)request; }
  /// Who may not be served before whom: those of equal number wait in one queue; none: no order.
  virtual std::optional<int> queue_of(const Request& request) const {
    (void)request;
    return 0;
  }
  std::size_t count(Request::Status status) const;
  /// Whether anybody waits in that queue at this moment, within an event.
  bool anybody_waits(int queue, int up_to_priority) const;

  Population& population_;
  std::vector<Request*> requests_; ///< by priority, then in the order they asked
};

} // namespace windtunnel::engine::conservation
