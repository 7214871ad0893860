#include "scenarios/world.hpp"

#include <algorithm>
#include <cmath>
#include <memory>

#include "libsim/base/check.hpp"
#include "models/network/storage_service.hpp"
#include "scenarios/check.hpp"
#include "scenarios/plan.hpp"

namespace windtunnel::scenarios {
namespace {

using training::TrainingJob;

training::CheckpointCost checkpoint_of(const TrainingWorkload& w, double parameters,
                                       const Scenario& s, const catalog::Catalog& catalog) {
  const Storage& storage = *s.storage_named(w.checkpoint.to);
  const network::StorageTier& tier = *network::storage_tier(storage.kind, storage.tier);
  const catalog::InstanceType& type =
      *catalog.instance_type(s.node_pool(w.node_pool)->instance_type);
  const int nodes = nodes_of(w, s);
  // Device to host over PCIe: every GPU copies its own shard. PCIe generation g moves 2^(g+1) GB/s
  // on 16 lanes; two thirds of that are reached with pinned memory.
  const catalog::GpuSpec& gpu = *catalog.gpu(type.accelerator);
  const double pcie = 2.0 * static_cast<double>(1 << gpu.pcie_generation.value_or(4)) * 2.0 / 3.0;
  return training::checkpoint_cost(
      {.parameters = parameters,
       .async = w.checkpoint.mode == "async",
       .write = network::write_bandwidth(tier, storage.capacity, nodes, type.network),
       .read = network::read_bandwidth(tier, storage.capacity, nodes, type.network),
       .copy_to_host = gigabytes_per_second(pcie) * (nodes * type.accelerators)});
}

/// Spot reclaims as one more class: the Advisor's monthly share of interrupted instances as a
/// hazard. The two minutes' notice saves the work when a checkpoint is through by then.
failures::FailureClass spot_reclaim(const NodePool& pool, const Scenario& s, const JobSetup& job,
                                    const catalog::Catalog& catalog) {
  const catalog::SpotAdvice* advice = catalog.spot_advice(pool.instance_type, s.region);
  WT_CHECK(advice, "check() asks for spot advice");
  const double share = 0.5 * (advice->interruption_low + advice->interruption_high).value();
  constexpr double hours_per_month = 730;
  failures::FailureClass c;
  c.name = "spot-reclaim";
  c.per_gpu_hour = -std::log1p(-share) / hours_per_month / job.gpus_per_node;
  c.blast_radius = "node";
  c.recovery = failures::Recovery::replace;
  c.planned = job.checkpoint.persist <= minutes(2);
  return c;
}

double parameters_of(const TrainingWorkload& w, const catalog::Catalog& catalog) {
  if (is_diffusion(w, catalog)) return catalog.diffusion_model(w.model)->parameters;
  return catalog.language_model(w.model)->parameters();
}

} // namespace

WorldPlan::WorldPlan(const Scenario& s, const catalog::Catalog& catalog, failures::LawFactory law)
    : scenario_(s), law_(std::move(law)) {
  for (const TrainingWorkload& w : s.workloads) {
    JobSetup job;
    job.name = w.name;
    job.pool = static_cast<std::size_t>(s.node_pool(w.node_pool) - s.node_pools.data());
    job.nodes = nodes_of(w, s);
    job.gpus_per_node = catalog.instance_type(s.node_pools[job.pool].instance_type)->accelerators;
    job.steps = static_cast<std::int64_t>(steps_of(w, catalog));
    job.step = step_of(w, s, catalog);
    job.parameters = parameters_of(w, catalog);
    job.checkpoint = checkpoint_of(w, job.parameters, s, catalog);
    job.profile = *failures::profile(s.failures.profile);
    for (failures::FailureClass& c : job.profile.classes)
      c.per_gpu_hour *= s.failures.rate_multiplier;
    const NodePool& pool = s.node_pools[job.pool];
    if (pool.purchase.kind == "spot")
      job.profile.classes.push_back(spot_reclaim(pool, s, job, catalog));
    jobs_.push_back(std::move(job));
  }
}

TrainingJob::Config WorldPlan::configure(const JobSetup& setup, double rate_factor,
                                         double step_factor, std::size_t index) const {
  const TrainingWorkload& w = scenario_.workloads[index];
  TrainingJob::Config config;
  config.name = setup.name;
  config.nodes = setup.nodes;
  config.gpus_per_node = setup.gpus_per_node;
  config.steps = setup.steps;
  config.step = setup.step.step * step_factor;
  config.profile = setup.profile;
  for (failures::FailureClass& c : config.profile.classes) c.per_gpu_hour *= rate_factor;
  config.recovery = failures::recovery_model();
  config.checkpoint = setup.checkpoint;

  const double job_failures_per_hour =
      config.profile.per_gpu_hour() * setup.nodes * setup.gpus_per_node;
  Time every = config.step * config.steps; // without failures: once, at the end
  if (w.checkpoint.every)
    every = *w.checkpoint.every;
  else if (setup.profile.per_gpu_hour() > 0) // chosen for the expected rate, which the user knows
    every = training::optimal_interval(config.checkpoint.stall,
                                       hours(rate_factor / job_failures_per_hour));
  config.steps_per_checkpoint = std::clamp<std::int64_t>(
      static_cast<std::int64_t>(std::llround(every / config.step)), 1, config.steps);
  // A write still going on when the next is due holds training up until it is through.
  const Time between = config.step * config.steps_per_checkpoint;
  config.checkpoint.stall = std::max(config.checkpoint.stall, config.checkpoint.persist - between);
  const failures::Fleet fleet{.nodes = setup.nodes,
                              .failures_per_node_hour = job_failures_per_hour / setup.nodes,
                              .shape = scenario_.failures.weibull_shape};
  config.law = law_ ? law_(fleet) : failures::make_law(scenario_.failures.law, fleet);
  return config;
}

WorldResult WorldPlan::simulate(int replication, trace::Timeline* timeline) const {
  const Scenario& s = scenario_;
  engine::Simulation sim(s.seed, static_cast<std::uint64_t>(replication));
  const auto pair = static_cast<std::uint64_t>(replication / replications_per_prior);

  std::vector<std::unique_ptr<eks::NodePool>> pools;
  for (const NodePool& pool : s.node_pools)
    pools.push_back(
        std::make_unique<eks::NodePool>(sim, eks::NodePool::Config{.name = pool.name,
                                                                   .count = pool.count,
                                                                   .spares = pool.spares,
                                                                   .image = pool.image,
                                                                   .image_pull = pool.image_pull,
                                                                   .timeline = timeline}));
  WorldResult result;
  result.jobs.resize(jobs_.size());
  std::vector<std::unique_ptr<TrainingJob>> jobs;
  std::vector<engine::ProcessRef> processes;
  std::vector<int> jobs_left(pools.size(), 0);
  RandomStream rate(s.seed, pair, "prior/failure-rate");
  const double rate_factor =
      s.failures.prior ? rate.lognormal(1, jobs_.front().profile.sigma_ln) : 1.0;
  for (std::size_t i = 0; i < jobs_.size(); ++i) {
    const JobSetup& setup = jobs_[i];
    RandomStream speed(s.seed, pair, "prior/step/" + setup.name);
    result.jobs[i].step_factor = speed.lognormal(1, setup.step.sigma_ln);
    TrainingJob::Config config = configure(setup, rate_factor, result.jobs[i].step_factor, i);
    config.timeline = timeline;
    result.jobs[i].checkpoint_interval = config.step * config.steps_per_checkpoint;
    jobs.push_back(std::make_unique<TrainingJob>(sim, *pools[setup.pool], std::move(config)));
    ++jobs_left[setup.pool];
    processes.push_back(sim.spawn(setup.name, jobs.back()->run()));
    // The last job of a pool gives its nodes back.
    engine::done(processes.back()).subscribe([&pools, &jobs_left, pool = setup.pool] {
      if (--jobs_left[pool] == 0) pools[pool]->shut_down();
    });
  }
  sim.run();
  result.events = sim.events_fired();
  // Who asks for done() answers for what left the process (a failure law of the user's may throw).
  for (const engine::ProcessRef& process : processes)
    if (const std::exception_ptr error = engine::done(process).error())
      std::rethrow_exception(error);
  if (const auto stuck = sim.unfinished_processes(); !stuck.empty())
    throw SimulationError("workload '" + stuck.front() + "' waits for ever");

  for (std::size_t p = 0; p < pools.size(); ++p) {
    if (pools[p]->until() == Time::max()) pools[p]->shut_down(); // a pool nobody uses
    usage::PoolUsage pool{.pool = s.node_pools[p].name, .until = pools[p]->until()};
    pool.unassigned = pools[p]->unassigned();
    for (std::size_t i = 0; i < jobs.size(); ++i)
      if (jobs_[i].pool == p) pool.jobs.push_back({jobs_[i].name, jobs[i]->result().nodes});
    WT_CHECK(pool.total().total() ==
                 Int128{s.node_pools[p].count + s.node_pools[p].spares} * pool.until.ns(),
             "a pool's node time does not add up");
    result.usage.duration = std::max(result.usage.duration, pool.until);
    result.usage.pools.push_back(std::move(pool));
  }
  for (std::size_t i = 0; i < jobs.size(); ++i) result.jobs[i].job = jobs[i]->result();
  for (const Storage& storage : s.storage) {
    Bytes held = storage.capacity; // provisioned; S3 is billed for what is kept
    if (storage.kind == "s3")
      for (std::size_t i = 0; i < jobs_.size(); ++i)
        if (s.workloads[i].checkpoint.to == storage.name)
          held += jobs_[i].checkpoint.size * s.workloads[i].checkpoint.keep;
    result.usage.storages.push_back(
        {storage.name, Int128{held.count()} * result.usage.duration.ns()});
  }
  return result;
}

} // namespace windtunnel::scenarios
