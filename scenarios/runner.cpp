#include "scenarios/runner.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <set>

#include "libsim/base/unit_strings.hpp"
#include "libsim/stats/replications.hpp"
#include "models/cost/ledger.hpp"
#include "scenarios/assumptions.hpp"
#include "scenarios/check.hpp"
#include "scenarios/cost_over_time.hpp"
#include "scenarios/distribution.hpp"
#include "scenarios/plan.hpp"
#include "scenarios/version.hpp"
#include "scenarios/waterfall.hpp"
#include "scenarios/world.hpp"

namespace windtunnel::scenarios {
namespace {

/// What the report keeps of one replication.
struct Sample {
  WorldResult world;
  cost::CostLedger ledger;
  std::vector<WaterfallItem> waterfall;
};

template <class Get> Distribution over(const std::vector<Sample>& samples, Get get) {
  std::vector<double> values;
  for (const Sample& sample : samples) values.push_back(get(sample));
  return distribution(values);
}

double hours_of(Int128 node_ns) { return static_cast<double>(node_ns) / 3.6e12; }

/// Mean of whole nano-dollar amounts, and the same for parts so that they add up to it.
Money mean_of(Int128 sum, std::size_t n) {
  const Int128 count = static_cast<Int128>(n);
  return nano_dollars(static_cast<std::int64_t>((sum + count / 2) / count));
}

/// Means of parts, whole nano-dollars adding up to `total`.
std::vector<Money> means_adding_up(const std::vector<double>& sums, Money total) {
  double all = 0;
  for (const double sum : sums) all += sum;
  if (all <= 0) return std::vector<Money>(sums.size());
  return cost::apportion(total, sums);
}

void fill_bill(Report& report, const std::vector<Sample>& samples, const Scenario& s,
               const catalog::Catalog& catalog) {
  Int128 sum = 0;
  std::vector<double> line_sums, quantities;
  std::vector<cost::LedgerLine> shape = samples.front().ledger.lines();
  line_sums.resize(shape.size());
  quantities.resize(shape.size());
  for (const Sample& sample : samples) {
    sum += sample.ledger.total().nano_dollars();
    const std::vector<cost::LedgerLine> lines = sample.ledger.lines();
    for (std::size_t i = 0; i < lines.size(); ++i) {
      line_sums[i] += static_cast<double>(lines[i].amount.nano_dollars());
      quantities[i] += lines[i].quantity;
    }
  }
  report.bill = mean_of(sum, samples.size());
  const std::vector<Money> means = means_adding_up(line_sums, report.bill);
  for (std::size_t i = 0; i < shape.size(); ++i)
    report.bill_lines.push_back({.path = shape[i].path,
                                 .quantity = quantities[i] / static_cast<double>(samples.size()),
                                 .unit = shape[i].unit,
                                 .unit_price = shape[i].unit_price,
                                 .cost = means[i],
                                 .estimated = is_estimated(shape[i].path, s, catalog)});

  std::vector<double> item_sums(samples.front().waterfall.size()), item_hours(item_sums.size());
  for (const Sample& sample : samples)
    for (std::size_t i = 0; i < item_sums.size(); ++i) {
      item_sums[i] += static_cast<double>(sample.waterfall[i].cost.nano_dollars());
      item_hours[i] += sample.waterfall[i].node_hours;
    }
  const std::vector<Money> item_means = means_adding_up(item_sums, report.bill);
  for (std::size_t i = 0; i < item_sums.size(); ++i) {
    WaterfallItem item = samples.front().waterfall[i];
    item.cost = item_means[i];
    item.node_hours = item_hours[i] / static_cast<double>(samples.size());
    if (item.cost != Money{} || item.node_hours > 0) report.waterfall.push_back(std::move(item));
  }
}

JobReport job_report(std::size_t index, const std::vector<Sample>& samples, const WorldPlan& world,
                     const Scenario& s, const catalog::Catalog& catalog) {
  const TrainingWorkload& w = s.workloads[index];
  const NodePool& pool = *s.node_pool(w.node_pool);
  const catalog::InstanceType& type = *catalog.instance_type(pool.instance_type);
  JobReport job;
  job.name = w.name;
  job.model = w.model;
  job.node_pool = pool.name;
  job.instance_type = type.name;
  job.gpu = type.accelerator;
  job.plan = plan_text(w);
  job.nodes = nodes_of(w, s);
  job.gpus = job.nodes * type.accelerators;
  job.tensor = w.plan.tensor;
  job.pipeline = w.plan.pipeline;
  job.context = w.plan.context;
  job.expert = w.plan.expert;
  job.data = job.gpus / (job.tensor * job.pipeline * job.context);
  job.steps = steps_of(w, catalog);
  job.work = w.tokens + w.images;
  job.work_unit = w.images > 0 ? "images" : "tokens";
  job.step = step_of(w, s, catalog);
  if (!is_diffusion(w, catalog)) job.memory = training::judge_memory(step_setup(w, s, catalog));

  using usage::NodeUse;
  const auto result = [&](const Sample& sample) -> const JobResult& {
    return sample.world.jobs[index];
  };
  const auto held_s = [&](const Sample& sample) {
    const training::TrainingJob::Result& r = result(sample).job;
    return (r.finished - r.admitted).seconds();
  };
  const auto goodput = [&](const Sample& sample) {
    const training::TrainingJob::Result& r = result(sample).job;
    return static_cast<double>(r.nodes[NodeUse::useful]) /
           (static_cast<double>(job.nodes) * held_s(sample) * 1e9);
  };
  job.finish_s = over(samples, [&](const Sample& x) { return result(x).job.finished.seconds(); });
  job.gpu_hours = over(samples, [&](const Sample& x) { return job.gpus * held_s(x) / 3600; });
  job.goodput = over(samples, goodput);
  job.mfu_times_goodput = over(
      samples, [&](const Sample& x) { return job.step.mfu / result(x).step_factor * goodput(x); });
  job.interruptions = over(
      samples, [&](const Sample& x) { return static_cast<double>(result(x).job.interruptions); });
  job.planned_interruptions =
      over(samples, [&](const Sample& x) { return static_cast<double>(result(x).job.planned); });
  job.interruptions_per_54_days = over(samples, [&](const Sample& x) {
    return static_cast<double>(result(x).job.interruptions) / held_s(x) * 54 * 86400;
  });
  job.checkpoint_interval_s =
      over(samples, [&](const Sample& x) { return result(x).checkpoint_interval.seconds(); });
  job.lost_work_s =
      over(samples, [&](const Sample& x) { return result(x).job.lost_work.seconds(); });
  job.restart_s =
      over(samples, [&](const Sample& x) { return result(x).job.restarting.seconds(); });
  job.checkpoint_stall_s =
      over(samples, [&](const Sample& x) { return result(x).job.stalled.seconds(); });
  const Money per_hour = price_of(pool, s, catalog)->usd;
  job.cost_usd = over(samples, [&](const Sample& x) {
    return hours_of(result(x).job.nodes.total()) * per_hour.dollars();
  });
  job.usd_per_million_work = job.cost_usd.mean / (job.work * (w.images > 0 ? 1e-3 : 1e-6));
  const failures::FailureProfile& profile = world.jobs()[index].profile;
  for (std::size_t c = 0; c < profile.classes.size(); ++c) {
    double sum = 0;
    for (const Sample& sample : samples) sum += static_cast<double>(result(sample).job.by_class[c]);
    job.failures.push_back({profile.classes[c].name, sum / static_cast<double>(samples.size())});
  }
  return job;
}

WorkloadReport workload_report(std::size_t index, const std::vector<Sample>& samples,
                               const WorldPlan& world, const Scenario& s,
                               const catalog::Catalog& catalog) {
  const CustomWorkload& own = world.workloads()[index];
  const NodePool& pool = *s.node_pool(own.node_pool);
  const double usd_per_hour = price_of(pool, s, catalog)->usd.dollars();
  const auto result = [&](const Sample& sample) -> const WorkloadResult& {
    return sample.world.workloads[index];
  };
  const auto held = [&](const Sample& x) { return hours_of(result(x).nodes.total()); };
  return {.name = own.name,
          .node_pool = pool.name,
          .instance_type = pool.instance_type,
          .finish_s = over(samples, [&](const Sample& x) { return result(x).finished.seconds(); }),
          .node_hours = over(samples, held),
          .useful_node_hours = over(
              samples,
              [&](const Sample& x) { return hours_of(result(x).nodes[usage::NodeUse::useful]); }),
          .cost_usd = over(samples, [&](const Sample& x) { return held(x) * usd_per_hour; })};
}

void fill_goals(Report& report, const Goals& goals) {
  const auto share = [&](const std::vector<double>& samples, double limit) {
    const auto met =
        std::count_if(samples.begin(), samples.end(), [&](double value) { return value <= limit; });
    return static_cast<double>(met) / static_cast<double>(samples.size());
  };
  if (goals.deadline)
    report.goals.push_back({"deadline", goals.deadline->seconds(),
                            share(report.finish_samples_s, goals.deadline->seconds())});
  if (goals.budget)
    report.goals.push_back({"budget", goals.budget->dollars(),
                            share(report.cost_samples_usd, goals.budget->dollars())});
}

/// What the caller's own code decides, of which the report cannot say more.
void add_own_assumptions(const RunOptions& options, std::vector<Assumption>& rows) {
  if (options.law)
    rows.push_back({.what = "times between failures",
                    .value = "a failure law of the caller's own",
                    .source = "run options",
                    .date = "",
                    .method = "user",
                    .note = "in place of the scenario's law; the profile's rates only share the "
                            "failures out among its classes"});
  for (const CustomWorkload& own : options.workloads)
    rows.push_back({.what = "workload " + own.name,
                    .value = "a workload of the caller's own on pool " + own.node_pool,
                    .source = "run options",
                    .date = "",
                    .method = "user",
                    .note = ""});
}

} // namespace

std::vector<Issue> check(const RunOptions& options, const Scenario& s) {
  std::vector<Issue> issues;
  if (s.workloads.empty() && options.workloads.empty())
    issues.push_back({"/workloads", "nothing to run: give the scenario a workload, or the run "
                                    "options one of your own"});
  std::set<std::string> names;
  for (const TrainingWorkload& w : s.workloads) names.insert(w.name);
  for (std::size_t i = 0; i < options.workloads.size(); ++i) {
    const CustomWorkload& own = options.workloads[i];
    const std::string at = fmt::format("/options/workloads/{}", i);
    if (own.name.empty()) issues.push_back({at + "/name", "must not be empty"});
    if (!names.insert(own.name).second)
      issues.push_back({at + "/name", fmt::format("'{}' is used twice", own.name)});
    if (!s.node_pool(own.node_pool))
      issues.push_back({at + "/node_pool", fmt::format("there is no node pool '{}'; there are: {}",
                                                       own.node_pool, names_of(s.node_pools))});
    if (!own.make) issues.push_back({at + "/make", "must make the workload, got no function"});
  }
  // Classes are drawn in proportion to their rates, whoever says when a failure strikes.
  const failures::FailureProfile* profile = failures::profile(s.failures.profile);
  bool on_demand = false; // spot brings a class of its own: reclaims
  for (const TrainingWorkload& w : s.workloads)
    on_demand |= s.node_pool(w.node_pool) && s.node_pool(w.node_pool)->purchase.kind != "spot";
  if (options.law && on_demand && profile &&
      profile->per_gpu_hour() * s.failures.rate_multiplier <= 0)
    issues.push_back({"/options/law", fmt::format("profile '{}' times rateMultiplier {:g} has no "
                                                  "failure class that a failure could be of",
                                                  profile->name, s.failures.rate_multiplier)});
  return issues;
}

Report run(const Scenario& s, const catalog::Catalog& catalog, const RunOptions& options) {
  std::vector<Issue> issues = check(s, catalog);
  for (Issue& issue : check(options, s)) issues.push_back(std::move(issue));
  if (!issues.empty()) throw InputError("scenario", std::move(issues));
  if (options.timeline &&
      (options.timeline_replication < 0 || options.timeline_replication >= s.replications))
    throw InputError(
        "replication to trace",
        {{"", fmt::format("must be in [0, {}), as the run has {} replications, got {}",
                          s.replications, s.replications, options.timeline_replication)}});
  const WorldPlan world(s, catalog, options.law, options.workloads);
  const stats::ReplicationOptions replication{
      .threads = options.threads, .progress = options.progress, .stop = options.stop};
  const std::vector<Sample> samples =
      stats::replicate<Sample>(s.replications, replication, [&](int i) {
        Sample sample;
        sample.world =
            world.simulate(i, i == options.timeline_replication ? options.timeline : nullptr);
        sample.ledger = price(sample.world.usage, s, catalog);
        sample.waterfall = waterfall(sample.world, sample.ledger, world, s, catalog);
        return sample;
      });
  Report report;
  report.scenario = s.name;
  report.region = s.region;
  report.version = version();
  report.start = s.start;
  report.replications = s.replications;
  report.seed = s.seed;
  for (const Sample& sample : samples) {
    report.finish_samples_s.push_back(sample.world.usage.duration.seconds());
    report.cost_samples_usd.push_back(sample.ledger.total().dollars());
  }
  report.finish_s = distribution_with_share(report.finish_samples_s);
  report.cost_usd = distribution_with_share(report.cost_samples_usd);
  fill_goals(report, s.goals);
  fill_bill(report, samples, s, catalog);
  std::vector<const usage::Usage*> usages;
  for (const Sample& sample : samples) usages.push_back(&sample.world.usage);
  report.series = cost_over_time(usages, s, catalog);
  for (std::size_t i = 0; i < s.workloads.size(); ++i)
    report.jobs.push_back(job_report(i, samples, world, s, catalog));
  for (std::size_t i = 0; i < options.workloads.size(); ++i)
    report.workloads.push_back(workload_report(i, samples, world, s, catalog));
  report.assumptions = price_assumptions(s, catalog);
  add_step_assumptions(s, catalog, report.assumptions);
  add_simulation_assumptions(s, report.assumptions);
  add_own_assumptions(options, report.assumptions);
  report.warnings = warnings(s, catalog, world);
  return report;
}

} // namespace windtunnel::scenarios
