#include "scenarios/validation/oracle_simulations.hpp"

#include <cmath>
#include <deque>

#include "models/training/training_job.hpp"

namespace windtunnel::scenarios {
namespace {

using engine::Simulation;

/// The queue as plain events. Areas under the curves give the identities.
class Queue {
public:
  Queue(const QueueSetup& setup, std::uint64_t seed, std::uint64_t replication)
      : setup_(setup), sim_(seed, replication), gaps_(sim_.stream("gaps")),
        services_(sim_.stream("services")) {}

  QueueResult run() {
    schedule_arrival();
    sim_.run();
    QueueResult r;
    const double n = measured_;
    r.mean_wait = total_wait_ / n;
    r.waiting_share = waited_ / n;
    r.loss_share = lost_ / (n + lost_);
    // From an empty system to an empty one the laws hold exactly, customer by customer.
    const double span = sim_.now().seconds();
    const double through = served_ / span;
    r.littles_law = area_system_ / span - through * (total_sojourn_ / served_);
    r.flow_balance = arrived_ - lost_all_ - served_;
    r.utilisation = area_busy_ / span - through * (total_service_ / served_);
    return r;
  }

private:
  double draw_service() {
    if (setup_.service_cv2 == 0) return setup_.service_mean;
    if (setup_.service_cv2 == 1) return services_.exponential(setup_.service_mean);
    const double s2 = std::log(1 + setup_.service_cv2);
    return services_.lognormal(setup_.service_mean * std::exp(-s2 / 2), std::sqrt(s2));
  }
  void schedule_arrival() {
    if (arrived_ == setup_.customers) return;
    sim_.after(seconds(gaps_.exponential(1 / setup_.arrival_rate)), [this] { arrive(); });
  }
  void account() {
    const double span = (sim_.now() - last_).seconds();
    area_system_ += span * (busy_ + static_cast<double>(queue_.size()));
    area_busy_ += span * busy_;
    last_ = sim_.now();
  }
  void arrive() {
    account();
    const bool counted = arrived_++ >= setup_.warm_up;
    if (busy_ < setup_.servers) {
      start(sim_.now(), counted);
    } else if (setup_.waiting_room) {
      queue_.push_back({sim_.now(), counted});
    } else {
      ++lost_all_;
      lost_ += counted ? 1 : 0;
    }
    schedule_arrival();
  }
  void start(Time arrived, bool counted) {
    ++busy_;
    const double wait = (sim_.now() - arrived).seconds();
    if (counted) {
      ++measured_;
      total_wait_ += wait;
      waited_ += wait > 0 ? 1 : 0;
    }
    const Time service = seconds(draw_service());
    total_service_ += service.seconds();
    sim_.after(service, [this, arrived] { leave(arrived); });
  }
  void leave(Time arrived) {
    account();
    --busy_;
    ++served_;
    total_sojourn_ += (sim_.now() - arrived).seconds();
    if (queue_.empty()) return;
    const auto [next, counted] = queue_.front();
    queue_.pop_front();
    start(next, counted);
  }

  QueueSetup setup_;
  Simulation sim_;
  RandomStream gaps_, services_;
  std::deque<std::pair<Time, bool>> queue_;
  int arrived_ = 0, busy_ = 0;
  double measured_ = 0, waited_ = 0, lost_ = 0, lost_all_ = 0, served_ = 0;
  double total_wait_ = 0, total_sojourn_ = 0, total_service_ = 0;
  double area_system_ = 0, area_busy_ = 0;
  Time last_{};
};

} // namespace

QueueResult simulate_queue(const QueueSetup& setup, std::uint64_t seed, std::uint64_t replication) {
  return Queue(setup, seed, replication).run();
}

RepairResult simulate_machine_repair(int machines, double failure_rate, double repair_rate,
                                     int crews, int spares, double horizon, std::uint64_t seed,
                                     std::uint64_t replication) {
  Simulation sim(seed, replication);
  RandomStream random = sim.stream("repair");
  int down = 0, repairing = 0;
  double area = 0, enough = 0;
  Time last{};
  const double begin = horizon / 10; // warm-up from all machines up
  const auto account = [&] {
    const double from = std::max(last.seconds(), begin), to = sim.now().seconds();
    if (to > from) {
      area += (to - from) * down;
      enough += (to - from) * (down <= spares ? 1 : 0);
    }
    last = sim.now();
  };
  std::function<void()> fail, repair, begin_repair;
  begin_repair = [&] {
    if (repairing == crews || repairing == down) return;
    ++repairing;
    sim.after(seconds(random.exponential(1 / repair_rate)), [&repair] { repair(); });
  };
  const auto arm = [&] {
    sim.after(seconds(random.exponential(1 / failure_rate)), [&fail] { fail(); });
  };
  fail = [&] {
    account();
    ++down;
    begin_repair();
  };
  repair = [&] {
    account();
    --down;
    --repairing;
    arm();
    begin_repair();
  };
  for (int i = 0; i < machines; ++i) arm();
  sim.run_until(seconds(horizon));
  account();
  return {area / (horizon - begin), enough / (horizon - begin)};
}

double simulate_checkpoints(double tau_s, double checkpoint_s, double restart_s, double mtbf_s,
                            int segments, std::uint64_t seed, std::uint64_t replication) {
  using training::TrainingJob;
  Simulation sim(seed, replication);
  eks::NodePool pool(
      sim, {.name = "p", .count = 1, .spares = 0, .image = {}, .image_pull = "prefetched"});
  TrainingJob::Config config;
  config.name = "job";
  config.nodes = 1;
  config.gpus_per_node = 1;
  config.step = seconds(tau_s);
  config.steps_per_checkpoint = 1;
  config.steps = segments;
  config.checkpoint = {
      .size = {}, .stall = seconds(checkpoint_s), .persist = seconds(checkpoint_s), .load = {}};
  failures::FailureClass crash;
  crash.name = "crash";
  crash.per_gpu_hour = 3600 / mtbf_s;
  config.profile.classes.push_back(crash);
  // The formula has no first start: the job starts in no time, restarts take restart_s.
  config.recovery.stages.push_back({"diagnosis", {.median = seconds(restart_s)}, 1});
  config.law = failures::make_law("exponential", {1, 3600 / mtbf_s, 1});
  TrainingJob job(sim, pool, std::move(config));
  sim.spawn("job", job.run());
  sim.run();
  const TrainingJob::Result& r = job.result();
  return (r.finished - r.admitted).seconds() / (tau_s * segments);
}

double simulate_availability(double shape, double scale, double repair_mean, double horizon,
                             std::uint64_t seed, std::uint64_t replication) {
  Simulation sim(seed, replication);
  RandomStream random = sim.stream("renewal");
  double up_time = 0;
  const double limit = horizon;
  std::function<void()> up, down;
  constexpr double sigma = 1.0; // any law: log-normal of sigma 1
  up = [&] {
    const double life = random.weibull(shape, scale);
    up_time += std::max(0.0, std::min(life, limit - sim.now().seconds()));
    sim.after(seconds(life), [&down] { down(); });
  };
  down = [&] {
    const double repair = random.lognormal(repair_mean * std::exp(-sigma * sigma / 2), sigma);
    sim.after(seconds(repair), [&up] { up(); });
  };
  up();
  sim.run_until(seconds(horizon));
  return up_time / horizon;
}

} // namespace windtunnel::scenarios
