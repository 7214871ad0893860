#include "libsim/engine/event_queue.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <map>
#include <tuple>

#include "libsim/base/error.hpp"
#include "libsim/base/random.hpp"

namespace windtunnel::engine {
namespace {

// The queue against the obvious one, under a random mix of pushes, pops, cancels and moves. Both
// must agree on every event.

// How far ahead events are scheduled: with ties, smooth, a second mode a billion times as far, with
// a heavy tail.
enum class Ahead { ties, exponential, bimodal, pareto };

struct Mix {
  Ahead ahead;
  std::size_t pending;
  int operations;
};

class Model {
public:
  explicit Model(const Mix& mix) : mix_(mix), random_(7, mix.pending, "queue") {}

  void run() {
    for (int phase = 0; phase < 3; ++phase) { // grows, holds, drains
      const std::size_t target = phase == 2 ? 0 : mix_.pending;
      for (int i = 0; i < mix_.operations; ++i) {
        const auto kind = random_.below(10);
        if (reference_.size() < target && (phase == 0 ? kind < 8 : kind < 5))
          push();
        else if (kind < 6 && !live_.empty())
          cancel();
        else if (kind < 7 && !live_.empty())
          move();
        else if (!reference_.empty())
          pop();
        ASSERT_EQ(queue_.size(), reference_.size());
        if (testing::Test::HasFatalFailure()) return;
      }
    }
    while (!reference_.empty()) {
      pop();
      if (testing::Test::HasFatalFailure()) return;
    }
    EXPECT_EQ(queue_.first(), EventQueue::never);
  }

private:
  using Key = std::tuple<std::int64_t, int, std::uint64_t>; // time, priority, order
  struct Live {
    EventHandle handle;
    Key key;
  };

  std::int64_t draw_time() {
    double ahead = 0;
    switch (mix_.ahead) {
    case Ahead::ties:
      ahead = static_cast<double>(random_.below(50));
      break;
    case Ahead::exponential:
      ahead = random_.exponential(1e6);
      break;
    case Ahead::bimodal:
      ahead = random_.exponential(random_.below(10) ? 1e3 : 1e12);
      break;
    case Ahead::pareto:
      ahead = std::min(1e15, 1e3 / std::pow(random_.uniform(), 1.5));
    }
    return queue_.now().ns() + static_cast<std::int64_t>(ahead);
  }
  int draw_priority() {
    const std::uint64_t kind = random_.below(8);
    return kind == 0 ? 3 : kind == 1 ? 12 : EventQueue::normal_priority;
  }

  void enter(EventHandle handle, Key key) {
    live_.push_back({handle, key});
    reference_.emplace(key, live_.size() - 1);
  }
  void forget(std::size_t at) { // from live_; the last takes its place
    if (at + 1 != live_.size()) {
      live_[at] = live_.back();
      reference_[live_[at].key] = at;
    }
    live_.pop_back();
  }
  void push() {
    const Key key{draw_time(), draw_priority(), order_++};
    const std::uint64_t id = std::get<2>(key);
    enter(queue_.push(nanoseconds(std::get<0>(key)), std::get<1>(key), [this, id] { fired_ = id; }),
          key);
    ids_[id] = id;
  }
  void cancel() {
    const std::size_t at = random_.below(live_.size());
    EXPECT_TRUE(queue_.cancel(live_[at].handle));
    EXPECT_FALSE(queue_.cancel(live_[at].handle)) << "a stale handle is harmless";
    ids_.erase(std::get<2>(live_[at].key));
    reference_.erase(live_[at].key);
    forget(at);
  }
  void move() {
    const std::size_t at = random_.below(live_.size());
    const Live old = live_[at];
    const Key key{draw_time(), draw_priority(), order_++};
    const EventHandle moved =
        queue_.reschedule(old.handle, nanoseconds(std::get<0>(key)), std::get<1>(key));
    EXPECT_TRUE(moved);
    EXPECT_FALSE(queue_.pending(old.handle));
    ids_[std::get<2>(key)] = ids_.extract(std::get<2>(old.key)).mapped();
    reference_.erase(old.key);
    live_[at] = {moved, key};
    reference_.emplace(key, at);
  }
  void pop() {
    ASSERT_EQ(queue_.first(), static_cast<std::uint64_t>(std::get<0>(reference_.begin()->first)));
    EXPECT_EQ(queue_.fire(), nullptr);
    const auto [key, at] = *reference_.begin();
    ASSERT_EQ(fired_, ids_.at(std::get<2>(key)));
    ASSERT_EQ(queue_.now().ns(), std::get<0>(key));
    ids_.erase(std::get<2>(key));
    reference_.erase(reference_.begin());
    forget(at);
  }

  Mix mix_;
  RandomStream random_;
  EventQueue queue_;
  std::map<Key, std::size_t> reference_;       // to the place in live_
  std::map<std::uint64_t, std::uint64_t> ids_; // order of the entry to what it fires
  std::vector<Live> live_;
  std::uint64_t order_ = 0, fired_ = 0;
};

class AgainstMap : public testing::TestWithParam<Mix> {};
TEST_P(AgainstMap, AgreesOnEveryEvent) { Model(GetParam()).run(); }

std::vector<Mix> mixes() {
  std::vector<Mix> all;
  for (const Ahead ahead : {Ahead::ties, Ahead::exponential, Ahead::bimodal, Ahead::pareto})
    for (const auto& [pending, operations] :
         {std::pair<std::size_t, int>{1, 2000}, {50, 10'000}, {3000, 20'000}, {30'000, 60'000}})
      all.push_back({ahead, pending, operations});
  return all;
}
INSTANTIATE_TEST_SUITE_P(Mixes, AgainstMap, testing::ValuesIn(mixes()));

TEST(EventQueue, ManyEventsAtOneTimeFireInOrder) {
  // More than one heap holds, all in one bucket that cannot be split.
  EventQueue queue;
  std::vector<int> order;
  for (int i = 0; i < 20'000; ++i)
    queue.push(seconds(1), EventQueue::normal_priority, [&order, i] { order.push_back(i); });
  while (queue.first() != EventQueue::never) queue.fire();
  ASSERT_EQ(order.size(), 20'000U);
  EXPECT_TRUE(std::is_sorted(order.begin(), order.end()));
}

TEST(EventQueue, CancelledCallablesAreDestroyedAtOnce) {
  EventQueue queue;
  auto token = std::make_shared<int>(1);
  const EventHandle handle = queue.push(seconds(1), 8, [token] {});
  EXPECT_EQ(token.use_count(), 2);
  queue.cancel(handle);
  EXPECT_EQ(token.use_count(), 1);
}

/// A callable whose end does something.
class AtItsEnd {
public:
  explicit AtItsEnd(std::function<void()>& last) : last_(&last) {}
  AtItsEnd(AtItsEnd&& other) noexcept : last_(std::exchange(other.last_, nullptr)) {}
  AtItsEnd& operator=(AtItsEnd&&) = delete;
  ~AtItsEnd() {
    if (last_) (*last_)();
  }
  void operator()() const {}

private:
  std::function<void()>* last_;
};

TEST(EventQueue, WhatACancelledCallableHeldMayCancelAndScheduleInTurn) {
  // In the ring, in the tree, and among so many that they are in the heap: enough are cancelled by
  // the destructor for the dead to be purged meanwhile, and more scheduled than were there.
  for (const auto& [at, others] :
       {std::pair{Time{}, 500}, std::pair{seconds(1), 500}, std::pair{seconds(1), 20'000}}) {
    EventQueue queue;
    int fired = 0;
    std::vector<EventHandle> handles;
    std::function<void()> last = [&] {
      EXPECT_EQ(queue.size(), static_cast<std::size_t>(others));
      for (const EventHandle handle : handles) queue.cancel(handle);
      EXPECT_EQ(queue.size(), 0U);
      for (int i = 0; i < 20'000; ++i) queue.push(at, 8, [&] { ++fired; });
    };
    const EventHandle first = queue.push(at, 8, AtItsEnd(last));
    for (int i = 0; i < others; ++i) handles.push_back(queue.push(at, 8, [&] { fired = -1; }));
    EXPECT_TRUE(queue.cancel(first));
    EXPECT_EQ(queue.size(), 20'000U);
    while (queue.first() != EventQueue::never) queue.fire();
    EXPECT_EQ(fired, 20'000);
    EXPECT_EQ(queue.size(), 0U);
  }
}

TEST(EventQueue, APriorityOutOfRangeIsRefusedAndSchedulesNothing) {
  EventQueue queue;
  for (const int priority : {-1, 16}) {
    EXPECT_THROW(queue.push(seconds(1), priority, [] {}), SimulationError);
    EXPECT_EQ(queue.size(), 0U);
  }
  const EventHandle event = queue.push(seconds(1), 15, [] {});
  EXPECT_THROW(queue.reschedule(event, seconds(2), 16), SimulationError);
  EXPECT_TRUE(queue.pending(event));
}

} // namespace
} // namespace windtunnel::engine
