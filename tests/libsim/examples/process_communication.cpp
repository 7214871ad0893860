// Processes send each other messages through stores: one to one, and one to many through a pipe
// that puts each message into a store for every reader.
#include <fmt/ostream.h>

#include <deque>

#include "libsim/engine/store.hpp"
#include "tests/libsim/examples/examples.hpp"
#include "tests/libsim/examples/python_random.hpp"

namespace windtunnel::examples {
namespace {

struct Message {
  Message(Time when, std::string what) : sent(when), text(std::move(what)) {}
  Time sent;
  std::string text;
};
using Pipe = Store<Message>;

class BroadcastPipe {
public:
  explicit BroadcastPipe(Simulation& sim) : sim_(sim) {}
  Pipe& add_reader() { return readers_.emplace_back(sim_); }
  void put(const Message& message) {
    for (Pipe& reader : readers_) reader.try_put(message);
  }

private:
  Simulation& sim_;
  std::deque<Pipe> readers_;
};

Process generator(Simulation& sim, PythonRandom& random, BroadcastPipe& pipe) {
  for (;;) {
    co_await seconds(random.randint(6, 10));
    const double now = sim.now() / seconds(1);
    pipe.put(Message(sim.now(), fmt::format("Generator A says hello at {}", now)));
  }
}

Process consumer(Simulation& sim, PythonRandom& random, std::string name, Pipe& pipe,
                 std::ostream& out) {
  for (;;) {
    const Message message = co_await pipe.get();
    const double now = sim.now() / seconds(1);
    if (message.sent < sim.now())
      fmt::print(out, "LATE Getting Message: at time {}: {} received message: {}\n", now, name,
                 message.text);
    else
      fmt::print(out, "at time {}: {} received message: {}.\n", now, name, message.text);
    co_await seconds(random.randint(4, 8));
  }
}

void communicate(std::ostream& out, PythonRandom& random, const std::vector<std::string>& readers) {
  fmt::print(out, "\nOne-to-{} pipe communication\n\n", readers.size() == 1 ? "one" : "many");
  Simulation sim;
  BroadcastPipe pipe(sim);
  sim.spawn("generator", generator(sim, random, pipe));
  for (const std::string& name : readers)
    sim.spawn(name, consumer(sim, random, name, pipe.add_reader(), out));
  sim.run_until(seconds(100) - nanoseconds(1));
}

} // namespace

void process_communication(std::ostream& out) {
  fmt::print(out, "Process communication\n");
  PythonRandom random(42);
  communicate(out, random, {"Consumer A"});
  communicate(out, random, {"Consumer A", "Consumer B"});
}

} // namespace windtunnel::examples
