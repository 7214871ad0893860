// Report: the answer, as plain values. The runner fills it; render() turns it into text, JSON, CSV
// or HTML; Python walks it. It holds no wall time, host, thread count or today's date, so that
// equal scenarios and seeds give byte-equal output.
//
// Money: `bill` is the mean bill over replications; its leaves sum to it exactly, and so do the
// items of the waterfall. Quantiles are of the replications' totals. Units: a double's are in its
// name (_s seconds, _usd dollars, _hours) or beside it; shares and MFU are fractions of one.
//
//   for (const BillLine& line : report.bill_lines) sum += line.cost; // == report.bill
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "libsim/base/units.hpp"
#include "models/training/memory.hpp"
#include "models/training/step_model.hpp"

namespace windtunnel::scenarios {

inline constexpr const char* report_format_version = "1.0";

/// Distribution of one figure over replications, in the unit of its name.
struct Distribution {
  double mean = 0, p10 = 0, p50 = 0, p90 = 0;
  double half_width = 0; ///< of the 95 % interval of the mean
  /// Share of the variance that comes from uncertain inputs (priors) rather than from chance;
  /// absent when it was not estimated.
  std::optional<double> epistemic_share{};
};

/// A goal and how probable it is to be met.
struct GoalResult {
  std::string name;       ///< "deadline", "budget"
  double limit = 0;       ///< deadline: seconds from the start; budget: dollars
  double probability = 0; ///< share of the replications that met it
};

/// One leaf of the bill. `path` is the tree: {"Compute", "gpu", "p5.48xlarge on-demand"}.
struct BillLine {
  std::vector<std::string> path;
  double quantity = 0;    ///< mean, in `unit`
  std::string unit;       ///< "instance-hours", "GB-months", "cluster-hours"
  Money unit_price{};     ///< per unit; zero when lines of several prices are joined
  Money cost{};           ///< mean
  bool estimated = false; ///< its price is an estimate: marked * as in infracost
};

/// One step of the dollar waterfall, in its order.
struct WaterfallItem {
  std::string cause;     ///< a stable key: "gemm_below_peak", "useful_<workload>"
  std::string label;     ///< for people
  Money cost{};          ///< mean
  double node_hours = 0; ///< mean; 0 for what is not node time
};

struct ClassCount {
  std::string name; ///< failure class
  double mean = 0;  ///< per replication
};

/// One training job (Scenario::workloads).
struct JobReport {
  std::string name, model, node_pool, instance_type;
  std::string gpu;                                                 ///< as the catalog names it
  std::string plan;                                                ///< "TP8 PP4 zero1 mbs1 bf16"
  int nodes = 0, gpus = 0;                                         ///< held by the job
  int tensor = 1, pipeline = 1, context = 1, expert = 1, data = 1; ///< parallel sizes
  double steps = 0;                                                ///< optimizer steps
  double work = 0;                                                 ///< tokens or images
  std::string work_unit;                                           ///< "tokens", "images"
  training::StepEstimate step;
  std::optional<training::MemoryVerdict> memory{}; ///< absent for diffusion models
  Distribution finish_s;                           ///< from the scenario's start
  Distribution gpu_hours;     ///< held by the job while it existed, idle included
  Distribution goodput;       ///< useful time / time with its nodes
  Distribution interruptions; ///< unplanned: failures, and reclaims that no checkpoint met in time
  Distribution interruptions_per_54_days; ///< of these
  Distribution planned_interruptions;     ///< announced, and met by a checkpoint: nothing is lost
  Distribution mfu_times_goodput;
  /// Wall time: between checkpoints, of steps done again, restarting, stalled by checkpoints.
  Distribution checkpoint_interval_s, lost_work_s, restart_s, checkpoint_stall_s;
  Distribution cost_usd;           ///< of its node time, at the pool's hourly price
  double usd_per_million_work = 0; ///< mean dollars per million tokens, or per thousand images
  std::vector<ClassCount> failures;
};

/// A workload of the caller's own (RunOptions::workloads).
struct WorkloadReport {
  std::string name, node_pool, instance_type;
  Distribution finish_s;          ///< when its run() ended, from the scenario's start
  Distribution node_hours;        ///< nodes it held x time
  Distribution useful_node_hours; ///< of these, booked as useful
  Distribution cost_usd;          ///< of its node time, at the pool's hourly price
};

/// One input the answer rests on.
struct Assumption {
  std::string what;   ///< "price of p5.48xlarge on-demand"
  std::string value;  ///< "$55.0400/h"
  std::string source; ///< publication, or "scenario"
  std::string date;   ///< ISO, of the source or of its retrieval; may be empty
  std::string method; ///< "measured", "published", "estimated", "user"
  std::string note;
};

/// Cumulative cost or other series over time, mean over replications; at most 2,000 points.
struct Series {
  std::string name, unit;
  std::vector<double> time_s, value; ///< of equal length; time from the scenario's start
};

struct Report {
  std::string scenario, region, version;
  std::optional<std::int64_t> start; ///< unix seconds
  int replications = 0;
  std::uint64_t seed = 0;
  Distribution finish_s; ///< when the last workload ends, from start
  Distribution cost_usd;
  std::vector<double> finish_samples_s, cost_samples_usd; ///< by replication
  std::vector<GoalResult> goals;
  Money bill{};
  std::vector<BillLine> bill_lines;
  std::vector<WaterfallItem> waterfall;
  std::vector<JobReport> jobs;           ///< as Scenario::workloads
  std::vector<WorkloadReport> workloads; ///< as RunOptions::workloads
  std::vector<Series> series;
  std::vector<Assumption> assumptions;
  std::vector<std::string> warnings; ///< extrapolations, estimates, what is not modelled
};

enum class Format { table, json, csv, html };
/// "table", "json", "csv", "html"; nullopt for others.
std::optional<Format> parse_format(const std::string& name);
/// These matter to tables only.
struct RenderOptions {
  int width = 100;     ///< columns of the terminal
  bool colour = false; ///< ANSI escapes
};
/// The report as text: tables for a terminal, JSON of report_format_version, CSV of the bill (the
/// other tables: render_csv.hpp), or one HTML page. Equal reports give equal bytes.
std::string render(const Report& report, Format format, const RenderOptions& options = {});

} // namespace windtunnel::scenarios
