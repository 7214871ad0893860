// FailureProfile: what interrupts a job, how often, and what the cluster does about it.
//
// Rates are per GPU-hour of the job and add up over classes (marked superposition; rates of
// Llama 3 table 5, facts with their source in data/). The rate of a whole fleet is uncertain by a
// factor (a log-normal prior with `sigma_ln`, drawn once per replication), apart from the chance of
// single failures.
#pragma once

#include <string>
#include <vector>

#include "models/failures/delay.hpp"

namespace windtunnel::failures {

enum class Recovery {
  restart, ///< the job starts again on the same nodes
  reboot,  ///< the node reboots first
  replace, ///< the node is replaced: a spare, else a new instance
};

struct FailureClass {
  std::string name;
  double per_gpu_hour = 0;
  std::string blast_radius; ///< "gpu", "node", "leaf", "job"
  Recovery recovery = Recovery::restart;
  bool planned = false; ///< announced: a checkpoint is written first, nothing is lost
  Delay detection;
};

/// A stage between the notice of a failure and the next training step.
struct RestartStage {
  std::string name;
  Delay delay;
  double success = 1; ///< probability; a failed stage starts the chain again
};

struct FailureProfile {
  std::string name;
  std::vector<FailureClass> classes;
  double sigma_ln = 0; ///< of the fleet's rate
  std::string source, retrieved, note;

  double per_gpu_hour() const; ///< all classes
  double unplanned_per_gpu_hour() const;
};

/// How a job comes back, common to all profiles.
struct RecoveryModel {
  std::vector<RestartStage> stages; ///< each restart passes them in order
  Delay spare_swap;                 ///< a ready spare takes the place of a failed node
  Delay reboot;
  Time nccl_base{};    ///< rendezvous and communicator set-up ...
  Time nccl_per_gpu{}; ///< ... growing with the job
  std::string source, retrieved, note;
};

/// Built-in profiles; nullptr for an unknown name.
const FailureProfile* profile(const std::string& name);
std::vector<std::string> profile_names();
const RecoveryModel& recovery_model();

} // namespace windtunnel::failures
