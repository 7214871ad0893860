// A recorded run repeats; what differs from it is found at its first event; files survive, and what
// is no recording is refused with its line.
#include "libsim/engine/recording.hpp"

#include <gtest/gtest.h>

#include <fstream>

#include "libsim/engine/resource.hpp"

namespace windtunnel::engine {
namespace {

struct Shop {
  explicit Shop(std::uint64_t seed) : sim(seed) {}
  Simulation sim;
  RandomStream random = sim.stream("shop");
  Resource counter{sim, 1, "counter"};
  int served = 0;
};

Process customer(Shop& shop) {
  const Lease lease = co_await shop.counter.request();
  co_await seconds(shop.random.exponential(10));
  ++shop.served;
}
Process arrivals(Shop& shop, int customers) {
  for (int i = 0; i < customers; ++i) {
    co_await seconds(shop.random.exponential(8));
    shop.sim.spawn("customer\n" + std::to_string(i % 3) + "\\", customer(shop));
  }
}
void open(Shop& shop, int customers = 100) {
  shop.sim.spawn("arrivals", arrivals(shop, customers));
  shop.sim.after(seconds(60), [&shop] { shop.counter.set_capacity(2); });
}

class Recorded : public testing::Test {
protected:
  Recorded() {
    Shop shop(1);
    recording_.record(shop.sim);
    open(shop);
    shop.sim.run();
    end_ = shop.sim.now();
    shop.sim.trace_events({});
  }
  std::filesystem::path file() const {
    return std::filesystem::temp_directory_path() /
           ("recording-" + std::to_string(getpid()) + ".events");
  }
  ~Recorded() override { std::filesystem::remove(file()); }
  std::string refusal(const std::string& text) const {
    std::ofstream(file()) << text;
    try {
      Recording::load(file());
    } catch (const InputError& error) {
      return error.issues().at(0).pointer + ": " + error.issues().at(0).message;
    }
    return "no error";
  }
  std::string replay_error(Shop& shop, Time until) const {
    try {
      replay(shop.sim, recording_, until);
    } catch (const SimulationError& error) {
      return error.what();
    }
    return "no error";
  }
  Recording recording_;
  Time end_{};
};

TEST_F(Recorded, ReplayReachesTheStateAtAnyTime) {
  for (const Time until : {Time{}, seconds(60), seconds(300), end_, hours(10)}) {
    Shop once(1), again(1);
    open(once);
    open(again);
    once.sim.run_until(until);
    replay(again.sim, recording_, until);
    EXPECT_EQ(again.sim.now(), until);
    EXPECT_EQ(again.served, once.served);
    EXPECT_EQ(again.counter.queue_length(), once.counter.queue_length());
    EXPECT_EQ(again.sim.events_fired(), once.sim.events_fired());
    again.sim.run(); // and goes on from there
    EXPECT_EQ(again.served, 100);
  }
}

TEST_F(Recorded, TheFirstEventThatDiffersIsNamed) {
  Shop other(2);
  open(other);
  const std::string error = replay_error(other, end_);
  EXPECT_TRUE(error.starts_with("replay: event 2 is 'arrivals' at ")) << error;
  EXPECT_NE(error.find(", recorded was 'arrivals' at "), std::string::npos) << error;
  EXPECT_EQ(other.sim.events_fired(), 1U) << "it did not fire";

  Shop longer(1);
  open(longer, 101);
  EXPECT_NE(replay_error(longer, hours(10)).find("recorded was"), std::string::npos);

  Shop idle(1); // fewer events than recorded
  EXPECT_EQ(replay_error(idle, end_), "replay: event 1 never came, recorded was 'arrivals' at 0s");
  Shop more(1);
  open(more);
  more.sim.at(end_ + seconds(1), [] {});
  EXPECT_NE(replay_error(more, hours(10)).find("the recording ends before it"), std::string::npos);
}

TEST_F(Recorded, AFileHoldsAllOfIt) {
  recording_.save(file());
  const Recording loaded = Recording::load(file());
  ASSERT_EQ(loaded.size(), recording_.size());
  for (std::size_t i = 0; i < loaded.size(); ++i) {
    ASSERT_EQ(loaded[i].at, recording_[i].at);
    ASSERT_EQ(loaded[i].process, recording_[i].process);
  }
  EXPECT_THROW(recording_.save("/nowhere/at all"), std::system_error);
  EXPECT_THROW(Recording::load("/nowhere/at all"), std::system_error);
}

TEST_F(Recorded, WhatIsNoRecordingIsRefusedWithItsLine) {
  const std::string first = "windtunnel recording 1\n";
  const std::string form = "expected nanoseconds, a space and the name of a process or nothing";
  EXPECT_EQ(refusal(""), "1: expected \"windtunnel recording 1\"");
  EXPECT_EQ(refusal("windtunnel recording 2\n"), "1: expected \"windtunnel recording 1\"");
  EXPECT_EQ(refusal(first + "x\n"), "2: " + form);
  EXPECT_EQ(refusal(first + "12\n"), "2: " + form);
  EXPECT_EQ(refusal(first + "-1 a\n"), "2: " + form);
  EXPECT_EQ(refusal(first + "99999999999999999999 a\n"), "2: " + form);
  EXPECT_EQ(refusal(first + "1 a\\b\n"), "2: \\ is followed by n or \\ only");
  EXPECT_EQ(refusal(first + "2 a\n1 a\nend 2\n"), "3: time goes backwards");
  EXPECT_EQ(refusal(first + "1 a\n"), "3: the file ends before its end line: it was cut short");
  EXPECT_EQ(refusal(first + "1 a\nend 2\n"), "3: the count differs from the 1 events before it");
  EXPECT_EQ(refusal(first + "end 0\n\n"), "3: nothing may follow the end");
  EXPECT_EQ(refusal(first + "end 0\n"), "no error");
}

} // namespace
} // namespace windtunnel::engine
