#include "scenarios/plan.hpp"

#include "scenarios/assumptions.hpp"
#include "scenarios/check.hpp"
#include "scenarios/version.hpp"

namespace windtunnel::scenarios {

std::string plan_text(const TrainingWorkload& w) {
  const training::ParallelismPlan& p = w.plan;
  std::string text;
  const auto add = [&](const char* name, int size) {
    if (size > 1) text += (text.empty() ? "" : " ") + std::string(name) + std::to_string(size);
  };
  add("TP", p.tensor);
  add("PP", p.pipeline);
  add("VP", p.virtual_stages);
  add("CP", p.context);
  add("EP", p.expert);
  text += text.empty() ? "" : " ";
  text += std::string(training::to_string(p.sharding)) + " mbs" + std::to_string(p.micro_batch);
  if (p.recompute != training::Recompute::none)
    text += std::string(" recompute-") + training::to_string(p.recompute);
  return text + " " + catalog::to_string(p.dtype);
}

PlanReport plan(const Scenario& s, const catalog::Catalog& catalog) {
  // A plan that does not fit is this verb's answer, not an error.
  std::vector<Issue> issues = check(s, catalog, MemoryRule::ignore);
  if (!issues.empty()) throw InputError("scenario", std::move(issues));
  PlanReport report{.scenario = s.name, .region = s.region, .version = version()};
  for (const TrainingWorkload& w : s.workloads) {
    const NodePool& pool = *s.node_pool(w.node_pool);
    const catalog::InstanceType& type = *catalog.instance_type(pool.instance_type);
    JobPlan job;
    job.name = w.name;
    job.model = w.model;
    job.instance_type = type.name;
    job.gpu = type.accelerator;
    job.plan = plan_text(w);
    job.nodes = nodes_of(w, s);
    job.gpus = job.nodes * type.accelerators;
    job.steps = steps_of(w, catalog);
    job.step = step_of(w, s, catalog);
    if (is_diffusion(w, catalog)) {
      job.data = job.gpus;
    } else {
      const training::StepSetup setup = step_setup(w, s, catalog);
      job.data = setup.data_parallel();
      job.memory = training::judge_memory(setup);
    }
    job.ideal_duration = job.step.step * job.steps;
    const Price price = Price::from_raw(price_of(pool, s, catalog)->usd.nano_dollars());
    job.ideal_compute = charge(price, Int128{job.ideal_duration.ns()} * job.nodes);
    report.jobs.push_back(std::move(job));
  }
  report.assumptions = price_assumptions(s, catalog);
  add_step_assumptions(s, catalog, report.assumptions);
  return report;
}

} // namespace windtunnel::scenarios
