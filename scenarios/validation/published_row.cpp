#include "scenarios/validation/published_row.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <locale>
#include <regex>

namespace windtunnel::scenarios {
namespace {

using catalog::Dtype;
using catalog::LanguageModel;

std::string lower(std::string text) {
  for (char& c : text)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  return text;
}

std::string trimmed(const std::string& text) {
  const auto space = [](char c) { return c == ' ' || c == '\t' || c == '_' || c == '-'; };
  std::size_t begin = 0, end = text.size();
  while (begin < end && space(text[begin])) ++begin;
  while (end > begin && space(text[end - 1])) --end;
  return text.substr(begin, end - begin);
}

bool blank(const std::string& cell) {
  constexpr std::array<const char*, 8> words{"",     "n/a",  "na",      "nan",
                                             "none", "null", "unknown", "?"};
  const std::string key = lower(trimmed(cell));
  return std::any_of(words.begin(), words.end(), [&](const char* w) { return key == w; });
}

/// Names longer than any in use are no names; a regular expression need not look at them.
constexpr std::size_t longest_name = 200;

std::string without(const std::string& text, const std::regex& remarks) {
  return trimmed(std::regex_replace(text, remarks, ""));
}

/// std::regex asks the locale's table of narrow characters, which libstdc++ fills at the first
/// question without a lock. Rows are read by several threads,
/// so it is filled here, once.
bool fill_narrow_characters() {
  std::array<char, 128> all{}, narrow{};
  for (std::size_t i = 0; i < all.size(); ++i) all[i] = static_cast<char>(i);
  const std::locale locale; // the one regular expressions take
  const auto& characters = std::use_facet<std::ctype<char>>(locale);
  characters.narrow(all.data(), all.data() + all.size(), '?', narrow.data());
  for (const char c : all) characters.narrow(c, '?');
  return true;
}

} // namespace

PublishedRow::PublishedRow(const CsvTable& table, std::size_t index,
                           const catalog::Catalog& catalog)
    : table_(table), index_(index), catalog_(catalog) {
  static const bool filled = fill_narrow_characters();
  (void)filled;
}

std::optional<double> PublishedRow::number(const char* column) const {
  std::string cell = text(column);
  if (blank(cell)) return std::nullopt;
  std::erase_if(cell,
                [](char c) { return c == ' ' || c == ',' || c == '~' || c == '>' || c == '<'; });
  const char* begin = cell.data() + (cell.starts_with('+') ? 1 : 0);
  double value = 0;
  const auto result = std::from_chars(begin, cell.data() + cell.size(), value);
  if (result.ec != std::errc{} || result.ptr != cell.data() + cell.size() || !std::isfinite(value))
    throw Refusal{fmt::format("column {} holds no number", column)};
  return value;
}

std::optional<int> PublishedRow::count(const char* column) const {
  const std::optional<double> value = number(column);
  if (!value || *value == 0) return std::nullopt;
  constexpr double most = 1e9;
  if (*value < 0 || *value > most)
    throw Refusal{fmt::format("column {} holds no count between 1 and 1e9", column)};
  return std::max(1, static_cast<int>(std::llround(*value)));
}

std::optional<double> PublishedRow::positive(const char* column) const {
  const std::optional<double> value = number(column);
  if (!value || *value <= 0) return std::nullopt;
  return value;
}

int PublishedRow::count_or(const char* column, int fallback) {
  if (const auto value = count(column)) return *value;
  assume();
  return fallback;
}

const catalog::GpuSpec& PublishedRow::gpu() const {
  const std::string& name = text("gpu");
  if (blank(name)) throw Refusal{"no GPU named"};
  if (const catalog::GpuSpec* found = catalog_.gpu(name)) return *found;
  static const std::regex remarks(R"(\(.*\)|\b[DH]GX\b|\bGPUs?\b|^\s*\d+\s*x\s*)",
                                  std::regex::icase);
  std::string words = without(name.substr(0, longest_name), remarks);
  if (const catalog::GpuSpec* found = catalog_.gpu(words)) return *found;
  while (!words.empty()) { // "H100 80GB HBM3 SXM": the longest beginning that is known
    const std::size_t cut = words.find_last_of(" -_/");
    if (cut == std::string::npos) break;
    words = trimmed(words.substr(0, cut));
    if (const catalog::GpuSpec* found = catalog_.gpu(words)) return *found;
  }
  throw Refusal{"GPU not in the catalog: " + name.substr(0, longest_name)};
}

Dtype PublishedRow::dtype(const catalog::GpuSpec& gpu) {
  const std::string name = lower(text("dtype"));
  const auto has = [&](const char* word) { return name.find(word) != std::string::npos; };
  Dtype wanted = Dtype::bf16;
  if (const auto known = catalog::parse_dtype(name))
    wanted = *known;
  else if (has("fp4") || has("float4"))
    wanted = Dtype::fp4;
  else if (has("fp8") || has("float8") || has("e4m3") || has("e5m2"))
    wanted = Dtype::fp8;
  else if (has("bf16") || has("bfloat16"))
    wanted = Dtype::bf16;
  else if (has("fp16") || has("float16") || has("half"))
    wanted = Dtype::fp16;
  else if (has("tf32"))
    wanted = Dtype::tf32;
  else if (has("fp32") || has("float32"))
    wanted = Dtype::fp32;
  else
    assume();
  if (gpu.peak(wanted)) return wanted;
  assume();
  for (const Dtype wider : {Dtype::fp8, Dtype::bf16, Dtype::fp16, Dtype::tf32, Dtype::fp32})
    if (catalog::element_bytes(wider) >= catalog::element_bytes(wanted) && gpu.peak(wider))
      return wider;
  throw Refusal{gpu.name + " has no known peak at " + catalog::to_string(wanted)};
}

std::string PublishedRow::name() const {
  const std::string& name = text("model_name").empty() ? text("model") : text("model_name");
  return name.substr(0, longest_name);
}

const LanguageModel* PublishedRow::named_model() const {
  if (const LanguageModel* found = catalog_.language_model(name())) return found;
  static const std::regex remarks(R"(\(.*\)|\bLoRA\b|\bSFT\b|\bpre-?train(ing)?\b|)"
                                  R"(\bfine-?tun(e|ing)\b|\breplica\b|\bprojection\b|)"
                                  R"(\bon Megatron\b)",
                                  std::regex::icase);
  std::string plain = name(); // '_' counts as a letter of a word
  std::replace(plain.begin(), plain.end(), '_', ' ');
  return catalog_.language_model(without(plain, remarks));
}

std::optional<double> PublishedRow::parameters() const {
  if (const auto billions = positive("params_b")) return *billions * 1e9;
  static const std::regex size(R"((^|[^0-9.a-zA-Z])(\d{1,5}(\.\d{1,3})?)\s*([bm])($|[^a-z0-9]))",
                               std::regex::icase);
  std::smatch match;
  const std::string text = name();
  if (!std::regex_search(text, match, size)) return std::nullopt;
  const bool millions = match[4] == "m" || match[4] == "M";
  return std::stod(match[2]) * (millions ? 1e6 : 1e9);
}

/// Shaped like the nearest dense model of the catalog, with the layers that make its size.
LanguageModel PublishedRow::sized_model() {
  static const std::regex mixture(R"(\bMoE\b|\d+\s*x\s*\d+(\.\d+)?\s*b|-A\d+(\.\d+)?B)",
                                  std::regex::icase);
  const auto size = parameters();
  if (!size) throw Refusal{"model not in the catalog, neither dimensions nor size given"};
  const std::string described = name() + " " + text("kind");
  if (count("n_experts") || std::regex_search(described, mixture))
    throw Refusal{"mixture of experts not in the catalog"};
  const LanguageModel* nearest = nullptr;
  double best = 0;
  for (const LanguageModel& model : catalog_.language_models()) {
    const double distance = std::abs(std::log(model.parameters() / *size));
    if (model.experts == 0 && (!nearest || distance < best)) {
      best = distance;
      nearest = &model;
    }
  }
  if (!nearest) throw Refusal{"the catalog has no dense model"};
  assume();
  LanguageModel m = *nearest;
  if (const auto hidden = count("hidden")) {
    m.ffn_hidden = static_cast<int>(double(m.ffn_hidden) * *hidden / m.hidden);
    m.hidden = *hidden;
    m.head_dim = 128;
    m.heads = m.kv_heads = std::max(1, m.hidden / m.head_dim);
  }
  const double layer = m.attention_parameters() + m.dense_mlp_parameters() + m.norm_parameters();
  const double rest = m.embedding_parameters() + m.head_parameters();
  m.layers = static_cast<int>(std::clamp(std::round((*size - rest) / layer), 1.0, 1000.0));
  return m;
}

LanguageModel PublishedRow::language_model() {
  const LanguageModel* named = named_model();
  const auto layers = count("n_layers"), hidden = count("hidden");
  if ((layers && *layers > 2000) || (hidden && *hidden > 1'000'000))
    throw Refusal{"dimensions of no transformer"};
  const bool known = named || !layers || !hidden;
  LanguageModel m = named ? *named : layers && hidden ? LanguageModel{} : sized_model();
  m.name = name();
  if (!layers || !hidden) assume();
  if (layers) m.layers = *layers;
  if (hidden) m.hidden = *hidden;
  const auto fill = [&](const char* column, int& field, int fallback) {
    if (const auto value = count(column)) {
      field = *value;
    } else {
      assume();
      if (!known) field = fallback;
    }
  };
  const int catalog_heads = m.heads;
  fill("n_heads", m.heads, std::max(1, m.hidden / 128));
  fill("n_kv_heads", m.kv_heads, m.heads);
  m.kv_heads = std::clamp(m.kv_heads, 1, m.heads);
  const std::string gated = lower(trimmed(text("gated_mlp")));
  if (!blank(gated))
    m.gated_mlp = gated == "1" || gated == "true" || gated == "yes";
  else
    assume();
  fill("ffn_hidden", m.ffn_hidden, m.gated_mlp ? m.hidden * 8 / 3 : 4 * m.hidden);
  fill("vocab", m.vocab, 51200);
  if (!known || m.head_dim <= 0 || m.heads != catalog_heads)
    m.head_dim = std::max(1, m.hidden / m.heads);
  if (!known) m.learned_positions = !m.gated_mlp;
  if (const auto experts = count("n_experts")) {
    m.experts = *experts;
    m.top_k = std::min(count_or("top_k", m.top_k > 0 ? m.top_k : 2), m.experts);
    if (m.moe_ffn_hidden == 0) m.moe_ffn_hidden = m.ffn_hidden;
  }
  return m;
}

const catalog::DiffusionModel* PublishedRow::diffusion_model() const {
  if (count("n_layers")) return nullptr;
  if (const auto* found = catalog_.diffusion_model(name())) return found;
  static const std::regex remarks(R"(\(.*\)|\d{2,4}x\d{2,4}|\bU-?Net\b|\blatents?\b)",
                                  std::regex::icase);
  if (const auto* found = catalog_.diffusion_model(without(name(), remarks))) return found;
  static const std::array<std::pair<std::regex, const char*>, 4> families{
      {{std::regex(R"(sd-?xl|stable.diffusion.xl)", std::regex::icase), "SDXL base"},
       {std::regex(R"(stable.diffusion.*1|sd-?v?1)", std::regex::icase), "Stable Diffusion 1.5"},
       {std::regex(R"(stable.diffusion|sd-?v?2)", std::regex::icase), "Stable Diffusion 2.1-base"},
       {std::regex(R"(flux)", std::regex::icase), "FLUX.1-schnell"}}};
  for (const auto& [pattern, model] : families)
    if (std::regex_search(name(), pattern)) return catalog_.diffusion_model(model);
  return nullptr;
}

bool PublishedRow::lora() const {
  static const std::regex lora(R"(lora)", std::regex::icase);
  return std::regex_search(name() + " " + text("kind"), lora);
}

} // namespace windtunnel::scenarios
