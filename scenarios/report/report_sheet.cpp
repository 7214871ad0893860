#include <algorithm>
#include <fmt/format.h>

#include "scenarios/report/formats_impl.hpp"
#include "scenarios/report/numbers.hpp"
#include "scenarios/report/render_csv.hpp"
#include "scenarios/report/report_tables.hpp"

namespace windtunnel::scenarios {
namespace {

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
  Section section{.title = "One step of " + job.name, .tables = {step_table(job.step)}};
  if (job.memory) section.notes.push_back("Memory: " + memory_sentence(*job.memory));
  return section;
}

} // namespace

Sheet sheet_of(const Report& r) {
  Sheet sheet{.title = r.scenario,
              .subtitle = fmt::format("{}, {} replications, seed {}, windtunnel {}", r.region,
                                      r.replications, r.seed, r.version),
              .headline = headline(r),
              .lines = goal_sentences(r),
              .warnings = r.warnings,
              .json = to_json(r),
              .csv = csv_files(r)};
  sheet.sections.push_back(
      {.title = "How sure", .tables = {figures_table(r)}, .notes = spread_sentences(r)});
  sheet.sections.push_back(bill_section(r));
  sheet.sections.push_back(
      {.title = "Dollar waterfall", .tables = {waterfall_table(r.waterfall, r.bill)}});
  sheet.sections.push_back(jobs_section(r));
  for (const JobReport& job : r.jobs) sheet.sections.push_back(step_section(job));
  sheet.sections.push_back({.title = "Failures", .tables = {failures_table(r)}});
  sheet.sections.push_back({.title = "Assumptions", .tables = {assumptions_table(r.assumptions)}});
  return sheet;
}

} // namespace windtunnel::scenarios
