// M/M/1: customers with exponential gaps and services at one counter, one process each.
#include "libsim/engine/resource.hpp"
#include "tests/libsim/examples/examples.hpp"

namespace windtunnel::examples {
namespace {

struct Shop {
  explicit Shop(std::uint64_t replication) : sim(1, replication) {}
  Simulation sim;
  RandomStream gaps = sim.stream("gaps"), services = sim.stream("services");
  Resource counter{sim, 1};
  int inside = 0;
  Time last_change{}, sojourns{}, busy{}, customer_time{};

  void change_inside(int by) { // accumulates inside * dt
    customer_time += (sim.now() - last_change) * inside;
    last_change = sim.now();
    inside += by;
  }
};

Process customer(Shop& shop) {
  const Time arrived = shop.sim.now();
  shop.change_inside(+1);
  const Lease counter = co_await shop.counter.request();
  const Time service = seconds(shop.services.exponential(1));
  co_await service;
  shop.busy += service;
  shop.sojourns += shop.sim.now() - arrived;
  shop.change_inside(-1);
}

Process arrivals(Shop& shop, double load, int customers) {
  for (int i = 0; i < customers; ++i) {
    co_await seconds(shop.gaps.exponential(1 / load));
    shop.sim.spawn("customer", customer(shop));
  }
}

} // namespace

Mm1Result mm1(double load, int customers, std::uint64_t replication) {
  Shop shop(replication);
  shop.sim.spawn("arrivals", arrivals(shop, load, customers));
  shop.sim.run();
  return {.mean_sojourn = shop.sojourns / seconds(1) / customers,
          .utilisation = shop.busy / shop.sim.now(),
          .sojourns = shop.sojourns,
          .customer_time = shop.customer_time};
}

} // namespace windtunnel::examples
