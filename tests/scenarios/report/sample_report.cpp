#include "tests/scenarios/report/sample_report.hpp"

#include <algorithm>
#include <cmath>

namespace windtunnel::scenarios {
namespace {

constexpr double day = 86400;

training::StepEstimate sample_step() {
  training::StepEstimate step;
  step.parts.gemm_at_peak = milliseconds(5210);
  step.parts.gemm_below_peak = milliseconds(3140);
  step.parts.attention = milliseconds(620);
  step.parts.elementwise = milliseconds(540.5);
  step.parts.recompute = milliseconds(180);
  step.parts.tensor_parallel = milliseconds(910.25);
  step.parts.pipeline_parallel = milliseconds(60);
  step.parts.data_parallel = milliseconds(150);
  step.parts.bubble = milliseconds(700);
  step.parts.optimizer = milliseconds(48);
  step.parts.host = milliseconds(95);
  step.step = step.parts.total();
  step.model_flops = 2.4e18;
  step.mfu = 0.447;
  step.tokens_per_s_per_gpu = 1407.9;
  step.sigma_ln = 0.06;
  step.assumptions = {"kernel efficiency from curves"};
  return step;
}

training::MemoryVerdict sample_memory() {
  training::MemoryVerdict memory;
  memory.fits = true;
  memory.fullest.weights = gibibytes(4.1);
  memory.fullest.gradients = gibibytes(8.2);
  memory.fullest.optimizer = gibibytes(1.6);
  memory.fullest.activations = gibibytes(31);
  memory.fullest.logits = gibibytes(2);
  memory.fullest.communication = gibibytes(2.5);
  memory.fullest.overhead = gibibytes(3);
  memory.available = gibibytes(79.1);
  memory.explanation = "52.4GiB of 79.1GiB on the first pipeline rank, 26.7GiB to spare.";
  return memory;
}

/// 40 samples on a fixed skewed curve.
std::vector<double> samples(double middle, double spread) {
  std::vector<double> values;
  for (int i = 0; i < 40; ++i) {
    const double u = (((i * 17) % 40) + 0.5) / 40 - 0.5;
    values.push_back(middle + spread * (2 * u + 3 * u * u * u + 1.5 * u * u));
  }
  return values;
}

Distribution distribution(std::vector<double> values) {
  Distribution d;
  for (const double v : values) d.mean += v / static_cast<double>(values.size());
  std::sort(values.begin(), values.end());
  d.p10 = values[values.size() / 10];
  d.p50 = values[values.size() / 2];
  d.p90 = values[values.size() * 9 / 10];
  d.half_width = (d.p90 - d.p10) * 0.12;
  return d;
}

JobReport sample_job() {
  JobReport job;
  job.name = "pretrain";
  job.model = "llama-3.1-70b";
  job.node_pool = "gpu";
  job.instance_type = "p5.48xlarge";
  job.gpu = "H100-SXM";
  job.plan = "TP8 PP4 VP5 zero1 mbs1 recompute-selective bf16";
  job.nodes = 64;
  job.gpus = 512;
  job.tensor = 8;
  job.pipeline = 4;
  job.data = 16;
  job.steps = 178814;
  job.work = 1.5e12;
  job.work_unit = "tokens";
  job.step = sample_step();
  job.memory = sample_memory();
  job.finish_s = distribution(samples(25.1 * day, 0.9 * day));
  job.gpu_hours = distribution(samples(308600, 11000));
  job.goodput = {.mean = 0.951, .p10 = 0.934, .p50 = 0.953, .p90 = 0.966, .half_width = 0.002};
  job.interruptions = {.mean = 9.4, .p10 = 6, .p50 = 9, .p90 = 13, .half_width = 0.4};
  job.interruptions_per_54_days = {
      .mean = 20.2, .p10 = 13, .p50 = 20, .p90 = 28, .half_width = 0.9};
  job.planned_interruptions = {.mean = 1.1, .p10 = 0, .p50 = 1, .p90 = 2, .half_width = 0.2};
  job.mfu_times_goodput = {.mean = 0.425, .p10 = 0.418, .p50 = 0.426, .p90 = 0.432};
  job.checkpoint_interval_s = {.mean = 1800, .p10 = 1800, .p50 = 1800, .p90 = 1800};
  job.lost_work_s = {.mean = 8460, .p10 = 5100, .p50 = 8300, .p90 = 12000};
  job.restart_s = {.mean = 9870, .p10 = 6010, .p50 = 9700, .p90 = 14100};
  job.checkpoint_stall_s = {.mean = 3610, .p10 = 3500, .p50 = 3605, .p90 = 3720};
  job.cost_usd = distribution(samples(2.12e6, 8e4));
  job.usd_per_million_work = 1.4133;
  job.failures = {{"GPU fault", 3.9},        {"HBM3 error", 1.7},
                  {"Software bug", 1.3},     {"Network switch or cable", 1.1},
                  {"Host maintenance", 0.8}, {"Other", 0.6}};
  return job;
}

void add_bill(Report& r) {
  r.bill_lines = {
      {{"Compute", "gpu", "p5.48xlarge on-demand", "training"},
       38510.4,
       "instance-hours",
       dollars(55.04),
       dollars(2119612.416),
       false},
      {{"Compute", "gpu", "p5.48xlarge on-demand", "spares"},
       1203.5,
       "instance-hours",
       dollars(55.04),
       dollars(66240.64),
       false},
      {{"Compute", "control plane", "EKS standard support"},
       602.4,
       "cluster-hours",
       dollars(0.1),
       dollars(60.24),
       false},
      {{"Storage", "checkpoints", "FSx for Lustre persistent-250"},
       81205.7,
       "GB-months",
       dollars(0.21),
       dollars(17053.197),
       true},
  };
  for (const BillLine& line : r.bill_lines) r.bill += line.cost;
  const auto compute = [](const char* cause, const char* label, double usd) {
    return WaterfallItem{cause, label, dollars(usd), usd / 55.04};
  };
  r.waterfall = {compute("gemm_at_peak", "Matrix work at the GPU's peak", 901210.55),
                 compute("gemm_below_peak", "GEMM below peak", 543150.25),
                 compute("attention", "Attention kernels", 107240),
                 compute("elementwise", "Norms, activations, loss", 93500),
                 compute("recompute", "Recomputed activations", 31130),
                 compute("tensor_parallel", "Exposed tensor-parallel communication", 157450),
                 compute("pipeline_parallel", "Exposed pipeline communication", 10380),
                 compute("data_parallel", "Exposed data-parallel communication", 25940),
                 compute("bubble", "Pipeline bubble", 121080),
                 compute("optimizer", "Optimizer step", 8300),
                 compute("host", "Launch gaps, stragglers, data loading", 16430),
                 compute("checkpoint_stall", "Checkpoint stall", 3530),
                 compute("lost_work", "Lost work", 8280),
                 compute("restart", "Restart", 9660),
                 compute("waiting_for_nodes", "Waiting for nodes", 4120),
                 compute("idle", "Idle and spare nodes", 66240.64)};
  Money nodes{};
  for (const WaterfallItem& item : r.waterfall) nodes += item.cost;
  r.waterfall.push_back({"storage", "Storage", dollars(17053.197), 0});
  r.waterfall.push_back({"control_plane", "Control plane", dollars(60.24), 0});
  // What is left of the two compute lines, so that both sides sum to the same bill.
  const Money left = r.bill - nodes - dollars(17053.197) - dollars(60.24);
  r.waterfall.insert(r.waterfall.begin() + 14,
                     {"bring_up", "Bring-up of nodes", left, left.dollars() / 55.04});
}

} // namespace

Report sample_report() {
  Report r;
  r.scenario = "pretrain-llama3-70b-p5";
  r.region = "us-east-1";
  r.version = "0.1.0";
  r.start = 1796083200; // 2026-12-01
  r.replications = 40;
  r.seed = 1;
  r.finish_samples_s = samples(25.1 * day, 0.9 * day);
  r.finish_s = distribution(r.finish_samples_s);
  r.finish_s.epistemic_share = 0.42;
  add_bill(r);
  r.cost_samples_usd = samples(r.bill.dollars(), 8e4);
  r.cost_usd = distribution(r.cost_samples_usd);
  r.goals = {{"deadline", 26 * day, 0.825}, {"budget", 2.25e6, 0.675}};
  r.jobs = {sample_job()};
  Series cost{.name = "cumulative cost", .unit = "usd", .time_s = {}, .value = {}};
  for (int i = 0; i <= 25; ++i) {
    cost.time_s.push_back(i * day);
    cost.value.push_back(20000 + i * 87318.66);
  }
  r.series = {cost};
  r.assumptions = {{"price of p5.48xlarge, on-demand", "$55.04 per instance-hour",
                    "EC2 price list, us-east-1", "2025-06-23", "published", ""},
                   {"price of fsx-lustre persistent-250", "$0.21 per GB-month",
                    "scaled from the persistent-125 tier", "2025-06-23", "estimated",
                    "the tier's own price is not published where we read prices"},
                   {"dense bf16 peak of H100-SXM", "989TFLOPS", "NVIDIA H100 datasheet",
                    "2025-05-01", "published", ""},
                   {"step time of pretrain", "11.7s", "step model (models/training)", "",
                    "estimated", "kernel efficiency from curves"}};
  r.warnings = {"Kernel efficiencies are curves, not measurements of this GPU.",
                "Network contention between jobs is not modelled."};
  return r;
}

PlanReport sample_plan() {
  const JobReport job = sample_job();
  PlanReport plan{.scenario = "pretrain-llama3-70b-p5",
                  .region = "us-east-1",
                  .version = "0.1.0",
                  .jobs = {},
                  .assumptions = sample_report().assumptions,
                  .warnings = {"Kernel efficiencies are curves, not measurements of this GPU."}};
  JobPlan fits;
  fits.name = job.name;
  fits.model = job.model;
  fits.instance_type = job.instance_type;
  fits.gpu = job.gpu;
  fits.plan = job.plan;
  fits.nodes = job.nodes;
  fits.gpus = job.gpus;
  fits.data = job.data;
  fits.steps = job.steps;
  fits.step = job.step;
  fits.memory = job.memory;
  fits.ideal_duration = job.step.step * job.steps;
  fits.ideal_compute = charge(Price::usd_per_hour(55.04), Int128{fits.ideal_duration.ns()} * 64);
  JobPlan too_big = fits;
  too_big.name = "pretrain-without-recompute";
  too_big.plan = "TP4 PP4 zero1 mbs2 bf16";
  too_big.data = 32;
  too_big.memory->fits = false;
  too_big.memory->fullest.activations = gibibytes(92.3);
  too_big.memory->explanation = "113.7GiB of 79.1GiB on the first pipeline rank: activations "
                                "(92.3GiB) are too big by 34.6GiB.";
  too_big.memory->nearest_fit = training::ParallelismPlan{};
  too_big.memory->nearest_fit->tensor = 4;
  too_big.memory->nearest_fit->recompute = training::Recompute::full;
  too_big.memory->nearest_fit_text = "recompute full";
  plan.jobs = {fits, too_big};
  return plan;
}

Comparison sample_comparison() {
  Comparison c;
  c.a = c.b = sample_report();
  c.b.scenario = "pretrain-llama3-70b-p5-spot";
  std::vector<double> later, cheaper;
  for (std::size_t i = 0; i < c.a.finish_samples_s.size(); ++i) {
    later.push_back(1.2 * day + 3600.0 * static_cast<double>(i % 7));
    cheaper.push_back(-310000 + 4000.0 * static_cast<double>(i % 5));
    c.b.finish_samples_s[i] += later.back();
    c.b.cost_samples_usd[i] += cheaper.back();
  }
  c.b.finish_s = distribution(c.b.finish_samples_s);
  c.b.cost_usd = distribution(c.b.cost_samples_usd);
  c.figures = {{"finish", "s", c.a.finish_s.mean, c.b.finish_s.mean, distribution(later)},
               {"cost", "usd", c.a.cost_usd.mean, c.b.cost_usd.mean, distribution(cheaper)}};
  for (const WaterfallItem& item : c.a.waterfall) {
    WaterfallItem other = item;
    other.cost = item.cause == "lost_work" ? item.cost * std::int64_t{3} : item.cost * 0.85;
    if (item.cause == "storage") other.cost = item.cost;
    if (item.cause == "idle") other.cost = Money{};
    c.waterfall.emplace_back(item, other);
  }
  return c;
}

Sweep sample_sweep() {
  Sweep sweep{.scenario = "pretrain-llama3-70b-p5", .points = {}};
  for (const char* every : {"10m", "30m", "2h"})
    for (const char* spares : {"0", "2", "4"}) {
      SweepPoint point;
      point.settings = {{"/workloads/0/checkpoint/every", every},
                        {"/cluster/nodePools/0/spares", spares}};
      const double slow = every[0] == '2' ? 1.06 : every[0] == '1' ? 1.02 : 1;
      const double wait = spares[0] == '0' ? 1.05 : spares[0] == '2' ? 1.0 : 0.998;
      const double nodes = (64 + spares[0] - '0') / 66.0;
      point.report = sample_report();
      Report& r = point.report;
      for (double& s : r.finish_samples_s) s *= slow * wait;
      for (double& usd : r.cost_samples_usd) usd *= slow * wait * nodes;
      r.finish_s = distribution(r.finish_samples_s);
      r.cost_usd = distribution(r.cost_samples_usd);
      sweep.points.push_back(point);
    }
  SweepPoint broken;
  broken.settings = {{"/workloads/0/checkpoint/every", "-1m"},
                     {"/cluster/nodePools/0/spares", "0"}};
  broken.error = "/workloads/0/checkpoint/every: expected a time that is not negative, got \"-1m\"";
  sweep.points.push_back(broken);
  for (const std::size_t best : {4U, 5U}) sweep.points[best].pareto = true;
  return sweep;
}

} // namespace windtunnel::scenarios
