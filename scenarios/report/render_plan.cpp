#include <fmt/format.h>

#include "libsim/base/unit_strings.hpp"
#include "scenarios/report/formats_impl.hpp"
#include "scenarios/report/numbers.hpp"
#include "scenarios/report/render_csv.hpp"
#include "scenarios/report/render_json_impl.hpp"
#include "scenarios/report/report_tables.hpp"
#include "scenarios/step_causes.hpp"

namespace windtunnel::scenarios {
namespace {

bool fits(const JobPlan& job) { return !job.memory || job.memory->fits; }

std::string plan_headline(const PlanReport& r) {
  std::string text;
  for (const JobPlan& job : r.jobs) {
    if (!text.empty()) text += " ";
    if (!fits(job))
      text += job.name + " does not fit in memory.";
    else
      text += fmt::format("{}: {} a step at {} MFU; {} and {} of compute if nothing fails.",
                          job.name, to_string(job.step.step), percent(job.step.mfu),
                          duration(job.ideal_duration.seconds()),
                          usd_short(job.ideal_compute.dollars()));
  }
  return text;
}

Table plan_table(const PlanReport& r) {
  Table table({{"JOB"},
               {"FITS"},
               {"STEP", Align::right},
               {"MFU", Align::right},
               {"TOKENS/S/GPU", Align::right},
               {"STEPS", Align::right},
               {"IDEAL TIME", Align::right},
               {"IDEAL COMPUTE", Align::right}});
  for (const JobPlan& job : r.jobs)
    table.add(
        {job.name,
         !job.memory        ? "not judged"
         : job.memory->fits ? "yes"
                            : "NO",
         to_string(job.step.step), percent(job.step.mfu),
         job.step.tokens_per_s_per_gpu > 0 ? three_digits(job.step.tokens_per_s_per_gpu) : "-",
         grouped(job.steps), duration(job.ideal_duration.seconds()),
         usd_cents(job.ideal_compute.dollars())});
  return table;
}

std::string plan_sentence(const JobPlan& job) {
  return fmt::format("{} on {} x {} ({} {}), {}, {} data-parallel.", job.model, job.nodes,
                     job.instance_type, grouped(job.gpus), job.gpu, job.plan, job.data);
}

Section job_section(const JobPlan& job) {
  Section section{.title = job.name, .paragraphs = {plan_sentence(job)}};
  if (job.memory) {
    section.paragraphs.push_back(memory_sentence(*job.memory));
    section.tables.push_back(memory_table(*job.memory));
  }
  section.charts.push_back(step_chart(job.step));
  section.tables.push_back(step_table(job.step));
  if (job.step.sigma_ln > 0)
    section.notes.push_back(fmt::format("The step model's own error: ±{} (one standard deviation).",
                                        percent(job.step.sigma_ln)));
  return section;
}

} // namespace

Sheet sheet_of(const PlanReport& r) {
  Sheet sheet{.title = r.scenario,
              .subtitle = fmt::format("plan, {}, windtunnel {}", r.region, r.version),
              .headline = plan_headline(r),
              .lines = {"Nothing is simulated here: no failures, checkpoints or bring-up."},
              .warnings = r.warnings,
              .json = to_json(r),
              .csv = {{"plan.csv", to_csv(r)}}};
  for (const JobPlan& job : r.jobs) {
    sheet.figures.push_back(
        {job.name + " step", to_string(job.step.step), percent(job.step.mfu) + " MFU"});
    sheet.figures.push_back({job.name + " ideal", duration(job.ideal_duration.seconds()),
                             usd_short(job.ideal_compute.dollars()) + " of compute"});
  }
  sheet.sections.push_back({.title = "Plans", .tables = {plan_table(r)}});
  for (const JobPlan& job : r.jobs) sheet.sections.push_back(job_section(job));
  add_assumptions(sheet, r.assumptions);
  return sheet;
}

std::string to_json(const PlanReport& r) {
  json::Writer w;
  w.begin_object().field("formatVersion", report_format_version).field("kind", "plan");
  w.field("scenario", r.scenario).field("region", r.region).field("version", r.version);
  w.begin_array("jobs");
  for (const JobPlan& job : r.jobs) {
    w.begin_object().field("name", job.name).field("model", job.model);
    w.field("instance_type", job.instance_type).field("gpu", job.gpu).field("plan", job.plan);
    w.field("nodes", job.nodes).field("gpus", job.gpus).field("data", job.data);
    w.field("steps", job.steps);
    write(w, "step", job.step);
    write(w, "memory", job.memory);
    w.field("ideal_duration_s", job.ideal_duration).field("ideal_compute_usd", job.ideal_compute);
    w.end();
  }
  w.end();
  write(w, r.assumptions);
  write_texts(w, "warnings", r.warnings);
  w.end();
  return w.str();
}

std::string to_csv(const PlanReport& r) {
  std::vector<std::string> columns{"name",
                                   "model",
                                   "instance_type",
                                   "gpu",
                                   "plan",
                                   "nodes",
                                   "gpus",
                                   "data",
                                   "fits",
                                   "memory_bytes",
                                   "available_bytes",
                                   "nearest_fit",
                                   "steps",
                                   "step_s",
                                   "mfu",
                                   "tokens_per_s_per_gpu",
                                   "ideal_duration_s",
                                   "ideal_compute_usd"};
  for (const StepCause& cause : step_causes) columns.push_back(std::string(cause.cause) + "_s");
  CsvWriter table(columns);
  for (const JobPlan& job : r.jobs) {
    const auto& m = job.memory;
    std::vector<std::string> cells{job.name,
                                   job.model,
                                   job.instance_type,
                                   job.gpu,
                                   job.plan,
                                   std::to_string(job.nodes),
                                   std::to_string(job.gpus),
                                   std::to_string(job.data),
                                   !m        ? ""
                                   : m->fits ? "true"
                                             : "false",
                                   m ? std::to_string(m->fullest.total().count()) : "",
                                   m ? std::to_string(m->available.count()) : "",
                                   m && m->nearest_fit ? m->nearest_fit_text : "",
                                   json::number(job.steps),
                                   json::number(job.step.step.seconds()),
                                   json::number(job.step.mfu),
                                   json::number(job.step.tokens_per_s_per_gpu),
                                   json::number(job.ideal_duration.seconds()),
                                   exact_dollars(job.ideal_compute)};
    for (const StepCause& cause : step_causes)
      cells.push_back(json::number((job.step.parts.*cause.part).seconds()));
    table.add(cells);
  }
  return table.text();
}

} // namespace windtunnel::scenarios
