// Steady state allocates nothing, and small simulations stay small: malloc counts here.
#include <gtest/gtest.h>

#include <atomic>
#include <cstdlib>
#include <new>
#include <thread>

#include "libsim/engine/container.hpp"
#include "libsim/engine/resource.hpp"
#include "libsim/engine/store.hpp"
#include "libsim/engine/task.hpp"
#include "libsim/engine/within.hpp"

namespace {
std::atomic<std::size_t> allocations{0}, allocated{0}, freed{0};

void* counted(std::size_t bytes, std::size_t alignment) {
  ++allocations;
  allocated += bytes;
  const std::size_t whole = (bytes + alignment - 1) / alignment * alignment;
  if (void* block = std::aligned_alloc(alignment, whole)) return block;
  throw std::bad_alloc();
}

void release(void* block) {
  if (block) ++freed;
  std::free(block);
}
} // namespace

void* operator new(std::size_t bytes) { return counted(bytes, alignof(std::max_align_t)); }
void* operator new(std::size_t bytes, std::align_val_t alignment) {
  return counted(bytes, static_cast<std::size_t>(alignment));
}
// Not inlined: GCC 12 would see free() of what operator new gave, and warn under the sanitizers.
[[gnu::noinline]] void operator delete(void* block) noexcept { release(block); }
[[gnu::noinline]] void operator delete(void* block, std::size_t) noexcept { release(block); }
void operator delete(void* block, std::align_val_t) noexcept { release(block); }
void operator delete(void* block, std::size_t, std::align_val_t) noexcept { release(block); }

namespace windtunnel::engine {
namespace {

struct Shop {
  Simulation sim{1};
  Resource counter{sim, 1};
  Store<int> shelf{sim, 3};
  Container tank{sim, 10};
  RandomStream random{1, 0, "shop"};
};

Task<int> fetch(Shop& shop) {
  const int item = co_await shop.shelf.get();
  co_return item;
}
Process customer(Shop& shop) {
  std::optional<Lease> lease = co_await within(seconds(5), shop.counter.request());
  if (!lease) co_return;
  co_await fetch(shop);
  co_await shop.tank.get(1);
  const Event either =
      any_of(shop.sim, {timeout_event(shop.sim, milliseconds(200)), Event(shop.sim)});
  co_await either;
}
Process source(Shop& shop) {
  for (;;) {
    co_await seconds(shop.random.exponential(1));
    shop.sim.spawn("customer", customer(shop));
    const ProcessRef awaited = shop.sim.spawn("customer", customer(shop));
    co_await within(seconds(3), awaited);
    co_await shop.shelf.put(1);
    co_await shop.shelf.put(2);
    co_await within(seconds(1), shop.tank.put(2));
  }
}

TEST(Allocation, SteadyStateAllocatesNothing) {
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
  GTEST_SKIP() << "sanitizers do not pool frames";
#endif
  Shop shop;
  shop.sim.spawn("source", source(shop));
  EventHandle timer = shop.sim.after(hours(1000), [] {});
  const auto run = [&](Time until) {
    while (shop.sim.now() < until) {
      timer = shop.sim.reschedule(timer, shop.sim.now() + hours(1000));
      shop.sim.run_until(shop.sim.now() + seconds(10));
    }
  };
  run(hours(2)); // until the longest queue has been seen
  const std::uint64_t fired = shop.sim.events_fired();
  const std::size_t before = allocations;
  run(hours(5));
  EXPECT_GT(shop.sim.events_fired(), fired + 10'000);
  EXPECT_EQ(allocations, before);
}

struct Again {
  Simulation& sim;
  std::uint64_t& left;
  void operator()() const {
    if (--left > 0) sim.after(seconds(1), *this);
  }
};

TEST(Allocation, CallbacksAndCancelsAllocateNothing) {
  Simulation sim;
  std::uint64_t left = 100'000;
  sim.after(seconds(1), Again{sim, left});
  sim.run_until(seconds(100));
  const std::size_t before = allocations;
  while (sim.step()) sim.cancel(sim.after(seconds(5), [] {}));
  EXPECT_EQ(allocations, before);
}

Process sleeps() { co_await seconds(1); }

TEST(Allocation, AThreadThatOnlyDestroysASimulationLeavesNothingBehind) {
  const auto held = [] { return allocations - freed; };
  const std::size_t before = held();
  auto sim = std::make_unique<Simulation>();
  for (int i = 0; i < 1000; ++i) sim->spawn("sleeps", sleeps());
  sim->step();
  EXPECT_GE(held(), before + 1000);
  std::thread([&sim] { sim.reset(); }).join();
  EXPECT_LE(held(), before);
}

TEST(Allocation, AThousandSmallSimulationsFitIn100Megabytes) {
  const std::size_t before = allocated;
  std::vector<std::unique_ptr<Simulation>> all;
  for (int i = 0; i < 1000; ++i) {
    all.push_back(std::make_unique<Simulation>(1, i));
    for (int k = 0; k < 100; ++k) all.back()->at(seconds(k), [] {});
  }
  EXPECT_LT(allocated - before, 100'000'000U);
}

} // namespace
} // namespace windtunnel::engine
