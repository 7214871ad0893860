#include "scenarios/validation/runs_suite.hpp"

#include <algorithm>
#include <cmath>
#include <map>
#include <numeric>
#include <optional>

#include "models/failures/failure_profile.hpp"
#include "models/network/fabric_description.hpp"
#include "models/training/checkpoint.hpp"
#include "models/training/memory.hpp"
#include "models/training/step_model.hpp"
#include "scenarios/validation/library_runs.hpp"
#include "scenarios/validation/published_row.hpp"

namespace windtunnel::scenarios {
namespace {

using catalog::Catalog;
using training::Recompute;
using training::StepSetup;

/// The rest of the plan that goes with tensor and pipeline parallelism, and the batch.
void lay_out(StepSetup& s, int tensor, int pipeline, Recompute recompute) {
  s.plan.tensor = tensor;
  s.plan.pipeline = pipeline;
  s.plan.recompute = recompute;
  const int data = s.data_parallel();
  s.plan.expert = s.model.experts > 0 ? std::gcd(s.model.experts, std::gcd(data * tensor, 64)) : 1;
  const double tokens = s.lora ? 0 : 4e6;
  const int sequences = static_cast<int>(std::ceil(tokens / s.sequence_length / data));
  s.global_batch = data * std::max((sequences + pipeline - 1) / pipeline * pipeline, pipeline);
  s.plan.virtual_stages = pipeline > 1 ? std::clamp((s.model.layers + 2) / pipeline, 1, 8) : 1;
}

/// The plan by the rules of the header.
StepSetup plan_of(PublishedRow& row) {
  StepSetup s;
  s.model = row.language_model();
  const catalog::GpuSpec* gpu = &row.gpu();
  s.system.gpu = *gpu;
  s.system.gpus = std::min(row.count_or("n_gpus", 1024), 1'000'000);
  const int per_node = row.count("gpus_per_node").value_or(8);
  bool assumed = true;
  s.system.fabric = network::describe_fabric("", gpu->name, gpu->nvlink.value_or(Bandwidth{}),
                                             std::min(per_node, s.system.gpus), &assumed);
  s.sequence_length =
      s.model.learned_positions ? 2048 : std::min(8192, s.model.max_position.value_or(4096));
  const bool mlperf = row.text("kind").find("MLPerf") != std::string::npos;
  s.lora = row.lora();
  const bool mlperf_name = row.text("model").find("MLPerf") != std::string::npos;
  if (s.lora && mlperf_name) s.sequence_length = 8192; // the benchmark packs to that
  const bool has_fp8 = gpu->peak(catalog::Dtype::fp8).has_value();
  s.plan.dtype = (mlperf || s.lora) && has_fp8 ? catalog::Dtype::fp8 : catalog::Dtype::bf16;
  const bool before_flash = !s.model.gated_mlp && gpu->architecture.starts_with("Ampere");
  s.framework = before_flash ? "megatron-2021" : "megatron-core";
  const int domain = std::min(8, s.system.fabric.domain_size);
  std::optional<StepSetup> fastest;
  double best = 0;
  for (const Recompute recompute : {Recompute::none, Recompute::selective, Recompute::full})
    for (int pipeline = 1; pipeline <= 64; pipeline *= 2)
      for (int tensor = 1; tensor <= domain; tensor *= 2) {
        if (s.system.gpus % (tensor * pipeline) != 0) continue;
        lay_out(s, tensor, pipeline, recompute);
        if (!training::check(s).empty() || !training::judge_memory(s).fits) continue;
        const double rate = training::estimate_step(s).tokens_per_s_per_gpu;
        if (rate > best) {
          best = rate;
          fastest = s;
        }
      }
  if (fastest) return *fastest;
  throw Refusal{"no plan of the rules fits"};
}

double slowdown_by_failures(int gpus) {
  const double per_hour = failures::profile("published-prior")->unplanned_per_gpu_hour() * gpus;
  const Time mtbf = hours(1 / per_hour), stall = minutes(1);
  return training::exact_slowdown(training::optimal_interval(stall, mtbf), stall, minutes(10),
                                  mtbf);
}

std::vector<Scored> score_run(PublishedRow row) {
  std::vector<Scored> out;
  const auto give = [&](const char* group, double measured, double predicted, bool assumed) {
    if (!(predicted > 0) || !std::isfinite(predicted))
      throw Refusal{"outside the model: no finite prediction"};
    out.push_back({"published runs", group, measured, predicted, assumed, row.text("model")});
  };
  const auto gpus = row.count("n_gpus");
  const auto days_of = row.positive("wall_days");
  if (const auto failed = row.positive("unexpected_failures"); failed && gpus && days_of) {
    // The rate is an input: what is scored is the profile of that fleet, else the prior.
    const bool llama = row.text("model").find("405B") != std::string::npos;
    const auto* profile = failures::profile(llama ? "llama3-h100" : "published-prior");
    give("interruptions", *failed, profile->unplanned_per_gpu_hour() * *gpus * *days_of * 24,
         !llama);
  }
  const auto tokens = row.positive("tokens_b"), hours_given = row.positive("gpu_hours");
  const auto rate = row.positive("tokens_per_s_per_gpu"), mfu = row.positive("mfu");
  const bool whole = tokens && (hours_given || (days_of && gpus));
  if (!whole && !rate && !mfu) {
    if (out.empty()) throw Refusal{"no quantity that follows from what is given"};
    return out;
  }
  const StepSetup setup = plan_of(row);
  const training::StepEstimate step = training::estimate_step(setup);
  constexpr bool assumed = true; // the plan always comes from the rules
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
  std::map<std::string, int> refused;
  for (std::size_t row = 0; row < table.size(); ++row) {
    const auto outcome = read_row([&] { return score_run(PublishedRow(table, row, catalog)); });
    result.lines.push_back(
        {table.line(row), outcome.refused, outcome.result.value_or(std::vector<Scored>{})});
    if (!outcome.result) ++refused[outcome.refused];
  }
  result.rows = score_library_runs(table, catalog);
  result.refused.assign(refused.begin(), refused.end());
  return result;
}

} // namespace windtunnel::scenarios
