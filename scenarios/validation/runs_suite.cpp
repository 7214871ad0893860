#include "scenarios/validation/runs_suite.hpp"

#include <algorithm>
#include <cmath>
#include <map>
#include <regex>

#include "libsim/base/error.hpp"
#include "models/failures/failure_profile.hpp"
#include "models/network/fabric_description.hpp"
#include "models/training/checkpoint.hpp"
#include "models/training/memory.hpp"
#include "models/training/step_model.hpp"

namespace windtunnel::scenarios {
namespace {

using catalog::Catalog;
using catalog::LanguageModel;
using training::Recompute;
using training::StepSetup;

struct Refusal {
  std::string reason;
};

const LanguageModel& find_model(const CsvTable& table, std::size_t row, const Catalog& catalog,
                                bool& assumed) {
  std::string name = table.text(row, "model");
  static const std::regex aside(R"(\(.*\)|\bLoRA\b|\breplica\b|\bprojection\b|\bon Megatron\b)",
                                std::regex::icase);
  name = std::regex_replace(name, aside, "");
  while (!name.empty() && name.back() == ' ') name.pop_back();
  if (const LanguageModel* found = catalog.language_model(name)) return *found;
  const auto billions = table.number(row, "params_b");
  if (!billions) throw Refusal{"model not in the catalog, size not given"};
  if (table.text(row, "kind").find("MoE") != std::string::npos)
    throw Refusal{"mixture of experts not in the catalog"};
  const LanguageModel* nearest = nullptr;
  double best = std::log(1.25);
  for (const LanguageModel& model : catalog.language_models()) {
    const double distance = std::abs(std::log(model.parameters() / (*billions * 1e9)));
    if (model.experts == 0 && distance < best) {
      best = distance;
      nearest = &model;
    }
  }
  if (!nearest) throw Refusal{"model not in the catalog, none of its size"};
  assumed = true;
  return *nearest;
}

/// The plan by the rules of the header.
StepSetup plan_of(const CsvTable& table, std::size_t row, const Catalog& catalog, bool& assumed) {
  StepSetup s;
  s.model = find_model(table, row, catalog, assumed);
  std::string gpu_name = table.text(row, "gpu");
  gpu_name = gpu_name.substr(0, gpu_name.find(" ("));
  const catalog::GpuSpec* gpu = catalog.gpu(gpu_name);
  if (!gpu) throw Refusal{"GPU not in the catalog: " + gpu_name};
  s.system.gpu = *gpu;
  const auto count = table.number(row, "n_gpus");
  if (!count) assumed = true;
  s.system.gpus = static_cast<int>(count.value_or(1024));
  const int per_node = static_cast<int>(table.number(row, "gpus_per_node").value_or(8));
  s.system.fabric = network::describe_fabric("", gpu->name, gpu->nvlink.value_or(Bandwidth{}),
                                             std::min(per_node, s.system.gpus), &assumed);
  s.sequence_length =
      s.model.learned_positions ? 2048 : std::min(8192, s.model.max_position.value_or(4096));
  const bool mlperf = table.text(row, "kind").find("MLPerf") != std::string::npos;
  const std::string& kind = table.text(row, "kind");
  s.lora = kind.find("LoRA") != std::string::npos;
  const bool has_fp8 = gpu->peak(catalog::Dtype::fp8).has_value();
  s.plan.dtype = (mlperf || s.lora) && has_fp8 ? catalog::Dtype::fp8 : catalog::Dtype::bf16;
  const bool before_flash = !s.model.gated_mlp && gpu->architecture.starts_with("Ampere");
  s.framework = before_flash ? "megatron-2021" : "megatron-core";
  const int domain = std::min(8, s.system.fabric.domain_size);
  for (int pipeline = 1; pipeline <= 64; pipeline *= 2)
    for (int tensor = pipeline > 1 ? domain : 1; tensor <= domain; tensor *= 2)
      for (const Recompute recompute : {Recompute::none, Recompute::selective, Recompute::full}) {
        s.plan.tensor = tensor;
        s.plan.pipeline = pipeline;
        s.plan.recompute = recompute;
        if (s.system.gpus % (tensor * pipeline) != 0) continue;
        const int data = s.data_parallel();
        const int four_million = static_cast<int>(std::ceil(4e6 / s.sequence_length / data));
        s.global_batch =
            data * std::max((four_million + pipeline - 1) / pipeline * pipeline, pipeline);
        s.plan.virtual_stages =
            pipeline > 1 ? std::clamp((s.model.layers + 2) / pipeline, 1, 8) : 1;
        if (training::check(s).empty() && training::judge_memory(s).fits) return s;
      }
  throw Refusal{"no plan of the rules fits"};
}

double slowdown_by_failures(int gpus) {
  const double per_hour = failures::profile("published-prior")->unplanned_per_gpu_hour() * gpus;
  const Time mtbf = hours(1 / per_hour), stall = minutes(1);
  return training::exact_slowdown(training::optimal_interval(stall, mtbf), stall, minutes(10),
                                  mtbf);
}

std::vector<Scored> score_run(const CsvTable& table, std::size_t row, const Catalog& catalog) {
  std::vector<Scored> out;
  const auto give = [&](const char* group, double measured, double predicted, bool assumed) {
    out.push_back({"published runs", group, measured, predicted, assumed});
  };
  const auto gpus = table.number(row, "n_gpus"), days_of = table.number(row, "wall_days");
  if (const auto failed = table.number(row, "unexpected_failures"); failed && gpus && days_of) {
    // The rate is an input: what is scored is the profile of that fleet, else the prior.
    const bool llama = table.text(row, "model").find("405B") != std::string::npos;
    const auto* profile = failures::profile(llama ? "llama3-h100" : "published-prior");
    give("interruptions", *failed, profile->unplanned_per_gpu_hour() * *gpus * *days_of * 24,
         !llama);
  }
  const auto tokens = table.number(row, "tokens_b");
  const auto hours_given = table.number(row, "gpu_hours");
  const auto rate = table.number(row, "tokens_per_s_per_gpu"), mfu = table.number(row, "mfu");
  const bool whole = tokens && (hours_given || (days_of && gpus));
  if (!whole && !rate && !mfu) {
    if (out.empty()) throw Refusal{"no quantity that follows from what is given"};
    return out;
  }
  bool assumed = true; // the plan always comes from the rules
  const StepSetup setup = plan_of(table, row, catalog, assumed);
  const training::StepEstimate step = training::estimate_step(setup);
  if (rate) give("tokens_per_s_per_gpu", *rate, step.tokens_per_s_per_gpu, assumed);
  if (mfu) give("mfu", *mfu, step.mfu, assumed);
  if (whole) {
    const double gpu_hours =
        *tokens * 1e9 / step.tokens_per_s_per_gpu / 3600 * slowdown_by_failures(setup.system.gpus);
    if (hours_given) give("gpu_hours", *hours_given, gpu_hours, assumed);
    if (days_of && gpus) give("wall_days", *days_of, gpu_hours / *gpus / 24, assumed);
  }
  return out;
}

} // namespace

ValidationResult validate_runs(const CsvTable& table, const Catalog& catalog) {
  table.require({"model", "kind", "gpu"});
  ValidationResult result;
  std::vector<Scored> all;
  std::map<std::string, int> refused;
  for (std::size_t row = 0; row < table.size(); ++row) {
    try {
      const std::vector<Scored> scored = score_run(table, row, catalog);
      all.insert(all.end(), scored.begin(), scored.end());
    } catch (const Refusal& refusal) {
      ++refused[refusal.reason];
    } catch (const ModelError& error) {
      ++refused[std::string("outside the model: ") + error.what()];
    }
  }
  result.rows = score(all);
  result.refused.assign(refused.begin(), refused.end());
  return result;
}

} // namespace windtunnel::scenarios
