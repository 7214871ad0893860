#include <algorithm>
#include <fmt/format.h>

#include "scenarios/report/charts.hpp"
#include "scenarios/report/formats_impl.hpp"
#include "scenarios/report/numbers.hpp"
#include "scenarios/report/render_csv.hpp"
#include "scenarios/report/report_tables.hpp"
#include "scenarios/step_causes.hpp"

namespace windtunnel::scenarios {
namespace {

/// Finish, cost, dollars per unit of work, goodput, MFU and what did no useful work.
std::vector<KeyFigure> key_figures(const Report& r) {
  std::vector<KeyFigure> figures{{"Finish (P50)", moment(r.start, r.finish_s.p50),
                                  duration(r.finish_s.p10) + " .. " + duration(r.finish_s.p90)},
                                 {"Cost (P50)", usd_short(r.cost_usd.p50),
                                  usd_short(r.cost_usd.p10) + " .. " + usd_short(r.cost_usd.p90)}};
  for (const JobReport& job : r.jobs) {
    const std::string of = r.jobs.size() > 1 ? job.name + " " : "";
    figures.push_back({of + "goodput", percent(job.goodput.mean), "of its time with nodes"});
    figures.push_back(
        {of + "MFU", percent(job.step.mfu), percent(job.mfu_times_goodput.p50) + " times goodput"});
    figures.push_back({of + (job.work_unit == "images" ? "per 1k images" : "per 1M tokens"),
                       "$" + three_digits(job.usd_per_million_work), "of its nodes"});
  }
  return figures;
}

/// How the replications spread; the terminal has the quantiles.
Section spread_section(const Report& r) {
  const Histogram finish = histogram(r.finish_samples_s), cost = histogram(r.cost_samples_usd);
  return {.title = "Replications",
          .tables = {histogram_table(finish, duration), histogram_table(cost, usd_short)},
          .charts = {histogram_chart("Time to finish", finish, "s"),
                     histogram_chart("Cost", cost, "usd")},
          .page_only = true};
}

Section waterfall_section(const Report& r) {
  std::vector<ChartPart> parts;
  for (const WaterfallItem& item : r.waterfall)
    parts.push_back({item.label, item.cause, item.cost.dollars()});
  return {.title = "Dollar waterfall",
          .tables = {waterfall_table(r.waterfall, r.bill)},
          .charts = {waterfall_chart("From matrix work at peak to the bill", parts, "usd")}};
}

Section time_section(const Report& r) {
  return {.title = "Cost over time",
          .tables = {periods_table(r)},
          .charts = {area_chart("Cumulative cost, mean over replications", r.series, r.start)}};
}

Section failures_section(const Report& r) {
  Section section{.title = "Failures", .tables = {failures_table(r)}};
  for (const JobReport& job : r.jobs) {
    std::vector<ChartPart> parts;
    for (const ClassCount& c : job.failures) parts.push_back({c.name, "lost_work", c.mean});
    if (!parts.empty())
      section.charts.push_back(bars_chart("Failures of " + job.name + " by class", parts, "count"));
  }
  return section;
}

Section bill_section(const Report& r) {
  Section section{.title = "Bill", .tables = {bill_table(r)}};
  const bool estimated = std::any_of(r.bill_lines.begin(), r.bill_lines.end(),
                                     [](const BillLine& line) { return line.estimated; });
  section.notes.push_back("Means over replications; the lines sum to the total exactly.");
  if (estimated) section.notes.push_back("* the price is an estimate, see the assumptions.");
  return section;
}

Section jobs_section(const Report& r) {
  Section section{.title = "Jobs"};
  for (const JobReport& job : r.jobs) section.paragraphs.push_back(job_sentence(job));
  section.tables.push_back(jobs_table(r));
  for (const JobReport& job : r.jobs) section.tables.push_back(job_table(r, job));
  return section;
}

Section step_section(const JobReport& job) {
  Section section{.title = "One step of " + job.name,
                  .tables = {step_table(job.step)},
                  .charts = {step_chart(job.step)}};
  if (job.memory) section.notes.push_back("Memory: " + memory_sentence(*job.memory));
  return section;
}

} // namespace

std::string step_chart(const training::StepEstimate& step) {
  std::vector<ChartPart> parts;
  for (const StepCause& cause : step_causes)
    if (const Time part = step.parts.*cause.part; part > Time{})
      parts.push_back({cause.label, cause.cause, part.seconds()});
  return stack_chart("One step", parts, "s");
}

void add_assumptions(Sheet& sheet, const std::vector<Assumption>& assumptions) {
  sheet.sections.push_back({.title = "Assumptions",
                            .tables = {assumptions_table(assumptions, Notes::shown)},
                            .page_only = true});
  sheet.sections.push_back(
      {.title = "Assumptions",
       .tables = {assumptions_table(assumptions, Notes::left_out)},
       .notes = {"* an estimate. Notes on each stand in the JSON and HTML output."},
       .terminal_only = true});
}

Sheet sheet_of(const Report& r) {
  Sheet sheet{.title = r.scenario,
              .subtitle = fmt::format("{}, {} replications, seed {}, windtunnel {}", r.region,
                                      r.replications, r.seed, r.version),
              .headline = headline(r),
              .lines = goal_sentences(r),
              .figures = key_figures(r),
              .warnings = r.warnings,
              .json = to_json(r),
              .csv = csv_files(r)};
  sheet.sections.push_back(
      {.title = "How sure", .tables = {figures_table(r)}, .notes = spread_sentences(r)});
  sheet.sections.push_back(spread_section(r));
  sheet.sections.push_back(bill_section(r));
  sheet.sections.push_back(time_section(r));
  sheet.sections.push_back(waterfall_section(r));
  if (!r.jobs.empty() || r.workloads.empty()) sheet.sections.push_back(jobs_section(r));
  if (!r.workloads.empty())
    sheet.sections.push_back({.title = "Workloads of your own", .tables = {workloads_table(r)}});
  for (const JobReport& job : r.jobs) sheet.sections.push_back(step_section(job));
  sheet.sections.push_back(failures_section(r));
  add_assumptions(sheet, r.assumptions);
  return sheet;
}

} // namespace windtunnel::scenarios
