// Customers of a bank wait for its one counter, but not for ever: who is not served before patience
// runs out leaves.
#include <fmt/ostream.h>

#include "libsim/engine/resource.hpp"
#include "libsim/engine/within.hpp"
#include "tests/libsim/examples/examples.hpp"
#include "tests/libsim/examples/python_random.hpp"

namespace windtunnel::examples {
namespace {

struct Bank {
  std::ostream& out;
  Simulation sim{};
  PythonRandom random{42};
  Resource counter{sim, 1};
};

Process customer(Bank& bank, std::string name) {
  const Time arrived = bank.sim.now();
  fmt::print(bank.out, "{:7.4f} {}: Here I am\n", arrived.seconds(), name);
  const Time patience = seconds(bank.random.uniform(1, 3));
  const auto lease = co_await within(patience, bank.counter.request());
  const double now = bank.sim.now().seconds(), waited = now - arrived.seconds();
  if (!lease) {
    fmt::print(bank.out, "{:7.4f} {}: RENEGED after {:6.3f}\n", now, name, waited);
    co_return;
  }
  fmt::print(bank.out, "{:7.4f} {}: Waited {:6.3f}\n", now, name, waited);
  co_await seconds(bank.random.expovariate(1 / 12.0));
  fmt::print(bank.out, "{:7.4f} {}: Finished\n", bank.sim.now().seconds(), name);
}

Process arrivals(Bank& bank, int customers) {
  for (int i = 0; i < customers; ++i) {
    const std::string name = fmt::format("Customer{:02}", i);
    bank.sim.spawn(name, customer(bank, name));
    co_await seconds(bank.random.expovariate(1 / 10.0));
  }
}

} // namespace

void bank_renege(std::ostream& out) {
  fmt::print(out, "Bank renege\n");
  Bank bank{out};
  bank.sim.spawn("arrivals", arrivals(bank, 5));
  bank.sim.run();
}

} // namespace windtunnel::examples
