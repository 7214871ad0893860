#include "models/training/training_job.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "libsim/base/check.hpp"
#include "libsim/base/error.hpp"

namespace windtunnel::training {

using engine::Event;
using engine::Process;
using usage::NodeUse;

TrainingJob::TrainingJob(engine::Simulation& sim, eks::NodePool& pool, Config config)
    : sim_(sim), pool_(pool), config_(std::move(config)),
      failures_(sim.stream("failures/" + config_.name)),
      marks_(sim.stream("failure-classes/" + config_.name)),
      recovery_(sim.stream("recovery/" + config_.name)) {
  const std::string group = "TrainingJob " + config_.name;
  lane_ = trace::lane_of(config_.timeline, group, "run");
  failure_lane_ = trace::lane_of(config_.timeline, group, "failures");
  steps_kept_ = trace::counter_of(config_.timeline, group, "steps kept", {"steps"});
  checkpoints_ = trace::counter_of(config_.timeline, group, "checkpoints written", {"checkpoints"});
  WT_CHECK(config_.steps > 0 && config_.step > Time{} && config_.steps_per_checkpoint > 0,
           "a training job needs steps, a step time and a checkpoint interval");
  result_.by_class.resize(config_.profile.classes.size());
}

void TrainingJob::show(NodeUse use, std::string_view what, Time begin, Time end, int nodes) const {
  if (lane_ && end > begin) lane_.span(what, to_string(use), begin, end, {{"nodes", nodes}});
}

void TrainingJob::book_since(Time begin, NodeUse use, std::string_view what, int nodes) {
  result_.nodes.add(use, nodes, sim_.now() - begin);
  show(use, what, begin, sim_.now(), nodes);
}

void TrainingJob::book_stretch(const Stretch& stretch, Time begin) {
  const Time useful = config_.step * stretch.steps_kept;
  const Time stalls = stretch.span - stretch.lost - useful;
  result_.nodes.add(NodeUse::useful, config_.nodes, useful);
  result_.nodes.add(NodeUse::checkpoint, config_.nodes, stalls);
  result_.nodes.add(NodeUse::lost_work, config_.nodes, stretch.lost);
  result_.stalled += stalls;
  result_.lost_work += stretch.lost;
  result_.checkpoints += stretch.checkpoints;
  if (!lane_) return;
  const Time kept_until = begin + useful + stalls - stretch.last_write;
  const Time write_from = kept_until + stretch.lost;
  if (kept_until > begin)
    lane_.span("training", to_string(NodeUse::useful), begin, kept_until,
               {{"nodes", config_.nodes},
                {"steps", stretch.steps_kept},
                {"checkpoints", stretch.checkpoints},
                {"checkpoint_ns", (stalls - stretch.last_write).ns()}});
  show(NodeUse::lost_work, "lost work", kept_until, write_from, config_.nodes);
  show(NodeUse::checkpoint, "checkpoint", write_from, sim_.now(), config_.nodes);
  steps_kept_.set(sim_.now(), {steps_done_});
  checkpoints_.set(sim_.now(), {result_.checkpoints});
}

/// A job that needs a hundred times its time without failures, or a century, will never end.
void TrainingJob::require_hope(double seconds_ahead) const {
  const double cycles = std::ceil(double(config_.steps) / double(config_.steps_per_checkpoint));
  const double alone =
      config_.step.seconds() * double(config_.steps) + config_.checkpoint.stall.seconds() * cycles;
  constexpr double day = 86400, century = 100 * 365.25 * day;
  const double most = std::min(result_.admitted.seconds() + 100 * alone + 30 * day, century);
  if (sim_.now().seconds() + seconds_ahead <= most) return;
  throw ModelError(fmt::format("it has done {} of {} steps and needs {:.3g} days of training: "
                               "failures come faster than it recovers, or it stands still for "
                               "checkpoints",
                               steps_done_, config_.steps, alone / day));
}

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

/// Training from now until the work is done or `limit`, whichever is first.
TrainingJob::Stretch TrainingJob::train_until(Time limit) const {
  const std::int64_t left = config_.steps - steps_done_, k = config_.steps_per_checkpoint;
  const Time step = config_.step, stall = config_.checkpoint.stall;
  // The last steps need no checkpoint of the cycle after them: the final model is written once.
  const std::int64_t cycles = (left - 1) / k;
  require_hope(step.seconds() * double(left) + stall.seconds() * double(cycles + 1));
  const Time whole = step * left + stall * (cycles + 1);
  if (limit == Time::max() || sim_.now() + whole <= limit)
    return {.span = whole, .steps_kept = left, .checkpoints = cycles + 1, .finished = true};
  const Time span = limit - sim_.now(), cycle = step * k + stall;
  if (config_.profile.classes[class_].planned) return train_until_planned(span, cycle);
  const std::int64_t begun = span.ns() / cycle.ns(); // cycles whose stall is over
  // Checkpoint c begins at c * cycle + k * step and counts persist later.
  const Time safe_after = step * k + config_.checkpoint.persist;
  std::int64_t safe = span < safe_after ? 0 : (span - safe_after).ns() / cycle.ns() + 1;
  safe = std::min(safe, begun);
  return {.span = span, .lost = span - cycle * safe, .steps_kept = safe * k, .checkpoints = begun};
}

/// A planned interruption after `span`: the steps done by then are written first and kept.
TrainingJob::Stretch TrainingJob::train_until_planned(Time span, Time cycle) const {
  const std::int64_t k = config_.steps_per_checkpoint;
  const std::int64_t begun = span.ns() / cycle.ns();
  const Time rest = span - cycle * begun;
  const std::int64_t steps = begun * k + std::min(k, rest.ns() / config_.step.ns());
  const Time stalls = config_.checkpoint.stall * begun, write = config_.checkpoint.persist;
  return {.span = span + write,
          .lost = span - config_.step * steps - stalls, // the step cut short, or a stall
          .last_write = write,
          .steps_kept = steps,
          .checkpoints = begun + 1};
}

const char* TrainingJob::stage_name(std::size_t stage, bool from_checkpoint) const {
  if (stage < config_.recovery.stages.size()) return config_.recovery.stages[stage].name.c_str();
  return from_checkpoint ? "communicators and checkpoint load" : "communicators";
}

Process TrainingJob::run() {
  const failures::RecoveryModel& recovery = config_.recovery;
  const Event admitted = pool_.acquire(config_.nodes);
  co_await admitted;
  result_.admitted = sim_.now();
  if (sim_.now() > Time{}) lane_.span("waiting for nodes", "queued", Time{}, sim_.now());
  draw_failure();
  bool first_start = true, from_checkpoint = false;
  for (;;) {
    require_hope(0);
    // Start or restart: every stage must pass, without a failure meanwhile.
    const NodeUse use = first_start ? NodeUse::start : NodeUse::restart;
    const Time begin = sim_.now();
    bool up = true;
    for (std::size_t i = 0; up && i < recovery.stages.size() + 1; ++i) {
      const Time stage_begin = sim_.now();
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
      show(use, stage_name(i, from_checkpoint), stage_begin, sim_.now(), config_.nodes);
      up = passes;
    }
    book_since(begin, use, to_string(use), config_.nodes);
    if (!first_start) result_.restarting += sim_.now() - begin;
    if (!up && !struck()) continue; // a stage failed: the chain begins again

    if (up) {
      first_start = false;
      const Time stretch_begin = sim_.now();
      const Stretch stretch = train_until(failure_.at);
      steps_done_ += stretch.steps_kept;
      from_checkpoint = from_checkpoint || steps_done_ > 0;
      co_await stretch.span;
      book_stretch(stretch, stretch_begin);
      if (stretch.finished) break;
    }

    // A failure: what, when seen, what is done about it.
    const failures::FailureClass& failed = config_.profile.classes[class_];
    ++result_.by_class[class_];
    ++(failed.planned ? result_.planned : result_.interruptions);
    const int victim = failure_.node;
    failure_lane_.instant(failed.name, failed.planned ? "planned" : "failure", failure_.at,
                          {{"node", victim}});
    draw_failure(); // the next one may strike while this one is being repaired
    const Time detection_begin = sim_.now();
    const Time detection = failed.detection.sample(recovery_);
    co_await detection;
    book_since(detection_begin, NodeUse::detection, "detection", config_.nodes);
    const Time repair_begin = sim_.now();
    if (failed.recovery == failures::Recovery::replace) {
      bool swapped = false;
      const Event replaced = pool_.replace_one(&swapped);
      co_await replaced;
      // The failed node has left and its replacement is booked by the pool.
      book_since(repair_begin, NodeUse::no_nodes, "waiting for a node", config_.nodes - 1);
      const Time swap_begin = sim_.now();
      const Time swap = recovery.spare_swap.sample(recovery_);
      co_await swap;
      book_since(swap_begin, NodeUse::restart, "spare swap", config_.nodes);
      config_.law->replaced(victim, sim_.now());
      if (failure_.node == victim) draw_failure();
    } else if (failed.recovery == failures::Recovery::reboot) {
      const Time reboot = recovery.reboot.sample(recovery_);
      co_await reboot;
      book_since(repair_begin, NodeUse::restart, "reboot", config_.nodes);
    }
    result_.restarting += detection + (sim_.now() - repair_begin);
  }
  result_.finished = sim_.now();
  pool_.release(config_.nodes);
}

} // namespace windtunnel::training
