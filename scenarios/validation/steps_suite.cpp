#include "scenarios/validation/steps_suite.hpp"

#include <fmt/format.h>

#include <map>
#include <optional>

#include "models/inference/decoder_step.hpp"
#include "models/network/fabric_description.hpp"
#include "scenarios/validation/published_row.hpp"

namespace windtunnel::scenarios {
namespace {

constexpr double milliseconds = 1e-3;

struct Step {
  std::string source, gpu, dtype, phase;
  int tensor = 1;
  bool host_fitted = false;
  double measured = 0, predicted = 0, roofline = 0; ///< seconds
};

Step predict(const PublishedRow& row, const catalog::Catalog& catalog) {
  if (!row.text("doubt").empty()) throw Refusal{row.text("doubt")};
  const catalog::LanguageModel* const model = catalog.language_model(row.text("model"));
  if (!model) throw Refusal{"the catalog has no model '" + row.text("model") + "'"};
  const catalog::GpuSpec& gpu = row.gpu();
  const auto need = [&](const auto& value, const char* column) {
    if (!value) throw Refusal{std::string("no ") + column};
    return *value;
  };
  Step step{.source = row.text("source"),
            .gpu = gpu.name,
            .dtype = row.text("dtype"),
            .phase = row.text("phase"),
            .tensor = need(row.count("tensor"), "tensor"),
            .host_fitted = row.text("host_fitted") == "1",
            .measured = need(row.positive("step_ms"), "step_ms") * milliseconds};
  const double batch = need(row.count("batch"), "batch"),
               tokens = need(row.count("tokens"), "tokens");
  if (step.dtype != "bf16" && step.dtype != "fp16") throw Refusal{"no 16-bit dtype"};
  if (step.phase != "prefill" && step.phase != "decode")
    throw Refusal{"the phase is neither prefill nor decode"};

  const std::string& engine = row.text("engine");
  const inference::EngineHost* const host = inference::engine_host(engine, gpu.name);
  if (!host && !engine.empty()) throw Refusal{"no host of " + engine + " with " + gpu.name};
  bool assumed = false;
  const network::Fabric fabric = network::describe_fabric(
      "NVLink single node", gpu.name, gpu.nvlink.value_or(Bandwidth{}), 8, &assumed);
  const inference::DecoderStep decoder(*model, gpu, step.tensor, step.dtype, fabric, host);
  const bool prefill = step.phase == "prefill";
  const inference::StepTime time =
      prefill ? decoder.prefill(batch, tokens) : decoder.decode(batch, tokens);
  step.predicted = engine.empty() ? time.kernels() - time.head : time.seconds();
  step.roofline = decoder.roofline(prefill ? batch * tokens : batch);
  return step;
}

} // namespace

ValidationResult validate_steps(const CsvTable& table, const catalog::Catalog& catalog) {
  table.require({"source", "model", "gpu", "dtype", "tensor", "engine", "phase", "batch", "tokens",
                 "step_ms", "host_fitted", "doubt"});
  ValidationResult result;
  std::map<std::string, int> refused;
  for (std::size_t row = 0; row < table.size(); ++row) {
    const auto outcome =
        read_row([&] { return predict(PublishedRow(table, row, catalog), catalog); });
    ScoredLine line{table.line(row), outcome.refused, {}};
    if (const auto& step = outcome.result)
      line.scored.push_back({step->source,
                             fmt::format("{} TP{} {}{}", step->gpu, step->tensor, step->phase,
                                         step->host_fitted ? ", host fitted" : ""),
                             step->measured, step->predicted, false,
                             table.text(row, "model") + " batch " + table.text(row, "batch") +
                                 " of " + table.text(row, "tokens")});
    else
      ++refused[outcome.refused];
    result.lines.push_back(std::move(line));
  }
  result.refused.assign(refused.begin(), refused.end());
  return result;
}

std::vector<KernelScore> scores_of_steps(const catalog::Catalog& catalog) {
  const CsvTable table = built_in_truth("steps.csv");
  struct Ratios {
    std::vector<double> model, roofline;
  };
  std::map<std::tuple<std::string, std::string, std::string, std::string, bool>, Ratios> groups;
  for (std::size_t row = 0; row < table.size(); ++row) {
    const auto outcome =
        read_row([&] { return predict(PublishedRow(table, row, catalog), catalog); });
    if (!outcome.result) continue;
    const Step& step = *outcome.result;
    Ratios& ratios = groups[{step.phase, step.gpu, step.dtype, step.source, step.host_fitted}];
    ratios.model.push_back(step.predicted / step.measured);
    ratios.roofline.push_back(step.roofline / step.measured);
  }
  std::vector<KernelScore> scores;
  for (const auto& [key, ratios] : groups) {
    const auto& [phase, gpu, dtype, source, host_fitted] = key;
    KernelScore score{.op = "llama2-70b_" + phase,
                      .gpu = gpu,
                      .dtype = dtype,
                      .source = source,
                      .method = "model",
                      .split = host_fitted ? "in-sample" : "two-source",
                      .sites = ratios.model.size(),
                      .errors = kernels::errors_of(ratios.model)};
    scores.push_back(score);
    score.method = "roofline";
    score.errors = kernels::errors_of(ratios.roofline);
    scores.push_back(score);
  }
  return scores;
}

} // namespace windtunnel::scenarios
