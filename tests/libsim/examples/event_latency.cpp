// Messages take ten seconds through a cable; neither who sends nor who receives has to know.
#include <fmt/ostream.h>

#include "libsim/engine/store.hpp"
#include "tests/libsim/examples/examples.hpp"

namespace windtunnel::examples {
namespace {

class Cable {
public:
  Cable(Simulation& sim, Time delay) : sim_(sim), delay_(delay), arrived_(sim) {}
  void put(std::string message) { sim_.spawn("message", travel(std::move(message))); }
  auto get() { return arrived_.get(); }

private:
  Process travel(std::string message) {
    co_await delay_;
    co_await arrived_.put(message);
  }
  Simulation& sim_;
  Time delay_;
  Store<std::string> arrived_;
};

Process sender(Simulation& sim, Cable& cable) {
  for (;;) {
    co_await seconds(5);
    cable.put(fmt::format("Sender sent this at {}", sim.now() / seconds(1)));
  }
}

Process receiver(Simulation& sim, Cable& cable, std::ostream& out) {
  for (;;) {
    const std::string message = co_await cable.get();
    fmt::print(out, "Received this at {} while {}\n", sim.now() / seconds(1), message);
  }
}

} // namespace

void event_latency(std::ostream& out) {
  fmt::print(out, "Event Latency\n");
  Simulation sim;
  Cable cable(sim, seconds(10));
  sim.spawn("sender", sender(sim, cable));
  sim.spawn("receiver", receiver(sim, cable, out));
  sim.run_until(seconds(100) - nanoseconds(1));
}

} // namespace windtunnel::examples
