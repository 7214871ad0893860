// TrainingJob: one training run on the clock: nodes, start, steps, checkpoints, failures, restarts.
//
// Between interruptions nothing is random, so a whole stretch of steps and checkpoints is one event
// (design decision 3): cost grows with what changes. A cycle is k steps and the checkpoint after
// them. A failure throws training back to the last checkpoint that was persisted by then; the time
// since splits exactly into lost steps, lost stalls and detection. Failures strike while the job
// holds its nodes, restarts included; a stage that fails, or is struck, begins the restart again.
// Planned interruptions write a checkpoint first and lose nothing.
//
// Every nanosecond from admission to the end is booked to one NodeUse, times the nodes held. On a
// timeline each is one span whose category is the NodeUse and whose argument `nodes` counts them;
// the span of a stretch of training includes its checkpoints (argument checkpoint_ns): there may be
// a hundred thousand.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "libsim/engine/process.hpp"
#include "libsim/trace/timeline.hpp"
#include "models/eks/node_pool.hpp"
#include "models/failures/failure_law.hpp"
#include "models/failures/failure_profile.hpp"
#include "models/training/checkpoint.hpp"
#include "models/usage/usage.hpp"

namespace windtunnel::training {

class TrainingJob {
public:
  struct Config {
    std::string name;
    int nodes = 0;
    int gpus_per_node = 8;
    std::int64_t steps = 0;
    Time step{};
    std::int64_t steps_per_checkpoint = 0;
    CheckpointCost checkpoint;
    failures::FailureProfile profile; ///< rates as they hold in this replication
    failures::RecoveryModel recovery;
    std::unique_ptr<failures::FailureLaw> law;
    trace::Timeline* timeline = nullptr; ///< records what the job did when set; outlives it
  };

  struct Result {
    Time admitted{}, finished{};
    usage::NodeTime nodes;
    std::int64_t interruptions = 0, planned = 0; ///< unplanned ones, planned ones
    std::vector<std::int64_t> by_class;          ///< as profile.classes
    std::int64_t checkpoints = 0;                ///< written
    Time lost_work{}, restarting{}, stalled{};   ///< wall time
  };

  TrainingJob(engine::Simulation& sim, eks::NodePool& pool, Config config);
  TrainingJob(const TrainingJob&) = delete;
  TrainingJob& operator=(const TrainingJob&) = delete;

  /// The behaviour; spawn it once. *this must outlive it.
  engine::Process run();
  const Result& result() const { return result_; }
  const Config& config() const { return config_; }

private:
  /// What a stretch of training comes to: steps that count and the checkpoints between them, then
  /// what is lost, then the checkpoint before a planned interruption.
  struct Stretch {
    Time span{}; ///< all of it
    Time lost{}, last_write{};
    std::int64_t steps_kept = 0, checkpoints = 0; ///< checkpoints written
    bool finished = false;
  };
  Stretch train_until(Time limit) const;
  Stretch train_until_planned(Time span, Time cycle) const;
  void require_hope(double seconds_ahead) const;
  void book_stretch(const Stretch& stretch, Time begin);
  void book_since(Time begin, usage::NodeUse use, std::string_view what, int nodes);
  void show(usage::NodeUse use, std::string_view what, Time begin, Time end, int nodes) const;
  const char* stage_name(std::size_t stage, bool from_checkpoint) const;
  void draw_failure();
  std::size_t draw_class();
  bool struck() const { return failure_.at <= sim_.now(); }

  engine::Simulation& sim_;
  eks::NodePool& pool_;
  Config config_;
  RandomStream failures_, marks_, recovery_;
  failures::Failure failure_;   ///< the next one ...
  std::size_t class_ = 0;       ///< ... and its class
  std::int64_t steps_done_ = 0; ///< safe in a persisted checkpoint, or all
  Result result_;
  trace::Lane lane_, failure_lane_; ///< of config_.timeline
  trace::Counter steps_kept_, checkpoints_;
};

} // namespace windtunnel::training
