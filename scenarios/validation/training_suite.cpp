#include "scenarios/validation/training_suite.hpp"

#include <algorithm>
#include <cmath>
#include <map>
#include <regex>

#include "libsim/base/error.hpp"
#include "libsim/stats/replications.hpp"
#include "models/network/fabric_description.hpp"
#include "models/training/memory.hpp"
#include "models/training/step_model.hpp"

namespace windtunnel::scenarios {
namespace {

using catalog::Catalog;
using catalog::GpuSpec;
using catalog::LanguageModel;
using training::Recompute;
using training::Sharding;
using training::StepSetup;

/// Why a row cannot be scored.
struct Refusal {
  std::string reason;
};

/// One row, with the rules of the header applied as it is read.
class Row {
public:
  Row(const CsvTable& table, std::size_t index, const Catalog& catalog)
      : table_(table), index_(index), catalog_(catalog) {}

  Scored scored();

private:
  std::optional<int> integer(const char* column) {
    const std::optional<double> value = table_.number(index_, column);
    if (!value) return std::nullopt;
    return static_cast<int>(std::llround(*value));
  }
  int integer_or(const char* column, int fallback) {
    if (const auto value = integer(column)) return *value;
    assumed_ = true;
    return fallback;
  }
  const std::string& text(const char* column) { return table_.text(index_, column); }

  const GpuSpec& gpu();
  training::System system();
  catalog::Dtype dtype();
  LanguageModel language_model();
  const LanguageModel* named_model();
  const catalog::DiffusionModel* diffusion_model();
  double predict_language(bool lora);
  double predict_diffusion(const catalog::DiffusionModel& model);
  void choose_plan(StepSetup& setup);
  void choose_micro_batch(StepSetup& setup);
  double measured_step(double tokens_per_step);

  const CsvTable& table_;
  std::size_t index_;
  const Catalog& catalog_;
  bool assumed_ = false;
};

const GpuSpec& Row::gpu() {
  const std::string& name = text("gpu");
  const GpuSpec* found = catalog_.gpu(name);
  if (!found) throw Refusal{name.empty() ? "no GPU named" : "GPU not in the catalog: " + name};
  return *found;
}

training::System Row::system() {
  const GpuSpec& spec = gpu();
  training::System system;
  system.gpu = spec;
  const auto gpus = integer("n_gpus");
  if (!gpus || *gpus < 1) throw Refusal{"number of GPUs not given"};
  system.gpus = *gpus;
  const int per_node = integer_or("gpus_per_node", spec.name.starts_with("GB") ? 4 : 8);
  system.fabric =
      network::describe_fabric(text("interconnect"), spec.name, spec.nvlink.value_or(Bandwidth{}),
                               std::min(per_node, system.gpus), &assumed_);
  return system;
}

catalog::Dtype Row::dtype() {
  std::string name = text("dtype");
  if (name == "nvfp4") name = "fp4";
  if (const auto known = catalog::parse_dtype(name)) return *known;
  assumed_ = true;
  return catalog::Dtype::bf16;
}

const LanguageModel* Row::named_model() {
  std::string name = text("model_name");
  if (const LanguageModel* found = catalog_.language_model(name)) return found;
  static const std::regex aside(R"(\(.*\)|\blora\b|\bsft\b|pre-?train(ing)?)", std::regex::icase);
  name = std::regex_replace(name, aside, "");
  while (!name.empty() && (name.back() == ' ' || name.back() == '_')) name.pop_back();
  return catalog_.language_model(name);
}

LanguageModel Row::language_model() {
  const LanguageModel* named = named_model();
  const auto layers = integer("n_layers"), hidden = integer("hidden");
  if (!named && (!layers || !hidden))
    throw Refusal{"model not in the catalog, no dimensions given"};
  LanguageModel m = named ? *named : LanguageModel{};
  m.name = text("model_name");
  if (!layers || !hidden) assumed_ = true;
  if (layers) m.layers = *layers;
  if (hidden) m.hidden = *hidden;
  const auto fill = [&](const char* column, int& field, int fallback) {
    if (const auto value = integer(column)) {
      field = *value;
    } else {
      assumed_ = true;
      if (!named) field = fallback;
    }
  };
  fill("n_heads", m.heads, std::max(1, m.hidden / 128));
  fill("n_kv_heads", m.kv_heads, m.heads);
  const std::string& gated = text("gated_mlp");
  if (!gated.empty())
    m.gated_mlp = gated == "1";
  else
    assumed_ = true;
  fill("ffn_hidden", m.ffn_hidden, m.gated_mlp ? m.hidden * 8 / 3 : 4 * m.hidden);
  fill("vocab", m.vocab, 51200);
  if (!named || m.head_dim <= 0 || m.heads != named->heads) m.head_dim = m.hidden / m.heads;
  if (!named) m.learned_positions = !m.gated_mlp;
  if (const auto experts = integer("n_experts")) {
    m.experts = *experts;
    m.top_k = integer_or("top_k", m.top_k > 0 ? m.top_k : 2);
    if (m.moe_ffn_hidden == 0) m.moe_ffn_hidden = m.ffn_hidden;
  }
  return m;
}

const catalog::DiffusionModel* Row::diffusion_model() {
  if (integer("n_layers")) return nullptr;
  std::string name = text("model_name");
  if (const auto* found = catalog_.diffusion_model(name)) return found;
  static const std::regex aside(R"(\(.*\))");
  name = std::regex_replace(name, aside, "");
  while (!name.empty() && name.back() == ' ') name.pop_back();
  if (const auto* found = catalog_.diffusion_model(name)) return found;
  static const std::regex sd2(R"(stable.diffusion.*2|sd-?v?2)", std::regex::icase);
  if (std::regex_search(name, sd2)) return catalog_.diffusion_model("Stable Diffusion 2.1-base");
  return nullptr;
}

/// The largest power of two that divides the batch of a replica and fits.
void Row::choose_micro_batch(StepSetup& setup) {
  assumed_ = true;
  setup.plan.micro_batch = 1;
  const int replica = setup.global_batch / std::max(1, setup.data_parallel());
  for (int size = 2; size <= 16 && replica % size == 0; size *= 2) {
    StepSetup larger = setup;
    larger.plan.micro_batch = size;
    if (!training::check(larger).empty() || !training::judge_memory(larger).fits) break;
    setup.plan.micro_batch = size;
  }
}

/// A row without tp and pp: the smallest model parallelism that fits.
void Row::choose_plan(StepSetup& setup) {
  for (int pipeline = 1; pipeline <= 16; pipeline *= 2)
    for (int tensor = 1; tensor <= std::min(8, setup.system.fabric.domain_size); tensor *= 2) {
      if (pipeline > 1 && tensor < std::min(8, setup.system.fabric.domain_size)) continue;
      StepSetup trial = setup;
      trial.plan.tensor = tensor;
      trial.plan.pipeline = pipeline;
      trial.plan.micro_batch = 1;
      if (training::check(trial).empty() && training::judge_memory(trial).fits) {
        setup.plan = trial.plan;
        return;
      }
    }
}

double Row::predict_language(bool lora) {
  StepSetup s;
  s.model = language_model();
  s.system = system();
  s.lora = lora;
  const auto batch = integer("global_batch");
  if (!batch || *batch < 1) throw Refusal{"global batch not given"};
  s.global_batch = *batch;
  s.sequence_length = integer_or("seq_len", s.model.max_position.value_or(2048));
  s.plan.dtype = dtype();
  if (!s.system.gpu.peak(s.plan.dtype))
    throw Refusal{s.system.gpu.name + " has no known peak at " + catalog::to_string(s.plan.dtype)};
  const std::string& sharding = text("sharding");
  const bool plan_given = !text("tp").empty() || !text("pp").empty();
  s.plan.tensor = integer_or("tp", 1);
  s.plan.pipeline = integer_or("pp", 1);
  s.plan.context = integer_or("cp", 1);
  s.plan.expert = integer("ep").value_or(1);
  s.plan.virtual_stages = integer("vpp").value_or(1);
  if (s.plan.pipeline == 1) s.plan.virtual_stages = 1;
  if (s.model.experts == 0) s.plan.expert = 1;
  if (sharding.empty()) assumed_ = true;
  s.plan.sharding = sharding == "none"                          ? Sharding::none
                    : sharding == "zero2"                       ? Sharding::zero2
                    : sharding == "fsdp" || sharding == "zero3" ? Sharding::fsdp
                                                                : Sharding::zero1;
  // ZeRO-3 under a pipeline is run as ZeRO-2 by the frameworks that offer both.
  if (s.plan.sharding == Sharding::fsdp && s.plan.pipeline > 1) s.plan.sharding = Sharding::zero2;
  const bool before_flash =
      !s.model.gated_mlp && (s.system.gpu.architecture.starts_with("Ampere") ||
                             s.system.gpu.architecture.starts_with("Volta"));
  s.framework = s.plan.sharding == Sharding::fsdp ? "fsdp"
                : before_flash                    ? "megatron-2021"
                                                  : "megatron-core";
  const std::string& recompute = text("act_recompute");
  s.plan.recompute = recompute == "full"        ? Recompute::full
                     : recompute == "selective" ? Recompute::selective
                                                : Recompute::none;
  if (s.framework == "megatron-2021" && recompute == "selective") s.framework = "megatron-core";
  if (!plan_given && !training::judge_memory(s).fits) choose_plan(s);
  const auto micro_batch = integer("micro_batch");
  if (micro_batch) s.plan.micro_batch = *micro_batch;
  if (recompute.empty()) {
    assumed_ = true;
    for (const Recompute r : {Recompute::none, Recompute::selective, Recompute::full}) {
      s.plan.recompute = r;
      if (training::judge_memory(s).fits) break;
    }
  }
  if (!micro_batch) choose_micro_batch(s);
  // A batch that no whole number of micro-batches fills, as published: the nearest that does.
  const int per_step = s.data_parallel() * s.plan.micro_batch;
  double scale = 1;
  if (per_step > 0 && s.global_batch % per_step != 0) {
    const int nearest = std::max(1, (s.global_batch + per_step / 2) / per_step) * per_step;
    scale = double(s.global_batch) / nearest;
    s.global_batch = nearest;
    assumed_ = true;
  }
  if (s.plan.virtual_stages > 1 && s.global_batch / per_step % s.plan.pipeline != 0)
    s.plan.virtual_stages = 1, assumed_ = true;
  const std::vector<std::string> problems = training::check(s);
  if (!problems.empty()) throw Refusal{"plan outside the model: " + problems.front()};
  return training::estimate_step(s).step.seconds() * scale;
}

double Row::predict_diffusion(const catalog::DiffusionModel& model) {
  training::DiffusionSetup s;
  s.model = model;
  s.system = system();
  s.dtype = text("dtype").empty() ? catalog::Dtype::bf16 : dtype();
  s.pixels = model.native_pixels;
  const std::string& name = text("model_name");
  static const std::regex size(R"((\d{3,4})x\d{3,4})");
  std::smatch match;
  if (std::regex_search(name, match, size)) s.pixels = std::stoi(match[1]);
  // "latents" in the name: encoded beforehand. U-Net alone: text encoder as well.
  s.precomputed_latents =
      name.find("UNet") != std::string::npos || name.find("latents") != std::string::npos;
  const auto batch = integer("global_batch");
  if (!batch || *batch < 1) throw Refusal{"global batch not given"};
  const double per_gpu = double(*batch) / s.system.gpus;
  int micro = integer("micro_batch").value_or(0);
  if (micro == 0) { // the largest of up to 64 images that divides
    assumed_ = true;
    micro = std::max(1, static_cast<int>(std::llround(per_gpu)));
    while (micro > 64 && micro % 2 == 0) micro /= 2;
  }
  s.micro_batch = micro;
  return training::estimate_step(s).step.seconds() * std::max(1.0, per_gpu / micro);
}

double Row::measured_step(double tokens_per_step) {
  if (const auto step = table_.number(index_, "step_time_s"); step && *step > 0) return *step;
  const auto gpus = integer("n_gpus");
  const auto rate = table_.number(index_, "tokens_per_s_per_gpu");
  if (rate && *rate > 0 && gpus && tokens_per_step > 0) return tokens_per_step / (*rate * *gpus);
  const auto images = table_.number(index_, "images_per_s");
  const auto batch = integer("global_batch");
  if (images && *images > 0 && batch) return *batch / *images;
  throw Refusal{"no step time or throughput"};
}

Scored Row::scored() {
  const std::string& name = text("model_name");
  Scored out;
  out.source = text("source");
  const auto sequence = integer("seq_len");
  const double tokens =
      sequence && integer("global_batch") ? double(*sequence) * *integer("global_batch") : 0;
  out.measured = measured_step(tokens);
  const catalog::DiffusionModel* diffusion = diffusion_model();
  static const std::regex lora(R"(\blora\b)", std::regex::icase);
  if (diffusion)
    out.predicted = predict_diffusion(*diffusion);
  else
    out.predicted = predict_language(std::regex_search(name, lora));
  out.group = diffusion ? "diffusion" : std::regex_search(name, lora) ? "lora" : "pretraining";
  out.group += " " + gpu().name;
  out.assumed = assumed_;
  return out;
}

/// MLPerf names a source a submission: they are one source each round and benchmark.
std::string source_of(const std::string& source) {
  static const std::regex mlperf(R"((mlcommons/training_results_v[0-9.]+):.*/([^/]+)$)");
  return std::regex_replace(source, mlperf, "$1:$2");
}

} // namespace

ValidationResult validate_training(const CsvTable& table, const Catalog& catalog) {
  table.require({"source", "gpu", "n_gpus", "global_batch"});
  struct Outcome {
    std::optional<Scored> scored;
    std::string refused;
  };
  const auto outcomes =
      stats::replicate<Outcome>(static_cast<int>(table.size()), {}, [&](int i) -> Outcome {
        try {
          Scored one = Row(table, static_cast<std::size_t>(i), catalog).scored();
          one.source = source_of(one.source);
          return {one, ""};
        } catch (const Refusal& refusal) {
          return {std::nullopt, refusal.reason};
        } catch (const ModelError& error) {
          return {std::nullopt, std::string("outside the model: ") + error.what()};
        }
      });
  ValidationResult result;
  std::vector<Scored> all;
  std::map<std::string, int> refused;
  for (const Outcome& outcome : outcomes) {
    if (outcome.scored)
      all.push_back(*outcome.scored);
    else
      ++refused[outcome.refused];
  }
  result.rows = score(all);
  result.refused.assign(refused.begin(), refused.end());
  return result;
}

} // namespace windtunnel::scenarios
