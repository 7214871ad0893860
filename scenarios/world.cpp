#include "scenarios/world.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "libsim/base/check.hpp"
#include "libsim/base/unit_strings.hpp"
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

std::size_t pool_index(const Scenario& s, const std::string& name) {
  return static_cast<std::size_t>(s.node_pool(name) - s.node_pools.data());
}

/// A failure law of the caller's, held to its contract: a law that answers with the past would stop
/// the clock, one that names a node the job has not would damage another's books.
class CheckedLaw final : public failures::FailureLaw {
public:
  CheckedLaw(std::unique_ptr<failures::FailureLaw> law, int nodes)
      : law_(std::move(law)), nodes_(nodes) {}

  failures::Failure next(Time now, RandomStream& random) override {
    const failures::Failure failure = law_->next(now, random);
    if (failure.at <= now)
      throw ModelError(fmt::format("the failure law answered {} at {}: the next failure must be "
                                   "later than now",
                                   to_string(failure.at), to_string(now)));
    if (failure.at != Time::max() && (failure.node < 0 || failure.node >= nodes_))
      throw ModelError(fmt::format("the failure law let node {} fail of a job whose nodes are 0 to "
                                   "{}",
                                   failure.node, nodes_ - 1));
    return failure;
  }
  void replaced(int node, Time now) override { law_->replaced(node, now); }

private:
  std::unique_ptr<failures::FailureLaw> law_;
  int nodes_;
};

std::unique_ptr<failures::FailureLaw> checked_law(const failures::LawFactory& make,
                                                  const failures::Fleet& fleet) {
  std::unique_ptr<failures::FailureLaw> law = make(fleet);
  if (!law) throw ModelError("the factory of the failure law returned none");
  return std::make_unique<CheckedLaw>(std::move(law), fleet.nodes);
}

std::unique_ptr<Workload> make_workload(const CustomWorkload& own, const WorkloadContext& context) {
  std::unique_ptr<Workload> workload;
  try {
    workload = own.make(context);
  } catch (const std::exception& error) {
    throw SimulationError(fmt::format("making workload '{}': {}", own.name, error.what()));
  }
  if (!workload) throw SimulationError("making workload '" + own.name + "' returned none");
  return workload;
}

/// Gives the nodes of each pool back when the last process that uses it has ended.
class PoolUsers {
public:
  explicit PoolUsers(const std::vector<std::unique_ptr<eks::NodePool>>& pools)
      : pools_(pools), left_(pools.size(), 0) {}

  /// `ended` is called when `process` has ended, before its pool may be given back. Not by done():
  /// an exception that leaves the process must end the run.
  void add(std::size_t pool, const engine::ProcessRef& process, std::function<void()> ended) {
    ++left_[pool];
    ++all_left_;
    process.state().finished().subscribe([this, pool, then = std::move(ended)] {
      then();
      if (--left_[pool] == 0) pools_[pool]->shut_down();
      if (--all_left_ > 0) return;
      for (const auto& unused : pools_)
        if (unused->until() == Time::max()) unused->shut_down();
    });
  }

private:
  const std::vector<std::unique_ptr<eks::NodePool>>& pools_;
  std::vector<int> left_;
  int all_left_ = 0;
};

} // namespace

WorldPlan::WorldPlan(const Scenario& s, const catalog::Catalog& catalog, failures::LawFactory law,
                     std::vector<CustomWorkload> workloads)
    : scenario_(s), law_(std::move(law)), workloads_(std::move(workloads)) {
  for (const TrainingWorkload& w : s.workloads) {
    JobSetup job;
    job.name = w.name;
    job.pool = pool_index(s, w.node_pool);
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
  config.law = law_ ? checked_law(law_, fleet) : failures::make_law(scenario_.failures.law, fleet);
  return config;
}

WorldResult WorldPlan::simulate(int replication, trace::Timeline* timeline) const {
  const Scenario& s = scenario_;
  // Declared before the simulation: it destroys the frames of processes, which refer to these.
  std::vector<std::unique_ptr<eks::NodePool>> pools;
  std::vector<std::unique_ptr<TrainingJob>> jobs;
  std::vector<std::unique_ptr<HeldNodes>> held;
  std::vector<std::unique_ptr<Workload>> workloads;
  engine::Simulation sim(s.seed, static_cast<std::uint64_t>(replication));
  const auto pair = static_cast<std::uint64_t>(replication / replications_per_prior);

  for (const NodePool& pool : s.node_pools)
    pools.push_back(
        std::make_unique<eks::NodePool>(sim, eks::NodePool::Config{.name = pool.name,
                                                                   .count = pool.count,
                                                                   .spares = pool.spares,
                                                                   .image = pool.image,
                                                                   .image_pull = pool.image_pull,
                                                                   .timeline = timeline}));
  PoolUsers users(pools);
  WorldResult result;
  result.jobs.resize(jobs_.size());
  result.workloads.resize(workloads_.size());
  RandomStream rate(s.seed, pair, "prior/failure-rate");
  const double rate_factor =
      s.failures.prior ? rate.lognormal(1, failures::profile(s.failures.profile)->sigma_ln) : 1.0;
  for (std::size_t i = 0; i < jobs_.size(); ++i) {
    const JobSetup& setup = jobs_[i];
    RandomStream speed(s.seed, pair, "prior/step/" + setup.name);
    result.jobs[i].step_factor = speed.lognormal(1, setup.step.sigma_ln);
    TrainingJob::Config config = configure(setup, rate_factor, result.jobs[i].step_factor, i);
    config.timeline = timeline;
    result.jobs[i].checkpoint_interval = config.step * config.steps_per_checkpoint;
    jobs.push_back(std::make_unique<TrainingJob>(sim, *pools[setup.pool], std::move(config)));
    users.add(setup.pool, sim.spawn(setup.name, jobs.back()->run()), [] {});
  }
  for (std::size_t i = 0; i < workloads_.size(); ++i) {
    const CustomWorkload& own = workloads_[i];
    const std::size_t pool = pool_index(s, own.node_pool);
    held.push_back(std::make_unique<HeldNodes>(sim, *pools[pool], own.name));
    workloads.push_back(make_workload(own, {sim, *held.back()}));
    users.add(pool, sim.spawn(own.name, workloads.back()->run()),
              [&nodes = *held.back(), &end = result.workloads[i], &sim] {
                nodes.close();
                end = {sim.now(), nodes.booked()};
              });
  }
  sim.run();
  result.events = sim.events_fired();
  if (const auto stuck = sim.unfinished_processes(); !stuck.empty())
    throw SimulationError("workload '" + stuck.front() + "' waits for ever");
  for (std::size_t i = 0; i < jobs.size(); ++i) result.jobs[i].job = jobs[i]->result();
  result.usage = usage_of(result, pools);
  return result;
}

usage::Usage WorldPlan::usage_of(const WorldResult& result,
                                 const std::vector<std::unique_ptr<eks::NodePool>>& pools) const {
  const Scenario& s = scenario_;
  usage::Usage usage;
  for (std::size_t p = 0; p < pools.size(); ++p) {
    usage::PoolUsage pool{.pool = s.node_pools[p].name, .until = pools[p]->until()};
    pool.unassigned = pools[p]->unassigned();
    for (std::size_t i = 0; i < jobs_.size(); ++i)
      if (jobs_[i].pool == p) pool.jobs.push_back({jobs_[i].name, result.jobs[i].job.nodes});
    for (std::size_t i = 0; i < workloads_.size(); ++i)
      if (workloads_[i].node_pool == pool.pool)
        pool.jobs.push_back({workloads_[i].name, result.workloads[i].nodes});
    // What the caller's workloads booked was checked when each ended: this is about us.
    WT_CHECK(pool.total().total() ==
                 Int128{s.node_pools[p].count + s.node_pools[p].spares} * pool.until.ns(),
             "a pool's node time does not add up");
    usage.duration = std::max(usage.duration, pool.until);
    usage.pools.push_back(std::move(pool));
  }
  for (const Storage& storage : s.storage) {
    Bytes kept = storage.capacity; // provisioned; S3 is billed for what is kept
    if (storage.kind == "s3")
      for (std::size_t i = 0; i < jobs_.size(); ++i)
        if (s.workloads[i].checkpoint.to == storage.name)
          kept += jobs_[i].checkpoint.size * s.workloads[i].checkpoint.keep;
    usage.storages.push_back({storage.name, Int128{kept.count()} * usage.duration.ns()});
  }
  return usage;
}

} // namespace windtunnel::scenarios
