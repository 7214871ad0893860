#include "models/training/training_job.hpp"

#include <algorithm>

#include "libsim/base/check.hpp"

namespace windtunnel::training {

using engine::Event;
using engine::Process;
using usage::NodeUse;

TrainingJob::TrainingJob(engine::Simulation& sim, eks::NodePool& pool, Config config)
    : sim_(sim), pool_(pool), config_(std::move(config)),
      failures_(sim.stream("failures/" + config_.name)),
      marks_(sim.stream("failure-classes/" + config_.name)),
      recovery_(sim.stream("recovery/" + config_.name)) {
  WT_CHECK(config_.steps > 0 && config_.step > Time{} && config_.steps_per_checkpoint > 0,
           "a training job needs steps, a step time and a checkpoint interval");
  result_.by_class.resize(config_.profile.classes.size());
}

void TrainingJob::book(NodeUse use, Time span, int nodes) { result_.nodes.add(use, nodes, span); }

void TrainingJob::draw_failure() {
  failure_ = config_.law->next(sim_.now(), failures_);
  if (failure_.at != Time::max()) class_ = draw_class();
}

std::size_t TrainingJob::draw_class() {
  double u = marks_.uniform() * config_.profile.per_gpu_hour();
  for (std::size_t i = 0; i + 1 < config_.profile.classes.size(); ++i) {
    u -= config_.profile.classes[i].per_gpu_hour;
    if (u < 0) return i;
  }
  return config_.profile.classes.size() - 1;
}

/// Trains from now until the work is done or `limit`, whichever is first, and books the time.
TrainingJob::Stretch TrainingJob::train_until(Time limit) {
  const std::int64_t left = config_.steps - steps_done_, k = config_.steps_per_checkpoint;
  const Time step = config_.step, stall = config_.checkpoint.stall;
  // The last steps need no checkpoint of the cycle after them: the final model is written once.
  const std::int64_t cycles = (left - 1) / k;
  const Time whole = step * left + stall * (cycles + 1);
  Stretch stretch;
  if (limit == Time::max() || sim_.now() + whole <= limit) {
    stretch = {whole, left, true};
    result_.checkpoints += cycles + 1;
    result_.stalled += stall * (cycles + 1);
    book(NodeUse::useful, step * left, config_.nodes);
    book(NodeUse::checkpoint, stall * (cycles + 1), config_.nodes);
    return stretch;
  }
  const Time span = limit - sim_.now(), cycle = step * k + stall;
  if (config_.profile.classes[class_].planned) return train_until_planned(span, cycle);
  const std::int64_t begun = span.ns() / cycle.ns(); // cycles whose stall is over
  // Checkpoint c begins at c * cycle + k * step and counts persist later.
  const Time safe_after = step * k + config_.checkpoint.persist;
  std::int64_t safe = span < safe_after ? 0 : (span - safe_after).ns() / cycle.ns() + 1;
  safe = std::min(safe, begun);
  const Time kept = cycle * safe, lost = span - kept;
  stretch = {span, safe * k, false};
  result_.checkpoints += begun;
  result_.stalled += stall * safe;
  result_.lost_work += lost;
  book(NodeUse::useful, step * (safe * k), config_.nodes);
  book(NodeUse::checkpoint, stall * safe, config_.nodes);
  book(NodeUse::lost_work, lost, config_.nodes);
  return stretch;
}

/// A planned interruption after `span`: the steps done by then are written first and kept.
TrainingJob::Stretch TrainingJob::train_until_planned(Time span, Time cycle) {
  const std::int64_t k = config_.steps_per_checkpoint;
  const std::int64_t begun = span.ns() / cycle.ns();
  const Time rest = span - cycle * begun;
  const std::int64_t steps = begun * k + std::min(k, rest.ns() / config_.step.ns());
  const Time stalls = config_.checkpoint.stall * begun, write = config_.checkpoint.persist;
  result_.checkpoints += begun + 1;
  result_.stalled += stalls + write;
  book(NodeUse::useful, config_.step * steps, config_.nodes);
  book(NodeUse::checkpoint, stalls + write, config_.nodes);
  const Time lost = span - config_.step * steps - stalls; // the step cut short, or a stall
  result_.lost_work += lost;
  book(NodeUse::lost_work, lost, config_.nodes);
  return {span + write, steps, false};
}

Process TrainingJob::run() {
  const failures::RecoveryModel& recovery = config_.recovery;
  const Event admitted = pool_.acquire(config_.nodes);
  co_await admitted;
  result_.admitted = sim_.now();
  draw_failure();
  bool first_start = true, from_checkpoint = false;
  for (;;) {
    // Start or restart: every stage must pass, without a failure meanwhile.
    const NodeUse use = first_start ? NodeUse::start : NodeUse::restart;
    const Time begin = sim_.now();
    bool up = true;
    for (std::size_t i = 0; up && i < recovery.stages.size() + 1; ++i) {
      Time span;
      bool passes = true;
      if (i < recovery.stages.size()) {
        const failures::RestartStage& stage = recovery.stages[i];
        span = first_start && stage.name == "diagnosis" ? Time{} : stage.delay.sample(recovery_);
        passes = stage.success >= 1 || recovery_.uniform() < stage.success;
      } else {
        span = recovery.nccl_base +
               recovery.nccl_per_gpu * (std::int64_t{config_.nodes} * config_.gpus_per_node);
        if (from_checkpoint) span += config_.checkpoint.load;
      }
      if (failure_.at < sim_.now() + span) {
        span = std::max(failure_.at - sim_.now(), Time{});
        passes = false;
      }
      co_await span;
      up = passes;
    }
    book(use, sim_.now() - begin, config_.nodes);
    if (!first_start) result_.restarting += sim_.now() - begin;
    if (!up && !struck()) continue; // a stage failed: the chain begins again

    if (up) {
      first_start = false;
      const Stretch stretch = train_until(failure_.at);
      steps_done_ += stretch.steps_kept;
      from_checkpoint = from_checkpoint || steps_done_ > 0;
      co_await stretch.span;
      if (stretch.finished) break;
    }

    // A failure: what, when seen, what is done about it.
    const failures::FailureClass& failed = config_.profile.classes[class_];
    ++result_.by_class[class_];
    ++(failed.planned ? result_.planned : result_.interruptions);
    const int victim = failure_.node;
    draw_failure(); // the next one may strike while this one is being repaired
    const Time detection = failed.detection.sample(recovery_);
    co_await detection;
    book(NodeUse::detection, detection, config_.nodes);
    const Time repair_begin = sim_.now();
    if (failed.recovery == failures::Recovery::replace) {
      bool swapped = false;
      const Event replaced = pool_.replace_one(&swapped);
      co_await replaced;
      const Time waited = sim_.now() - repair_begin;
      // The failed node has left and its replacement is booked by the pool.
      book(NodeUse::no_nodes, waited, config_.nodes - 1);
      const Time swap = recovery.spare_swap.sample(recovery_);
      co_await swap;
      book(NodeUse::restart, swap, config_.nodes);
      config_.law->replaced(victim, sim_.now());
      if (failure_.node == victim) draw_failure();
    } else if (failed.recovery == failures::Recovery::reboot) {
      const Time reboot = recovery.reboot.sample(recovery_);
      co_await reboot;
      book(NodeUse::restart, reboot, config_.nodes);
    }
    result_.restarting += detection + (sim_.now() - repair_begin);
  }
  result_.finished = sim_.now();
  pool_.release(config_.nodes);
}

} // namespace windtunnel::training
