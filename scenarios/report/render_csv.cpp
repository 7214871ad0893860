#include "scenarios/report/render_csv.hpp"

#include <cmath>
#include <fmt/format.h>
#include <fmt/ranges.h>

#include "libsim/base/unit_strings.hpp"
#include "libsim/json/writer.hpp"
#include "scenarios/report/formats_impl.hpp"
#include "scenarios/step_causes.hpp"

namespace windtunnel::scenarios {
namespace {

/// Full precision; empty where JSON would say null.
std::string cell(double value) { return std::isfinite(value) ? json::number(value) : ""; }

std::string path_text(const std::vector<std::string>& path) {
  return fmt::format("{}", fmt::join(path, " / "));
}

std::string price_cell(const BillLine& line) {
  return line.unit_price == Money{} ? "" : exact_dollars(line.unit_price);
}

std::string waterfall_csv(const Report& r) {
  CsvWriter table({"cause", "label", "cost_usd", "node_hours"});
  for (const WaterfallItem& item : r.waterfall)
    table.add({item.cause, item.label, exact_dollars(item.cost), cell(item.node_hours)});
  return table.text();
}

/// Columns of a distribution: name_mean, name_p10, name_p50, name_p90.
void add_columns(std::vector<std::string>& columns, const std::string& name) {
  for (const char* suffix : {"_mean", "_p10", "_p50", "_p90"}) columns.push_back(name + suffix);
}

void add_cells(std::vector<std::string>& cells, const Distribution& d) {
  for (const double figure : {d.mean, d.p10, d.p50, d.p90}) cells.push_back(cell(figure));
}

struct JobDistribution {
  const char* name;
  Distribution JobReport::*member;
};
constexpr JobDistribution job_distributions[] = {
    {"finish_s", &JobReport::finish_s},
    {"gpu_hours", &JobReport::gpu_hours},
    {"goodput", &JobReport::goodput},
    {"mfu_times_goodput", &JobReport::mfu_times_goodput},
    {"interruptions", &JobReport::interruptions},
    {"interruptions_per_54_days", &JobReport::interruptions_per_54_days},
    {"planned_interruptions", &JobReport::planned_interruptions},
    {"checkpoint_interval_s", &JobReport::checkpoint_interval_s},
    {"lost_work_s", &JobReport::lost_work_s},
    {"restart_s", &JobReport::restart_s},
    {"checkpoint_stall_s", &JobReport::checkpoint_stall_s},
    {"cost_usd", &JobReport::cost_usd},
};

std::string jobs_csv(const Report& r) {
  std::vector<std::string> columns{"name",      "model",
                                   "node_pool", "instance_type",
                                   "gpu",       "plan",
                                   "nodes",     "gpus",
                                   "steps",     "work",
                                   "work_unit", "step_s",
                                   "mfu",       "usd_per_million_tokens_or_thousand_images"};
  for (const JobDistribution& d : job_distributions) add_columns(columns, d.name);
  CsvWriter table(columns);
  for (const JobReport& job : r.jobs) {
    std::vector<std::string> cells{job.name,
                                   job.model,
                                   job.node_pool,
                                   job.instance_type,
                                   job.gpu,
                                   job.plan,
                                   std::to_string(job.nodes),
                                   std::to_string(job.gpus),
                                   cell(job.steps),
                                   cell(job.work),
                                   job.work_unit,
                                   cell(job.step.step.seconds()),
                                   cell(job.step.mfu),
                                   cell(job.usd_per_million_work)};
    for (const JobDistribution& d : job_distributions) add_cells(cells, job.*d.member);
    table.add(cells);
  }
  return table.text();
}

std::string workloads_csv(const Report& r) {
  std::vector<std::string> columns{"name", "node_pool", "instance_type"};
  for (const char* name : {"finish_s", "node_hours", "useful_node_hours", "cost_usd"})
    add_columns(columns, name);
  CsvWriter table(columns);
  for (const WorkloadReport& w : r.workloads) {
    std::vector<std::string> cells{w.name, w.node_pool, w.instance_type};
    for (const Distribution* d : {&w.finish_s, &w.node_hours, &w.useful_node_hours, &w.cost_usd})
      add_cells(cells, *d);
    table.add(cells);
  }
  return table.text();
}

std::string samples_csv(const Report& r) {
  CsvWriter table({"replication", "finish_s", "cost_usd"});
  const std::size_t rows = std::max(r.finish_samples_s.size(), r.cost_samples_usd.size());
  const auto at = [](const std::vector<double>& values, std::size_t i) {
    return i < values.size() ? cell(values[i]) : "";
  };
  for (std::size_t i = 0; i < rows; ++i)
    table.add({std::to_string(i), at(r.finish_samples_s, i), at(r.cost_samples_usd, i)});
  return table.text();
}

std::string series_csv(const Report& r) {
  CsvWriter table({"series", "unit", "time_s", "value"});
  for (const Series& series : r.series)
    for (std::size_t i = 0; i < std::min(series.time_s.size(), series.value.size()); ++i)
      table.add({series.name, series.unit, cell(series.time_s[i]), cell(series.value[i])});
  return table.text();
}

std::string assumptions_csv(const std::vector<Assumption>& assumptions) {
  CsvWriter table({"what", "value", "method", "date", "source", "note"});
  for (const Assumption& a : assumptions)
    table.add({a.what, a.value, a.method, a.date, a.source, a.note});
  return table.text();
}

/// FOCUS allows a fixed list of service categories; the first level of the bill's tree is ours.
std::string service_category(const BillLine& line) {
  const std::string first = line.path.empty() ? "" : line.path.front();
  for (const char* category : {"Compute", "Storage"})
    if (first == category) return category;
  return first.starts_with("Network") ? "Networking" : "Other";
}

std::string focus_csv(const Report& r) {
  CsvWriter table({"BilledCost", "BillingCurrency", "ChargeCategory", "ChargeDescription",
                   "ChargePeriodStart", "ChargePeriodEnd", "ConsumedQuantity", "ConsumedUnit",
                   "ContractedUnitPrice", "EffectiveCost", "ProviderName", "RegionId",
                   "ServiceCategory", "ServiceName", "x_Path", "x_Estimated", "x_Scenario"});
  const std::string begin = r.start ? format_instant(*r.start) : "";
  const std::string end =
      r.start && std::isfinite(r.finish_s.mean)
          ? format_instant(*r.start + static_cast<std::int64_t>(std::ceil(r.finish_s.mean)))
          : "";
  for (const BillLine& line : r.bill_lines) {
    const std::string cost = exact_dollars(line.cost);
    table.add({cost, "USD", "Usage", line.path.empty() ? "" : line.path.back(), begin, end,
               cell(line.quantity), line.unit, price_cell(line), cost, "AWS", r.region,
               service_category(line), line.path.empty() ? "" : line.path.front(),
               path_text(line.path), line.estimated ? "true" : "false", r.scenario});
  }
  return table.text();
}

} // namespace

CsvWriter& CsvWriter::add(const std::vector<std::string>& cells) {
  for (std::size_t i = 0; i < cells.size(); ++i) {
    if (i > 0) text_ += ',';
    const std::string& c = cells[i];
    if (c.find_first_of(",\"\r\n") == std::string::npos) {
      text_ += c;
      continue;
    }
    text_ += '"';
    for (const char character : c) {
      if (character == '"') text_ += '"';
      text_ += character;
    }
    text_ += '"';
  }
  text_ += '\n';
  return *this;
}

std::string to_csv(const Report& r) {
  CsvWriter table({"path", "quantity", "unit", "unit_price_usd", "cost_usd", "estimated"});
  for (const BillLine& line : r.bill_lines)
    table.add({path_text(line.path), cell(line.quantity), line.unit, price_cell(line),
               exact_dollars(line.cost), line.estimated ? "true" : "false"});
  return table.text();
}

std::vector<std::pair<std::string, std::string>> csv_files(const Report& r) {
  return {{"bill.csv", to_csv(r)},
          {"waterfall.csv", waterfall_csv(r)},
          {"jobs.csv", jobs_csv(r)},
          {"workloads.csv", workloads_csv(r)},
          {"samples.csv", samples_csv(r)},
          {"series.csv", series_csv(r)},
          {"assumptions.csv", assumptions_csv(r.assumptions)},
          {"cost.focus.csv", focus_csv(r)}};
}

} // namespace windtunnel::scenarios
