// Cars queue for the two machines of a car wash. Times are minutes.
#include <fmt/ostream.h>

#include "libsim/engine/resource.hpp"
#include "tests/libsim/examples/examples.hpp"
#include "tests/libsim/examples/python_random.hpp"

namespace windtunnel::examples {
namespace {

class CarWash {
public:
  explicit CarWash(std::ostream& out) : out_(out) { sim_.spawn("arrivals", arrivals()); }
  void run_before(Time end) { sim_.run_until(end - nanoseconds(1)); }

private:
  Process arrivals() {
    for (int i = 0; i < 4; ++i) arrive();
    for (;;) {
      co_await minutes(random_.randint(7 - 2, 7 + 2));
      arrive();
    }
  }
  void arrive() {
    const std::string name = fmt::format("Car {}", cars_++);
    fmt::print(out_, "{} arrives at the carwash at {:.2f}.\n", name, now());
    sim_.spawn(name, car(name));
  }
  Process car(std::string name) {
    const Lease machine = co_await machines_.request();
    fmt::print(out_, "{} enters the carwash at {:.2f}.\n", name, now());
    const ProcessRef washing = sim_.spawn("wash", wash(name));
    co_await washing;
    fmt::print(out_, "{} leaves the carwash at {:.2f}.\n", name, now());
  }
  Process wash(std::string name) {
    co_await minutes(5);
    fmt::print(out_, "Carwash removed {}% of {}'s dirt.\n", random_.randint(50, 99), name);
  }
  double now() const { return sim_.now() / minutes(1); }

  std::ostream& out_;
  Simulation sim_;
  PythonRandom random_{42};
  Resource machines_{sim_, 2};
  int cars_ = 0;
};

} // namespace

void car_wash(std::ostream& out) {
  fmt::print(out, "Carwash\nCheck out http://youtu.be/fXXmeP9TvBg while simulating ... ;-)\n");
  CarWash(out).run_before(minutes(20));
}

} // namespace windtunnel::examples
