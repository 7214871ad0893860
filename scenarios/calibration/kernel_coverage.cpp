#include "scenarios/calibration/kernel_coverage.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "libsim/base/error.hpp"
#include "libsim/json/writer.hpp"
#include "models/operators/transformer.hpp"
#include "scenarios/check.hpp"
#include "scenarios/plan.hpp"
#include "scenarios/report/numbers.hpp"
#include "scenarios/report/render_csv.hpp"
#include "scenarios/report/table.hpp"

namespace windtunnel::scenarios {
namespace {

using catalog::LanguageModel;
using kernels::GemmKernel;

/// The kernels of one GPU in one format, or why there are none.
class Answers {
public:
  Answers(const catalog::GpuSpec& gpu, const std::string& dtype,
          std::span<const kernels::KernelTable> tables, const catalog::Catalog& catalog) {
    try {
      gemm_ = kernels::GpuKernels(gpu, tables, catalog).gemm(dtype);
    } catch (const InputError& error) {
      missing_ = error.issues().front().message;
    } catch (const ModelError& error) {
      missing_ = error.what();
    }
  }
  void add(CoveredPlan& plan, const char* pass, const operators::Gemm& shape, double m, double n,
           double k, double layers) const {
    // Fewer tokens than experts: those that get one get a whole one.
    CoveredKernel kernel{pass,
                         "gemm",
                         shape.name,
                         std::max(1.0, m),
                         std::max(1.0, n),
                         std::max(1.0, k),
                         shape.count * layers,
                         std::nullopt,
                         missing_};
    if (gemm_) kernel.time = gemm_->time(kernel.m, kernel.n, kernel.k);
    plan.kernels.push_back(std::move(kernel));
  }

private:
  std::optional<GemmKernel> gemm_;
  std::string missing_;
};

enum class Work { serving, training };

void add_model(CoveredPlan& plan, const LanguageModel& model, const operators::Cut& cut, Work work,
               const Answers& answers) {
  const auto add = [&](const operators::LayerWork& of, double layers) {
    if (layers == 0) return;
    for (const operators::Gemm& g : of.gemms) {
      answers.add(plan, "forward", g, g.m, g.n, g.k, layers);
      if (work == Work::serving) continue;
      answers.add(plan, "data gradient", g, g.m, g.k, g.n, layers);
      answers.add(plan, "weight gradient", g, g.n, g.k, g.m, layers);
    }
  };
  const int moe = model.moe_layers();
  add(operators::transformer_layer(model, false, cut), model.layers - moe);
  if (moe > 0) add(operators::transformer_layer(model, true, cut), moe);
  add(operators::language_head(model, cut), 1);
}

std::string shape_text(const CoveredKernel& k) {
  return fmt::format("m {} n {} k {}", grouped(k.m), grouped(k.n), grouped(k.k));
}

const char* basis_text(const CoveredKernel& k) {
  return k.time ? to_string(k.time->basis) : "missing";
}

std::string text_of(const std::vector<CoveredPlan>& plans) {
  std::string text;
  for (const CoveredPlan& plan : plans) {
    text += fmt::format("{}{} on {}, {}\n\n", text.empty() ? "" : "\n", plan.model, plan.gpu,
                        plan.plan);
    Table rows({{"OP"},
                {"NAME"},
                {"PASS"},
                {"CALLS", Align::right},
                {"M", Align::right},
                {"N", Align::right},
                {"K", Align::right},
                {"BASIS"},
                {"TIME us", Align::right},
                {"P10", Align::right},
                {"P90", Align::right}});
    const auto us = [](double seconds) { return three_digits(seconds * 1e6); };
    for (const CoveredKernel& k : plan.kernels)
      rows.add({k.op, k.name, k.pass, grouped(k.calls), grouped(k.m), grouped(k.n), grouped(k.k),
                basis_text(k), k.time ? us(k.time->seconds) : "-", k.time ? us(k.time->p10) : "-",
                k.time ? us(k.time->p90) : "-"});
    text += rows.text();
    std::vector<std::string> sources;
    for (const CoveredKernel& k : plan.kernels)
      if (k.time) {
        std::string source = k.time->table->gpu + ": " + k.time->table->provenance.source;
        if (std::ranges::find(sources, source) == sources.end()) sources.push_back(source);
      }
    for (const std::string& source : sources)
      text += (&source == &sources.front() ? "\ntables  " : "        ") + source + "\n";
    text += "\nmatrix products only; attention and memory-bound operators are not looked up\n";
  }
  return text;
}

std::string json_of(const std::vector<CoveredPlan>& plans) {
  json::Writer w;
  w.begin_object().begin_array("plans");
  for (const CoveredPlan& plan : plans) {
    w.begin_object()
        .field("gpu", plan.gpu)
        .field("model", plan.model)
        .field("plan", plan.plan)
        .begin_array("kernels");
    for (const CoveredKernel& k : plan.kernels) {
      w.begin_object()
          .field("op", k.op)
          .field("name", k.name)
          .field("pass", k.pass)
          .field("calls", k.calls)
          .field("m", k.m)
          .field("n", k.n)
          .field("k", k.k)
          .field("basis", basis_text(k));
      if (k.time)
        w.field("time_s", k.time->seconds)
            .field("p10_s", k.time->p10)
            .field("p90_s", k.time->p90)
            .field("table_gpu", k.time->table->gpu)
            .field("source", k.time->table->provenance.source);
      else
        w.field("missing", k.missing);
      w.end();
    }
    w.end().end();
  }
  return w.end().end().str();
}

std::string csv_of(const std::vector<CoveredPlan>& plans) {
  CsvWriter csv({"gpu", "model", "plan", "op", "name", "pass", "calls", "m", "n", "k", "basis",
                 "time_s", "p10_s", "p90_s", "table_gpu", "source"});
  const auto number = [](double value) { return fmt::format("{}", value); };
  for (const CoveredPlan& plan : plans)
    for (const CoveredKernel& k : plan.kernels)
      csv.add({plan.gpu, plan.model, plan.plan, k.op, k.name, k.pass, number(k.calls), number(k.m),
               number(k.n), number(k.k), basis_text(k), k.time ? number(k.time->seconds) : "",
               k.time ? number(k.time->p10) : "", k.time ? number(k.time->p90) : "",
               k.time ? k.time->table->gpu : "", k.time ? k.time->table->provenance.source : ""});
  return csv.text();
}

} // namespace

CoveredPlan cover(const ServingPlan& plan, const catalog::Catalog& catalog,
                  std::span<const kernels::KernelTable> tables) {
  std::vector<Issue> issues;
  const catalog::GpuSpec* const gpu = catalog.gpu(plan.gpu);
  if (!gpu) issues.push_back({"--gpu", "the catalog has no GPU '" + plan.gpu + "'"});
  const LanguageModel* const model = catalog.language_model(plan.model);
  if (!model)
    issues.push_back({"--model", "the catalog has no language model '" + plan.model + "'"});
  const auto divides = [&](const char* option, int size, int whole, const char* what) {
    if (whole % size != 0)
      issues.push_back({option, fmt::format("{} does not divide the {} {} of {}", size, whole, what,
                                            model->name)});
  };
  if (model) {
    divides("--tensor-parallel", plan.tensor, model->heads, "heads");
    divides("--expert-parallel", plan.expert, std::max(1, model->experts), "experts");
  }
  if (!issues.empty()) throw InputError("options", std::move(issues));

  CoveredPlan covered{gpu->name, model->name, fmt::format("serving TP{}", plan.tensor), {}};
  if (plan.expert > 1) covered.plan += fmt::format(" EP{}", plan.expert);
  covered.plan += " " + plan.dtype;
  const Answers answers(*gpu, plan.dtype, tables, catalog);
  for (const int tokens : plan.tokens)
    add_model(covered, *model,
              {.tensor = plan.tensor,
               .context = 1,
               .expert = plan.expert,
               .sequence_parallel = false,
               .micro_batch = 1,
               .sequence = static_cast<double>(tokens),
               .fused = true},
              Work::serving, answers);
  return covered;
}

std::vector<CoveredPlan> cover(const Scenario& scenario, const catalog::Catalog& catalog,
                               std::span<const kernels::KernelTable> tables) {
  std::vector<Issue> issues = check(scenario, catalog, MemoryRule::ignore);
  for (std::size_t i = 0; issues.empty() && i < scenario.workloads.size(); ++i)
    if (is_diffusion(scenario.workloads[i], catalog))
      issues.push_back({fmt::format("/workloads/{}/model", i),
                        scenario.workloads[i].model +
                            " is a diffusion model, whose convolutions have no kernel tables"});
  if (!issues.empty()) throw InputError("scenario", std::move(issues));
  std::vector<CoveredPlan> plans;
  for (const TrainingWorkload& w : scenario.workloads) {
    const training::StepSetup setup = step_setup(w, scenario, catalog);
    const training::ParallelismPlan& p = setup.plan;
    CoveredPlan covered{setup.system.gpu.name, setup.model.name, plan_text(w), {}};
    add_model(covered, setup.model,
              {.tensor = p.tensor,
               .context = p.context,
               .expert = p.expert,
               .sequence_parallel = p.sequence_parallel,
               .micro_batch = static_cast<double>(p.micro_batch),
               .sequence = static_cast<double>(setup.sequence_length),
               .fused = true},
              Work::training,
              Answers(setup.system.gpu, catalog::to_string(p.dtype), tables, catalog));
    plans.push_back(std::move(covered));
  }
  return plans;
}

void require_known(const std::vector<CoveredPlan>& plans, kernels::Basis weakest) {
  std::vector<Issue> issues;
  for (const CoveredPlan& plan : plans)
    for (const CoveredKernel& k : plan.kernels)
      if (!k.time || k.time->basis > weakest)
        issues.push_back(
            {plan.gpu, fmt::format("{} {}, {}, {}: {}", k.op, k.name, k.pass, shape_text(k),
                                   k.time ? basis_text(k) : k.missing)});
  if (!issues.empty()) throw InputError("kernel coverage", std::move(issues));
}

std::string render(const std::vector<CoveredPlan>& plans, const std::string& format) {
  return format == "json" ? json_of(plans) : format == "csv" ? csv_of(plans) : text_of(plans);
}

} // namespace windtunnel::scenarios
