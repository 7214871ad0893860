// Models that users of other engines know, as programs on this one. The first seven are SimPy's
// documented examples and print their transcripts; README.md says how they are compared.
#pragma once

#include <cstdint>
#include <iosfwd>
#include <vector>

#include "libsim/engine/simulation.hpp"

namespace windtunnel::examples {

using namespace windtunnel::engine;

void bank_renege(std::ostream& out);
void car_wash(std::ostream& out);
void event_latency(std::ostream& out);
void gas_station(std::ostream& out);
void machine_shop(std::ostream& out);
void movie_renege(std::ostream& out);
void process_communication(std::ostream& out);

struct Mm1Result {
  double mean_sojourn = 0; ///< seconds
  double utilisation = 0;
  Time sojourns{};      ///< of all customers together
  Time customer_time{}; ///< customers inside, integrated over time
};
/// `customers` with services of mean 1 s and gaps of mean 1 s / load.
Mm1Result mm1(double load, int customers, std::uint64_t replication);

struct PholdResult {
  std::vector<std::uint64_t> received; ///< by process
  std::uint64_t sent_away = 0, fired = 0;
  std::size_t in_flight = 0;
  bool operator==(const PholdResult&) const = default;
};
PholdResult phold(std::size_t processes, Time end, std::uint64_t seed);

} // namespace windtunnel::examples
