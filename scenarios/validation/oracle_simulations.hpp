// The oracles that the engine can simulate, as replications on libsim/engine: each returns one
// independent estimate a replication, whose mean must meet the closed form (|z| < 3.5).
#pragma once

#include <cstdint>

#include "libsim/base/random.hpp"

namespace windtunnel::scenarios {

/// One replication of a queue: Poisson arrivals, c servers, FIFO.
struct QueueSetup {
  double arrival_rate = 0;
  double service_mean = 1;
  double service_cv2 = 1; ///< 1: exponential, 0: constant, else log-normal
  int servers = 1;
  bool waiting_room = true; ///< false: arrivals that find all servers busy are lost
  int customers = 20000, warm_up = 2000;
};
struct QueueResult {
  double mean_wait = 0, waiting_share = 0, loss_share = 0;
  // Identities over the measured interval, each the relative residual of one law.
  double littles_law = 0, flow_balance = 0, utilisation = 0;
};
QueueResult simulate_queue(const QueueSetup& setup, std::uint64_t seed, std::uint64_t replication);

/// Time-average of down machines, and the share of time in which at most `spares` are down.
struct RepairResult {
  double mean_down = 0, enough = 0;
};
RepairResult simulate_machine_repair(int machines, double failure_rate, double repair_rate,
                                     int crews, int spares, double horizon, std::uint64_t seed,
                                     std::uint64_t replication);

/// Run time over work of a job under exponential failures (training::TrainingJob itself).
double simulate_checkpoints(double tau_s, double checkpoint_s, double restart_s, double mtbf_s,
                            int segments, std::uint64_t seed, std::uint64_t replication);

/// Share of time up of a Weibull / log-normal alternating process.
double simulate_availability(double shape, double scale, double repair_mean, double horizon,
                             std::uint64_t seed, std::uint64_t replication);

} // namespace windtunnel::scenarios
