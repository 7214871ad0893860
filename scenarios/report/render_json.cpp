#include "scenarios/report/render_json_impl.hpp"

#include "libsim/base/unit_strings.hpp"
#include "scenarios/report/formats_impl.hpp"
#include "scenarios/step_causes.hpp"

namespace windtunnel::scenarios {
namespace {

const char* name_of(training::Sharding sharding) {
  switch (sharding) {
  case training::Sharding::none:
    break;
  case training::Sharding::zero1:
    return "zero1";
  case training::Sharding::zero2:
    return "zero2";
  case training::Sharding::fsdp:
    return "fsdp";
  }
  return "none";
}

const char* name_of(training::Recompute recompute) {
  return recompute == training::Recompute::full        ? "full"
         : recompute == training::Recompute::selective ? "selective"
                                                       : "none";
}

void write_bill(json::Writer& w, const Report& r) {
  w.field("bill_usd", r.bill).begin_array("bill_lines");
  for (const BillLine& line : r.bill_lines) {
    w.begin_object();
    write_texts(w, "path", line.path);
    w.field("quantity", line.quantity).field("unit", line.unit);
    // Zero stands for "several prices joined": a price of zero would be read as free.
    if (line.unit_price == Money{})
      w.null_field("unit_price_usd");
    else
      w.field("unit_price_usd", line.unit_price);
    w.field("cost_usd", line.cost).field("estimated", line.estimated).end();
  }
  w.end().begin_array("waterfall");
  for (const WaterfallItem& item : r.waterfall) write(w, item);
  w.end();
}

void write_goals(json::Writer& w, const Report& r) {
  w.begin_array("goals");
  for (const GoalResult& goal : r.goals) {
    w.begin_object().field("name", goal.name);
    w.field(goal.name == "budget" ? "limit_usd" : "limit_s", goal.limit);
    w.field("probability", goal.probability).end();
  }
  w.end();
}

void write_job_distributions(json::Writer& w, const JobReport& job) {
  write(w, "finish_s", job.finish_s);
  write(w, "gpu_hours", job.gpu_hours);
  write(w, "goodput", job.goodput);
  write(w, "mfu_times_goodput", job.mfu_times_goodput);
  write(w, "interruptions", job.interruptions);
  write(w, "interruptions_per_54_days", job.interruptions_per_54_days);
  write(w, "planned_interruptions", job.planned_interruptions);
  write(w, "checkpoint_interval_s", job.checkpoint_interval_s);
  write(w, "lost_work_s", job.lost_work_s);
  write(w, "restart_s", job.restart_s);
  write(w, "checkpoint_stall_s", job.checkpoint_stall_s);
  write(w, "cost_usd", job.cost_usd);
}

void write_job(json::Writer& w, const JobReport& job) {
  w.begin_object();
  w.field("name", job.name).field("model", job.model).field("node_pool", job.node_pool);
  w.field("instance_type", job.instance_type).field("gpu", job.gpu).field("plan", job.plan);
  w.field("nodes", job.nodes).field("gpus", job.gpus);
  w.field("tensor", job.tensor).field("pipeline", job.pipeline).field("context", job.context);
  w.field("expert", job.expert).field("data", job.data);
  w.field("steps", job.steps).field("work", job.work).field("work_unit", job.work_unit);
  write(w, "step", job.step);
  write(w, "memory", job.memory);
  write_job_distributions(w, job);
  // Named by what it counts: dollars per million tokens, per thousand images.
  w.field(job.work_unit == "images" ? "usd_per_thousand_images" : "usd_per_million_tokens",
          job.usd_per_million_work);
  w.begin_array("failures");
  for (const ClassCount& failure : job.failures)
    w.begin_object().field("name", failure.name).field("mean", failure.mean).end();
  w.end().end();
}

void write_workload(json::Writer& w, const WorkloadReport& workload) {
  w.begin_object().field("name", workload.name).field("node_pool", workload.node_pool);
  w.field("instance_type", workload.instance_type);
  write(w, "finish_s", workload.finish_s);
  write(w, "node_hours", workload.node_hours);
  write(w, "useful_node_hours", workload.useful_node_hours);
  write(w, "cost_usd", workload.cost_usd);
  w.end();
}

void write_series(json::Writer& w, const Report& r) {
  w.begin_array("series");
  for (const Series& series : r.series) {
    w.begin_object().field("name", series.name).field("unit", series.unit);
    write_numbers(w, "time_s", series.time_s);
    write_numbers(w, "value", series.value);
    w.end();
  }
  w.end();
}

} // namespace

void write(json::Writer& w, const char* name, const Distribution& d) {
  w.begin_object(name).field("mean", d.mean).field("p10", d.p10).field("p50", d.p50);
  w.field("p90", d.p90).field("half_width", d.half_width);
  if (d.epistemic_share)
    w.field("epistemic_share", *d.epistemic_share);
  else
    w.null_field("epistemic_share");
  w.end();
}

void write(json::Writer& w, const char* name, const training::StepEstimate& step) {
  w.begin_object(name).field("step_s", step.step).begin_object("parts_s");
  for (const StepCause& cause : step_causes) w.field(cause.cause, step.parts.*cause.part);
  w.end().field("model_flops", step.model_flops).field("mfu", step.mfu);
  w.field("tokens_per_s_per_gpu", step.tokens_per_s_per_gpu).field("sigma_ln", step.sigma_ln);
  write_texts(w, "assumptions", step.assumptions);
  w.end();
}

void write(json::Writer& w, const char* name,
           const std::optional<training::MemoryVerdict>& memory) {
  if (!memory) {
    w.null_field(name);
    return;
  }
  const training::MemoryBreakdown& m = memory->fullest;
  w.begin_object(name).field("fits", memory->fits).field("explanation", memory->explanation);
  w.field("available_bytes", memory->available).field("total_bytes", m.total());
  w.begin_object("fullest").field("pipeline_rank", m.pipeline_rank);
  w.field("weights_bytes", m.weights).field("gradients_bytes", m.gradients);
  w.field("optimizer_bytes", m.optimizer).field("activations_bytes", m.activations);
  w.field("logits_bytes", m.logits).field("communication_bytes", m.communication);
  w.field("overhead_bytes", m.overhead).end();
  if (!memory->nearest_fit) {
    w.null_field("nearest_fit").end();
    return;
  }
  const training::ParallelismPlan& p = *memory->nearest_fit;
  w.begin_object("nearest_fit").field("text", memory->nearest_fit_text);
  w.field("tensor", p.tensor).field("pipeline", p.pipeline);
  w.field("virtual_stages", p.virtual_stages).field("context", p.context);
  w.field("expert", p.expert).field("micro_batch", p.micro_batch);
  w.field("sharding", name_of(p.sharding)).field("sharding_group", p.sharding_group);
  w.field("recompute", name_of(p.recompute));
  w.field("dtype", catalog::to_string(p.dtype)).field("sequence_parallel", p.sequence_parallel);
  w.end().end();
}

void write(json::Writer& w, const std::vector<Assumption>& assumptions) {
  w.begin_array("assumptions");
  for (const Assumption& a : assumptions)
    w.begin_object()
        .field("what", a.what)
        .field("value", a.value)
        .field("source", a.source)
        .field("date", a.date)
        .field("method", a.method)
        .field("note", a.note)
        .end();
  w.end();
}

void write(json::Writer& w, const WaterfallItem& item) {
  w.begin_object().field("cause", item.cause).field("label", item.label);
  w.field("cost_usd", item.cost).field("node_hours", item.node_hours).end();
}

void write_numbers(json::Writer& w, const char* name, const std::vector<double>& values) {
  // One line: thousands of samples, one a line, would bury the rest.
  std::string text = "[";
  for (const double value : values) text += (text.size() > 1 ? ", " : "") + json::number(value);
  w.raw_field(name, text + "]");
}

void write_texts(json::Writer& w, const char* name, const std::vector<std::string>& values) {
  w.begin_array(name);
  for (const std::string& value : values) w.element(value);
  w.end();
}

void write_fields(json::Writer& w, const Report& r) {
  w.field("scenario", r.scenario).field("region", r.region).field("version", r.version);
  if (r.start)
    w.field("start", format_instant(*r.start)).field("start_unix_s", *r.start);
  else
    w.null_field("start").null_field("start_unix_s");
  w.field("replications", r.replications).field("seed", r.seed);
  write(w, "finish_s", r.finish_s);
  write(w, "cost_usd", r.cost_usd);
  write_goals(w, r);
  write_bill(w, r);
  w.begin_array("jobs");
  for (const JobReport& job : r.jobs) write_job(w, job);
  w.end().begin_array("workloads");
  for (const WorkloadReport& workload : r.workloads) write_workload(w, workload);
  w.end();
  write(w, r.assumptions);
  write_texts(w, "warnings", r.warnings);
  write_numbers(w, "finish_samples_s", r.finish_samples_s);
  write_numbers(w, "cost_samples_usd", r.cost_samples_usd);
  write_series(w, r);
}

std::string to_json(const Report& report) {
  json::Writer w;
  w.begin_object().field("formatVersion", report_format_version).field("kind", "report");
  write_fields(w, report);
  w.end();
  return w.str();
}

} // namespace windtunnel::scenarios
