#include "scenarios/validation/training_suite.hpp"

#include <algorithm>
#include <cmath>
#include <map>
#include <numeric>
#include <optional>
#include <string_view>

#include "libsim/stats/replications.hpp"
#include "models/network/fabric_description.hpp"
#include "models/training/memory.hpp"
#include "models/training/step_model.hpp"
#include "scenarios/validation/published_row.hpp"

namespace windtunnel::scenarios {
namespace {

using catalog::Catalog;
using training::Recompute;
using training::Sharding;
using training::StepSetup;

std::string lower(std::string text) {
  for (char& c : text)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  return text;
}

/// A plan the step model accepts and whose memory fits.
bool fits(const StepSetup& setup) {
  return training::check(setup).empty() && training::judge_memory(setup).fits;
}

/// The side of the images in a name like "SD2 512x512": three or four digits on both sides.
std::optional<int> pixels_in(const std::string& name) {
  const auto digit = [&](std::size_t i) {
    return i < name.size() && name[i] >= '0' && name[i] <= '9';
  };
  for (std::size_t x = name.find('x'); x != std::string::npos; x = name.find('x', x + 1)) {
    std::size_t begin = x;
    while (begin > 0 && x - begin < 4 && digit(begin - 1)) --begin;
    if (x - begin >= 3 && digit(x + 1) && digit(x + 2) && digit(x + 3))
      return std::stoi(name.substr(begin, x - begin));
  }
  return std::nullopt;
}

/// The most ranks, sequences or images that one step is computed with.
constexpr double most_per_step = 1e9;

/// One row, with the rules of the header applied as it is read.
class TrainingRow {
public:
  TrainingRow(const CsvTable& table, std::size_t index, const Catalog& catalog)
      : row_(table, index, catalog) {}

  Scored scored();

private:
  training::System system();
  int sequence(const catalog::LanguageModel& model);
  int batch(double tokens_per_sequence, int multiple);
  void read_parallelism(StepSetup& setup);
  void read_sharding(StepSetup& setup);
  void read_recompute(StepSetup& setup);
  void read_interleaving(StepSetup& setup);
  void choose_plan(StepSetup& setup);
  void choose_micro_batch(StepSetup& setup);
  double whole_batch(StepSetup& setup);
  StepSetup language_setup();
  double predict_language();
  double predict_diffusion(const catalog::DiffusionModel& model);
  double measured_step();

  PublishedRow row_;
  double tokens_per_step_ = 0; ///< 0: images
  int batch_ = 0;
};

training::System TrainingRow::system() {
  training::System system;
  system.gpu = row_.gpu();
  const auto gpus = row_.count("n_gpus");
  const auto dp = row_.count("dp"), tp = row_.count("tp"), pp = row_.count("pp");
  if (!gpus && !(dp && tp && pp)) throw Refusal{"number of GPUs not given"};
  const double from_plan =
      double(dp.value_or(1)) * tp.value_or(1) * pp.value_or(1) * row_.count("cp").value_or(1);
  if (!gpus) row_.assume();
  system.gpus = gpus.value_or(static_cast<int>(std::min(from_plan, 1e6)));
  if (system.gpus > 1'000'000) throw Refusal{"more than a million GPUs"};
  const int per_node = row_.count_or("gpus_per_node", system.gpu.name.starts_with("GB") ? 4 : 8);
  bool assumed = false;
  system.fabric = network::describe_fabric(row_.text("interconnect"), system.gpu.name,
                                           system.gpu.nvlink.value_or(Bandwidth{}),
                                           std::min(per_node, system.gpus), &assumed);
  if (assumed) row_.assume();
  return system;
}

/// Of one sequence: the column, else what rate, step time and batch leave, else the model's.
int TrainingRow::sequence(const catalog::LanguageModel& model) {
  if (const auto given = row_.count("seq_len")) return std::min(*given, 10'000'000);
  row_.assume();
  const auto rate = row_.positive("tokens_per_s_per_gpu"), step = row_.positive("step_time_s");
  const auto gpus = row_.count("n_gpus"), batch = row_.count("global_batch");
  if (rate && step && gpus && batch)
    return static_cast<int>(std::clamp(std::round(*rate * *gpus * *step / *batch), 1.0, 1e7));
  constexpr int usual = 2048, most = 8192;
  return std::min(model.max_position.value_or(usual), most);
}

/// Sequences or images a step: the column, else what rate and step time make.
int TrainingRow::batch(double tokens_per_sequence, int multiple) {
  if (const auto given = row_.count("global_batch")) return *given;
  row_.assume();
  const auto step = row_.positive("step_time_s"), gpus = row_.positive("n_gpus");
  const auto rate =
      row_.positive(tokens_per_sequence > 0 ? "tokens_per_s_per_gpu" : "images_per_s");
  double sequences = 0;
  if (step && rate && tokens_per_sequence > 0 && gpus)
    sequences = *rate * *gpus * *step / tokens_per_sequence;
  else if (step && rate && tokens_per_sequence == 0)
    sequences = *rate * *step;
  else if (rate && tokens_per_sequence > 0)
    sequences = 4e6 / tokens_per_sequence;
  else
    throw Refusal{"global batch not given"};
  const double whole = std::max(1.0, std::round(sequences / multiple)) * multiple;
  return static_cast<int>(std::min(whole, 1e9));
}

/// The columns; a blank tp or pp takes what dp leaves of the GPUs, tensor parallelism first.
void TrainingRow::read_parallelism(StepSetup& s) {
  const auto tp = row_.count("tp"), pp = row_.count("pp"), dp = row_.count("dp");
  s.plan.context = row_.count_or("cp", 1);
  s.plan.tensor = tp.value_or(1);
  s.plan.pipeline = pp.value_or(1);
  if (!tp || !pp) row_.assume();
  if (dp && (!tp || !pp)) {
    const double taken = double(*dp) * s.plan.tensor * s.plan.pipeline * s.plan.context;
    int left = taken <= s.system.gpus ? static_cast<int>(s.system.gpus / taken) : 1;
    if (double(left) * taken != s.system.gpus) left = 1;
    if (!tp) {
      const int domain = std::clamp(s.system.fabric.domain_size, 1, 8);
      s.plan.tensor = pp ? left : std::gcd(left, domain);
      left /= s.plan.tensor;
    }
    if (!pp) s.plan.pipeline = left;
  }
  s.plan.expert = s.model.experts > 0 ? row_.count("ep").value_or(1) : 1;
}

void TrainingRow::read_sharding(StepSetup& s) {
  const std::string sharding = lower(row_.text("sharding"));
  const auto has = [&](const char* word) { return sharding.find(word) != std::string::npos; };
  s.plan.sharding = Sharding::zero1;
  if (has("fsdp") || has("hsdp") || has("zero3") || has("zero-3"))
    s.plan.sharding = Sharding::fsdp;
  else if (has("zero2") || has("zero-2"))
    s.plan.sharding = Sharding::zero2;
  else if (sharding == "none" || sharding == "ddp")
    s.plan.sharding = Sharding::none;
  else if (!has("zero1") && !has("zero-1"))
    row_.assume();
  const bool whole = s.plan.tensor * s.plan.pipeline == 1;
  const bool eager =
      s.plan.sharding == Sharding::fsdp || (s.plan.sharding == Sharding::zero2 && whole);
  // ZeRO-3 under a pipeline is run as ZeRO-2 by the frameworks that offer both.
  if (s.plan.sharding == Sharding::fsdp && s.plan.pipeline > 1) s.plan.sharding = Sharding::zero2;
  const std::string& architecture = s.system.gpu.architecture;
  const bool old_gpu = architecture.starts_with("Ampere") || architecture.starts_with("Volta");
  const std::string source = lower(row_.text("source"));
  const bool megatron =
      source.find("megatron") != std::string::npos || source.find("nemo") != std::string::npos;
  s.framework = eager && !(megatron && !old_gpu) ? "fsdp"
                : !s.model.gated_mlp && old_gpu  ? "megatron-2021"
                                                 : "megatron-core";
}

/// As written; blank: none, or the least that fits.
void TrainingRow::read_recompute(StepSetup& s) {
  const std::string recompute = lower(row_.text("act_recompute"));
  const auto has = [&](const char* word) { return recompute.find(word) != std::string::npos; };
  if (has("full"))
    s.plan.recompute = Recompute::full;
  else if (has("selective") || has("sac"))
    s.plan.recompute = Recompute::selective;
  else if (has("none") || has("off") || recompute == "0")
    s.plan.recompute = Recompute::none;
  else {
    row_.assume();
    for (const Recompute r : {Recompute::none, Recompute::selective, Recompute::full}) {
      s.plan.recompute = r;
      if (fits(s)) break;
    }
  }
  // Selective recomputation came with the kernels that followed those of 2021.
  if (s.framework == "megatron-2021" && s.plan.recompute == Recompute::selective)
    s.framework = "megatron-core";
}

/// A row without tp and pp: the smallest model parallelism that fits.
void TrainingRow::choose_plan(StepSetup& setup) {
  const int domain = std::clamp(setup.system.fabric.domain_size, 1, 8);
  for (int pipeline = 1; pipeline <= 16; pipeline *= 2)
    for (int tensor = pipeline > 1 ? domain : 1; tensor <= domain; tensor *= 2) {
      StepSetup trial = setup;
      trial.plan.tensor = tensor;
      trial.plan.pipeline = pipeline;
      trial.plan.micro_batch = 1;
      if (setup.system.gpus % (tensor * pipeline * trial.plan.context) != 0) continue;
      const int data = trial.data_parallel();
      trial.global_batch = (setup.global_batch + data - 1) / data * data;
      if (!fits(trial)) continue;
      setup.plan = trial.plan;
      return;
    }
}

/// The column; blank: Megatron-Core interleaves in chunks of two layers where they divide and the
/// micro-batches allow it, the stacks before it do not interleave.
void TrainingRow::read_interleaving(StepSetup& s) {
  s.plan.virtual_stages = 1;
  if (s.plan.pipeline == 1) return;
  if (const auto given = row_.count("vpp")) {
    s.plan.virtual_stages = *given;
    return;
  }
  row_.assume();
  if (s.framework != "megatron-core") return;
  const int micro_batches = s.global_batch / (s.data_parallel() * s.plan.micro_batch);
  constexpr int layers_a_chunk = 2;
  const int chunks = s.model.layers / (s.plan.pipeline * layers_a_chunk);
  if (chunks > 1 && micro_batches % s.plan.pipeline == 0) s.plan.virtual_stages = chunks;
}

/// The largest power of two that divides the batch of a replica and fits; under a pipeline at most
/// what leaves four micro-batches a stage, as bubbles of more than a quarter are nobody's choice.
void TrainingRow::choose_micro_batch(StepSetup& setup) {
  row_.assume();
  setup.plan.micro_batch = 1;
  const int replica = setup.global_batch / std::max(1, setup.data_parallel());
  for (int size = 2; size <= 16 && replica % size == 0; size *= 2) {
    if (setup.plan.pipeline > 1 && replica / size < 4 * setup.plan.pipeline) break;
    StepSetup larger = setup;
    larger.plan.micro_batch = size;
    if (!fits(larger)) break;
    setup.plan.micro_batch = size;
  }
}

/// A batch that no whole number of micro-batches fills, as published: the nearest that does.
/// Returns the batch over that.
double TrainingRow::whole_batch(StepSetup& s) {
  const double per_step = double(s.data_parallel()) * s.plan.micro_batch;
  if (per_step < 1 || per_step > 1e9) return 1;
  const int unit = static_cast<int>(per_step);
  const int given = s.global_batch;
  s.global_batch = static_cast<int>(std::max(1.0, std::round(given / per_step))) * unit;
  if (s.global_batch != given) row_.assume();
  if (s.plan.virtual_stages > 1 && s.global_batch / unit % s.plan.pipeline != 0) {
    s.plan.virtual_stages = 1;
    row_.assume();
  }
  return double(given) / s.global_batch;
}

StepSetup TrainingRow::language_setup() {
  StepSetup s;
  s.model = row_.language_model();
  s.system = system();
  s.lora = row_.lora();
  s.plan.dtype = row_.dtype(s.system.gpu);
  s.sequence_length = sequence(s.model);
  read_parallelism(s);
  const double model_parallel = double(s.plan.tensor) * s.plan.pipeline * s.plan.context;
  if (model_parallel > s.system.gpus)
    throw Refusal{"plan outside the model: more model parallelism than GPUs"};
  read_sharding(s);
  const auto micro_batch = row_.count("micro_batch");
  s.plan.micro_batch = micro_batch.value_or(1);
  if (double(s.data_parallel()) * s.plan.micro_batch > most_per_step)
    throw Refusal{"dp x micro_batch above 1e9"};
  s.global_batch = batch(s.sequence_length, std::max(1, s.data_parallel()) * s.plan.micro_batch);
  tokens_per_step_ = double(s.global_batch) * s.sequence_length;
  batch_ = s.global_batch;
  const bool plan_given = row_.count("tp") || row_.count("pp") || row_.count("dp");
  if (!plan_given && !fits(s)) choose_plan(s);
  read_recompute(s);
  if (!micro_batch) choose_micro_batch(s);
  if (s.system.gpus % (s.plan.tensor * s.plan.pipeline * s.plan.context) == 0) read_interleaving(s);
  return s;
}

double TrainingRow::predict_language() {
  StepSetup s = language_setup();
  const double scale = whole_batch(s);
  const std::vector<std::string> problems = training::check(s);
  if (!problems.empty()) throw Refusal{"plan outside the model: " + problems.front()};
  return training::estimate_step(s).step.seconds() * scale;
}

double TrainingRow::predict_diffusion(const catalog::DiffusionModel& model) {
  training::DiffusionSetup s;
  s.model = model;
  s.system = system();
  s.dtype = row_.dtype(s.system.gpu);
  const std::string& name = row_.text("model_name");
  s.pixels = pixels_in(name).value_or(model.native_pixels);
  // "latents" in the name: encoded beforehand. U-Net alone: text encoder as well.
  s.precomputed_latents =
      name.find("UNet") != std::string::npos || name.find("latents") != std::string::npos;
  const int given_micro = row_.count("micro_batch").value_or(1);
  if (double(s.system.gpus) * given_micro > most_per_step)
    throw Refusal{"n_gpus x micro_batch above 1e9"};
  batch_ = batch(0, s.system.gpus * given_micro);
  const double per_gpu = double(batch_) / s.system.gpus;
  int micro = row_.count("micro_batch").value_or(0);
  if (micro == 0) { // the largest of up to 64 images that divides
    row_.assume();
    micro = std::max(1, static_cast<int>(std::llround(per_gpu)));
    while (micro > 64) micro = (micro + 1) / 2;
  }
  s.micro_batch = micro;
  return training::estimate_step(s).step.seconds() * std::max(1.0, per_gpu / micro);
}

double TrainingRow::measured_step() {
  if (const auto step = row_.positive("step_time_s")) return *step;
  const auto rate = row_.positive("tokens_per_s_per_gpu"), gpus = row_.positive("n_gpus");
  if (rate && gpus && tokens_per_step_ > 0) return tokens_per_step_ / (*rate * *gpus);
  if (const auto images = row_.positive("images_per_s")) return batch_ / *images;
  throw Refusal{"no step time or throughput"};
}

Scored TrainingRow::scored() {
  Scored out;
  out.source = row_.text("source");
  out.what = row_.text("model_name");
  const bool measured = row_.positive("step_time_s") || row_.positive("tokens_per_s_per_gpu") ||
                        row_.positive("images_per_s");
  if (!measured) throw Refusal{"no step time or throughput"};
  const catalog::DiffusionModel* diffusion = row_.diffusion_model();
  out.predicted = diffusion ? predict_diffusion(*diffusion) : predict_language();
  out.measured = measured_step();
  if (!(out.predicted > 0) || !std::isfinite(out.predicted))
    throw Refusal{"outside the model: no finite step time"};
  out.group = diffusion ? "diffusion" : row_.lora() ? "lora" : "pretraining";
  out.group += " " + row_.gpu().name;
  out.assumed = row_.assumed();
  return out;
}

/// MLPerf names a source a submission: they are one source each round and benchmark.
std::string source_of(const std::string& source) {
  constexpr std::string_view results = "mlcommons/training_results_v";
  const std::size_t at = source.find(results);
  if (at == std::string::npos) return source;
  const std::size_t colon = source.find_first_not_of("0123456789.", at + results.size());
  const std::size_t slash = source.rfind('/');
  if (colon == std::string::npos || source[colon] != ':' || slash < colon) return source;
  return source.substr(0, colon + 1) + source.substr(slash + 1);
}

} // namespace

ValidationResult validate_training(const CsvTable& table, const Catalog& catalog) {
  table.require({"source", "gpu", "n_gpus", "global_batch"});
  using Outcome = RowOutcome<Scored>;
  const auto outcomes =
      stats::replicate<Outcome>(static_cast<int>(table.size()), {}, [&](int i) -> Outcome {
        return read_row([&] {
          Scored one = TrainingRow(table, static_cast<std::size_t>(i), catalog).scored();
          one.source = source_of(one.source);
          return one;
        });
      });
  ValidationResult result;
  std::map<std::string, int> refused;
  for (std::size_t i = 0; i < outcomes.size(); ++i) {
    const Outcome& outcome = outcomes[i];
    result.lines.push_back({.line = table.line(i), .refused = outcome.refused, .scored = {}});
    if (outcome.result)
      result.lines.back().scored.push_back(*outcome.result);
    else
      ++refused[outcome.refused];
  }
  result.refused.assign(refused.begin(), refused.end());
  return result;
}

} // namespace windtunnel::scenarios
