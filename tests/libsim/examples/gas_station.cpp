// Cars refuel at two pumps on one tank; when the tank runs low, a truck is called to fill it. Fuel
// is litres, times are seconds.
#include <fmt/ostream.h>

#include "libsim/engine/container.hpp"
#include "libsim/engine/resource.hpp"
#include "libsim/engine/task.hpp"
#include "tests/libsim/examples/examples.hpp"
#include "tests/libsim/examples/python_random.hpp"

namespace windtunnel::examples {
namespace {

struct GasStation {
  std::ostream& out;
  Simulation sim{};
  PythonRandom random{42};
  Resource pumps{sim, 2};
  Container tank{sim, 200, 200};
  double now() const { return sim.now().seconds(); }
};

Process car(GasStation& station, std::string name) {
  const int fuel = 50 - station.random.randint(5, 25);
  fmt::print(station.out, "{:6.1f} s: {} arrived at gas station\n", station.now(), name);
  const Lease pump = co_await station.pumps.request();
  co_await station.tank.get(fuel);
  co_await seconds(fuel / 2.0);
  fmt::print(station.out, "{:6.1f} s: {} refueled with {}.0L\n", station.now(), name, fuel);
}

Process arrivals(GasStation& station) {
  for (int i = 0;; ++i) {
    co_await seconds(station.random.randint(30, 300));
    const std::string name = fmt::format("Car {}", i);
    station.sim.spawn(name, car(station, name));
  }
}

Task<> tank_truck(GasStation& station) {
  co_await seconds(300);
  const std::int64_t amount = station.tank.capacity() - station.tank.level();
  co_await station.tank.put(amount);
  fmt::print(station.out, "{:6.1f} s: Tank truck arrived and refuelled station with {}.0L\n",
             station.now(), amount);
}

Process control(GasStation& station) {
  for (;;) {
    if (station.tank.level() * 4 < station.tank.capacity()) {
      fmt::print(station.out, "{:6.1f} s: Calling tank truck\n", station.now());
      co_await tank_truck(station);
    }
    co_await seconds(10);
  }
}

} // namespace

void gas_station(std::ostream& out) {
  fmt::print(out, "Gas Station refuelling\n");
  GasStation station{out};
  station.sim.spawn("control", control(station));
  station.sim.spawn("arrivals", arrivals(station));
  station.sim.run_until(seconds(1000) - nanoseconds(1));
}

} // namespace windtunnel::examples
