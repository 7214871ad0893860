#include <gtest/gtest.h>

#include <memory>

#include "libsim/engine/container.hpp"
#include "libsim/engine/store.hpp"

namespace windtunnel::engine {
namespace {

using Log = std::vector<std::string>;

void note(Simulation& sim, Log& log, const std::string& what) {
  log.push_back(std::to_string(sim.now().ns() / 1'000'000'000) + " " + what);
}

Process fill(Simulation& sim, Log& log, Container& tank, std::int64_t amount) {
  co_await tank.put(amount);
  note(sim, log, "put " + std::to_string(amount));
}
Process draw(Simulation& sim, Log& log, Container& tank, std::int64_t amount, Time at) {
  co_await at;
  co_await tank.get(amount);
  note(sim, log, "got " + std::to_string(amount));
}

TEST(Container, PuttersWaitForRoomInOrderAndNothingIsLost) {
  Simulation sim;
  Log log;
  Container tank(sim, 10, 8);
  sim.spawn("large", fill(sim, log, tank, 5));
  sim.spawn("small", fill(sim, log, tank, 1)); // would fit, must not overtake
  sim.spawn("a", draw(sim, log, tank, 2, seconds(1)));
  sim.spawn("b", draw(sim, log, tank, 2, seconds(2)));
  sim.run();
  EXPECT_EQ(log, (Log{"1 got 2", "2 got 2", "2 put 5", "2 put 1"})); // who takes goes on at once
  EXPECT_EQ(tank.level(), 8 - 2 - 2 + 5 + 1);
}

TEST(Container, WithdrawingTheHeadLetsTheOthersPass) {
  Simulation sim;
  Log log;
  Container tank(sim, 10, 0);
  const ProcessRef large = sim.spawn("large", draw(sim, log, tank, 9, Time{}));
  sim.spawn("small", draw(sim, log, tank, 2, Time{}));
  sim.run();
  EXPECT_TRUE(tank.try_put(3));
  EXPECT_FALSE(tank.try_get(1)) << "others wait";
  EXPECT_EQ(tank.level(), 3);
  kill(large);
  sim.run();
  EXPECT_EQ(log, (Log{"0 got 2"}));
  EXPECT_EQ(tank.level(), 1);
}

Process moves(Simulation& sim, Log& log, Container& tank, std::int64_t change, std::string name) {
  try {
    if (change > 0)
      co_await tank.put(change);
    else
      co_await tank.get(-change);
    note(sim, log, name + " moved");
    co_await seconds(1);
    note(sim, log, name + " rested");
  } catch (const Interrupt&) {
    note(sim, log, name + " interrupted");
  }
}

TEST(Container, APutThatWasServedHasHappenedWhateverComesInTheSameInstant) {
  for (const bool by_kill : {false, true}) {
    Simulation sim;
    Log log;
    Container tank(sim, 10, 10);
    const ProcessRef putter = sim.spawn("putter", moves(sim, log, tank, 5, "putter"));
    sim.at(seconds(1), [&] {
      EXPECT_TRUE(tank.try_get(5)); // lets the putter put
      EXPECT_TRUE(tank.try_get(10)) << "with what it has put";
      EXPECT_EQ(tank.level(), 0);
      if (by_kill)
        kill(putter);
      else
        interrupt(putter, "too late");
      EXPECT_EQ(tank.level(), 0) << "what is taken cannot be put back where it came from";
    });
    sim.run();
    // It learns that it has put, and is interrupted at its next co_await.
    EXPECT_EQ(log, by_kill ? Log{} : (Log{"1 putter moved", "1 putter interrupted"}));
    EXPECT_EQ(tank.level(), 0);
  }
}

TEST(Container, AGetThatIsUndoneGoesBackEvenAboveTheCapacity) {
  for (const bool by_kill : {false, true}) {
    Simulation sim;
    Log log;
    Container tank(sim, 10, 0);
    const ProcessRef getter = sim.spawn("getter", moves(sim, log, tank, -5, "getter"));
    sim.at(seconds(1), [&] {
      EXPECT_TRUE(tank.try_put(10)); // 5 of it to the getter
      EXPECT_TRUE(tank.try_put(5)) << "into the room that makes";
      if (by_kill)
        kill(getter);
      else
        interrupt(getter, "never mind");
      EXPECT_EQ(tank.level(), 15) << "nothing is lost";
      EXPECT_TRUE(tank.try_get(2));
      EXPECT_FALSE(tank.try_put(0)) << "there is no room";
      EXPECT_TRUE(tank.try_get(3));
      EXPECT_TRUE(tank.try_put(0));
    });
    sim.run();
    EXPECT_EQ(log, by_kill ? Log{} : (Log{"1 getter interrupted"}));
    EXPECT_EQ(tank.level(), 10);
  }
}

TEST(Container, ToGetNothingIsAGetAndWaitsForNoRoom) {
  Simulation sim;
  Log log;
  Container tank(sim, 10, 8);
  sim.spawn("large", fill(sim, log, tank, 5));
  sim.spawn("nothing", draw(sim, log, tank, 0, seconds(1)));
  sim.run();
  EXPECT_EQ(log, (Log{"1 got 0"}));
}

TEST(Container, WhoWaitedForOneThatIsGoneCanBeKilled) {
  Simulation sim;
  Log log;
  auto tank = std::make_unique<Container>(sim, 10, 5);
  const ProcessRef getter = sim.spawn("getter", moves(sim, log, *tank, -8, "getter"));
  const ProcessRef putter = sim.spawn("putter", moves(sim, log, *tank, 8, "putter"));
  sim.run();
  tank.reset();
  kill(getter);
  interrupt(putter, "it is gone");
  sim.run();
  EXPECT_EQ(log, (Log{"0 putter interrupted"}));
}

TEST(Container, WhatCannotBeIsAModelError) {
  Simulation sim;
  EXPECT_THROW(Container(sim, 10, 11), ModelError);
  EXPECT_THROW(Container(sim, 10, -1), ModelError);
  Container tank(sim, 10);
  EXPECT_THROW(tank.put(11), ModelError);
  EXPECT_THROW(tank.put(-1), ModelError);
  EXPECT_THROW(tank.get(-1), ModelError);
  EXPECT_TRUE(tank.try_get(0));
}

Process puts(Simulation& sim, Log& log, Store<std::string>& store, std::string item) {
  try {
    co_await store.put(item);
    note(sim, log, "put " + item);
  } catch (const Interrupt&) {
    note(sim, log, "kept " + item);
  }
}
Process gets(Simulation& sim, Log& log, Store<std::string>& store, std::string name) {
  try {
    const std::string item = co_await store.get();
    note(sim, log, name + " got " + item);
  } catch (const Interrupt&) {
    note(sim, log, name + " left");
  }
}

TEST(Store, AnItemGivenToAProcessInterruptedInTheSameInstantIsTheFirstForTheNext) {
  Simulation sim;
  Log log;
  Store<std::string> store(sim);
  const ProcessRef first = sim.spawn("first", gets(sim, log, store, "first"));
  sim.spawn("second", gets(sim, log, store, "second"));
  sim.at(seconds(1), [&] {
    EXPECT_TRUE(store.try_put("x")); // goes to first, which has not resumed yet
    EXPECT_EQ(store.size(), 0u);
    interrupt(first, "gone");
  });
  sim.run();
  EXPECT_EQ(log, (Log{"1 second got x", "1 first left"}));
}

TEST(Store, AnInterruptedPutterTakesItsItemAway) {
  Simulation sim;
  Log log;
  Store<std::string> store(sim, 1);
  sim.spawn("a", puts(sim, log, store, "a"));
  const ProcessRef b = sim.spawn("b", puts(sim, log, store, "b"));
  sim.spawn("c", puts(sim, log, store, "c"));
  sim.at(seconds(1), [&] { interrupt(b, "never mind"); });
  sim.at(seconds(2), [&] { EXPECT_EQ(store.try_get(), "a"); });
  sim.at(seconds(3), [&] { EXPECT_EQ(store.try_get(), "c"); });
  sim.at(seconds(4), [&] { EXPECT_EQ(store.try_get(), std::nullopt); });
  sim.run();
  EXPECT_EQ(log, (Log{"0 put a", "1 kept b", "2 put c"}));
}

TEST(Store, AKilledGetterReceivesNothing) {
  Simulation sim;
  Log log;
  Store<std::string> store(sim);
  const ProcessRef getter = sim.spawn("getter", gets(sim, log, store, "getter"));
  sim.at(seconds(1), [&] { kill(getter); });
  sim.at(seconds(2), [&] { EXPECT_TRUE(store.try_put("x")); });
  sim.run();
  EXPECT_TRUE(log.empty());
  EXPECT_EQ(store.size(), 1u);
}

TEST(Store, APutWhoseItemIsInHasHappenedWhateverComesInTheSameInstant) {
  for (const bool by_kill : {false, true}) {
    Simulation sim;
    Log log;
    Store<std::string> store(sim, 1);
    EXPECT_TRUE(store.try_put("a"));
    const ProcessRef putter = sim.spawn("putter", puts(sim, log, store, "b"));
    sim.at(seconds(1), [&] {
      EXPECT_EQ(store.try_get(), "a"); // b moves in
      if (by_kill)
        kill(putter);
      else
        interrupt(putter, "too late");
    });
    sim.run();
    EXPECT_EQ(log, by_kill ? Log{} : (Log{"1 put b"})) << "it must not believe that it has kept b";
    EXPECT_EQ(store.try_get(), "b");
  }
}

Process gets_if(Simulation& sim, Log& log, Store<std::string>& store, std::string name,
                std::string wanted) {
  const Store<std::string>::Wanted wants = [wanted](const std::string& item) {
    return wanted.find(item) != std::string::npos;
  };
  const std::string item = co_await store.get_if(wants);
  note(sim, log, name + " got " + item);
}

TEST(Store, AGetterIsGivenOneItemThoughItsTakingLetsInAnotherThatItWants) {
  Simulation sim;
  Log log;
  Store<std::string> store(sim, 1);
  EXPECT_TRUE(store.try_put("a"));
  sim.spawn("picky", gets_if(sim, log, store, "picky", "bc"));
  sim.spawn("b", puts(sim, log, store, "b"));
  sim.spawn("c", puts(sim, log, store, "c"));
  // a leaves, b comes in and is given to picky, c comes in and stays.
  sim.at(seconds(1), [&] { sim.spawn("taker", gets_if(sim, log, store, "taker", "a")); });
  sim.run();
  EXPECT_EQ(log, (Log{"1 taker got a", "1 put b", "1 picky got b", "1 put c"}));
  EXPECT_EQ(store.try_get(), "c");
}

TEST(Store, WhatAWaitingGetterDoesNotWantIsThereForThoseWhoComeLater) {
  Simulation sim;
  Log log;
  Store<std::string> store(sim);
  EXPECT_TRUE(store.try_put("a"));
  EXPECT_TRUE(store.try_put("b"));
  sim.spawn("picky", gets_if(sim, log, store, "picky", "c"));
  sim.spawn("any", gets(sim, log, store, "any"));
  sim.at(seconds(1), [&] { EXPECT_EQ(store.try_get(), "b"); });
  sim.run();
  EXPECT_EQ(log, (Log{"0 any got a"}));
}

TEST(Store, AnItemGoesBackIntoAFullStoreToo) {
  Simulation sim;
  Log log;
  Store<std::string> store(sim, 1);
  const ProcessRef getter = sim.spawn("getter", gets(sim, log, store, "getter"));
  sim.at(seconds(1), [&] {
    EXPECT_TRUE(store.try_put("a")); // into the getter's hands
    EXPECT_TRUE(store.try_put("b"));
    interrupt(getter, "never mind");
    EXPECT_EQ(store.size(), 2u) << "nothing is lost";
    EXPECT_FALSE(store.try_put("c"));
    EXPECT_EQ(store.try_get(), "a");
    EXPECT_FALSE(store.try_put("c"));
    EXPECT_EQ(store.try_get(), "b");
  });
  sim.run();
  EXPECT_EQ(log, (Log{"1 getter left"}));
}

TEST(Store, PlainEventsNeverOvertakeWaitingProcesses) {
  Simulation sim;
  Log log;
  Store<std::string> store(sim, 1);
  EXPECT_TRUE(store.try_put("a"));
  EXPECT_FALSE(store.try_put("full")) << "no room";
  sim.spawn("b", puts(sim, log, store, "b"));
  sim.at(seconds(1), [&] {
    EXPECT_FALSE(store.try_put("c")) << "b waits";
    EXPECT_EQ(store.try_get(), "a");
    EXPECT_EQ(store.size(), 1u) << "b moved in";
  });
  sim.run();
  EXPECT_EQ(log, (Log{"1 put b"}));
  EXPECT_EQ(store.capacity(), 1u);
}

Process gets_if(Simulation& sim, Log& log, Store<std::string>& store, char first,
                std::string name) {
  const Store<std::string>::Wanted wanted = [first](const std::string& s) { return s[0] == first; };
  const std::string item = co_await store.get_if(wanted);
  note(sim, log, name + " got " + item);
}

TEST(Store, WhatOneDoesNotWantIsForThoseBehind) {
  Simulation sim;
  Log log;
  Store<std::string> store(sim);
  EXPECT_TRUE(store.try_put("a1"));
  EXPECT_TRUE(store.try_put("a2"));
  sim.spawn("choosy", gets_if(sim, log, store, 'b', "choosy"));
  sim.spawn("any", gets(sim, log, store, "any"));
  sim.run();
  EXPECT_EQ(store.try_get(), "a2");
  EXPECT_EQ(store.try_get(), std::nullopt);
  EXPECT_TRUE(store.try_put("b1"));
  sim.run();
  EXPECT_EQ(log, (Log{"0 any got a1", "0 choosy got b1"}));
}

TEST(Store, PuttersWhoAllBringWhatIsWantedGiveEachItemOnce) {
  // An item given makes room for the next, which the same getter would take too.
  Simulation sim;
  Log log;
  Store<std::string> store(sim, 1);
  EXPECT_TRUE(store.try_put("a"));
  sim.spawn("choosy", gets_if(sim, log, store, 'b', "choosy"));
  sim.spawn("second", gets_if(sim, log, store, 'b', "second"));
  for (const char* const item : {"b1", "b2", "b3", "b4"})
    sim.spawn("putter", puts(sim, log, store, item));
  sim.run();
  EXPECT_TRUE(log.empty()) << "the store is full of what nobody wants";
  EXPECT_EQ(store.try_get(), "a");
  sim.run();
  EXPECT_EQ(sim.events_pending(), 0U);
  EXPECT_EQ(log, (Log{"0 put b1", "0 choosy got b1", "0 put b2", "0 second got b2", "0 put b3"}));
  EXPECT_EQ(store.try_get(), "b3");
  sim.run();
  EXPECT_EQ(log.back(), "0 put b4");
  EXPECT_EQ(store.try_get(), "b4");
}

TEST(Store, HoldsWhatCanOnlyBeMoved) {
  Simulation sim;
  Store<std::unique_ptr<int>> store(sim, 2);
  EXPECT_TRUE(store.try_put(std::make_unique<int>(7)));
  const std::optional<std::unique_ptr<int>> item = store.try_get();
  ASSERT_TRUE(item);
  EXPECT_EQ(**item, 7);
}

} // namespace
} // namespace windtunnel::engine
