// PHOLD: a fixed population of messages hops between logical processes. Whoever gets one sends one,
// 0.1 s + Exp(0.9 s) later, to itself or, one time in four, to anybody.
#include "tests/libsim/examples/examples.hpp"

namespace windtunnel::examples {
namespace {

class Phold {
public:
  Phold(Simulation& sim, std::size_t processes) : sim_(sim), received_(processes) {
    for (std::size_t i = 0; i < processes; ++i) {
      random_.push_back(sim.stream("process " + std::to_string(i)));
      send(i, i);
    }
  }
  const std::vector<std::uint64_t>& received() const { return received_; }
  std::uint64_t sent_away() const { return sent_away_; }

private:
  void send(std::size_t from, std::size_t to) {
    const Time delay = seconds(0.1 + random_[from].exponential(0.9));
    sim_.after(delay, [this, to] { receive(to); });
  }
  void receive(std::size_t i) {
    ++received_[i];
    const bool away = random_[i].below(4) == 0;
    sent_away_ += away;
    send(i, away ? random_[i].below(received_.size()) : i);
  }

  Simulation& sim_;
  std::vector<RandomStream> random_;
  std::vector<std::uint64_t> received_;
  std::uint64_t sent_away_ = 0;
};

} // namespace

PholdResult phold(std::size_t processes, Time end, std::uint64_t seed) {
  Simulation sim(seed);
  Phold model(sim, processes);
  sim.run_until(end);
  return {.received = model.received(),
          .sent_away = model.sent_away(),
          .fired = sim.events_fired(),
          .in_flight = sim.events_pending()};
}

} // namespace windtunnel::examples
