#include "libsim/engine/event_queue.hpp"

#include <gtest/gtest.h>

#include <set>
#include <tuple>

#include "libsim/base/random.hpp"

namespace windtunnel::engine {
namespace {

// The queue against the obvious one, under a random mix of pushes, pops, cancels and moves with
// many ties. Both must agree on every event.
class AgainstSet : public testing::TestWithParam<int> {};

TEST_P(AgainstSet, AgreesOnEveryEvent) {
  const int pending_target = GetParam();
  RandomStream random(7, static_cast<std::uint64_t>(pending_target), "queue");
  EventQueue queue;
  std::set<std::tuple<std::int64_t, int, std::uint64_t, int>> reference;
  std::vector<std::tuple<EventHandle, decltype(reference)::iterator, int>> live;
  std::uint64_t order = 0;
  int fired = -1, next_id = 0;
  std::int64_t now = 0;
  const auto draw_time = [&] { return now + static_cast<std::int64_t>(random.below(50)); };
  for (int operation = 0; operation < 20000; ++operation) {
    const auto kind = random.below(10);
    if (kind < 4 || reference.size() < static_cast<std::size_t>(pending_target)) {
      const std::int64_t time = draw_time();
      const int priority = static_cast<int>(random.below(3)), id = next_id++;
      const EventHandle handle =
          queue.push(nanoseconds(time), priority, [&fired, id] { fired = id; });
      live.emplace_back(handle, reference.emplace(time, priority, order++, id).first, id);
    } else if (kind < 6 && !live.empty()) {
      const std::size_t at = random.below(live.size());
      auto [handle, position, id] = live[at];
      EXPECT_TRUE(queue.cancel(handle));
      EXPECT_FALSE(queue.cancel(handle)) << "a stale handle is harmless";
      reference.erase(position);
      live[at] = live.back();
      live.pop_back();
    } else if (kind < 7 && !live.empty()) {
      const std::size_t at = random.below(live.size());
      auto& [handle, position, id] = live[at];
      const std::int64_t time = draw_time();
      const EventHandle moved = queue.reschedule(handle, nanoseconds(time), 1);
      EXPECT_TRUE(moved);
      EXPECT_FALSE(queue.pending(handle));
      reference.erase(position);
      handle = moved;
      position = reference.emplace(time, 1, order++, id).first;
    } else if (!reference.empty()) {
      Time time;
      queue.pop(time)();
      const auto [expected_time, priority, sequence, id] = *reference.begin();
      ASSERT_EQ(fired, id);
      ASSERT_EQ(time.ns(), expected_time);
      now = expected_time;
      std::erase_if(live, [&](const auto& item) { return std::get<2>(item) == id; });
      reference.erase(reference.begin());
    }
    ASSERT_EQ(queue.size(), reference.size());
  }
}
INSTANTIATE_TEST_SUITE_P(Sizes, AgainstSet, testing::Values(1, 10, 300));

TEST(EventQueue, CancelledCallablesAreDestroyedAtOnce) {
  EventQueue queue;
  auto token = std::make_shared<int>(1);
  const EventHandle handle = queue.push(seconds(1), 8, [token] {});
  EXPECT_EQ(token.use_count(), 2);
  queue.cancel(handle);
  EXPECT_EQ(token.use_count(), 1);
}

} // namespace
} // namespace windtunnel::engine
