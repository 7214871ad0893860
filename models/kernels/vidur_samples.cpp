#include "models/kernels/vidur_samples.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <tuple>

#include "models/kernels/held_out.hpp"
#include "models/kernels/measured_cells.hpp"

namespace windtunnel::kernels {
namespace {

constexpr const char* dimensions[] = {"n_head",     "n_kv_head",
                                      "n_embd",     "n_expanded_embd",
                                      "num_tokens", "num_tensor_parallel_workers"};

/// Repeats of every shape.
struct Repeats {
  std::map<std::tuple<std::int64_t, std::int64_t, std::int64_t>, std::vector<double>> gemm;
  RepeatedTimes memory;
};

/// One row, the measurements of a layer with `tokens` on a rank.
class Layer {
public:
  Layer(const CsvTable& table, MeasuredCells& cells, std::size_t row)
      : table_(table), cells_(cells), row_(row) {}

  void read(Repeats& repeats) {
    std::int64_t value[6];
    for (std::size_t i = 0; i < 6; ++i) {
      const auto count = cells_.count(row_, dimensions[i]);
      if (!count) return;
      value[i] = *count;
    }
    const std::int64_t heads = value[0], kv_heads = value[1], hidden = value[2], ffn = value[3],
                       tokens = value[4], ranks = value[5];
    if (!splits("n_head", heads, ranks) || !splits("n_kv_head", kv_heads, ranks) ||
        !splits("n_expanded_embd", ffn, ranks))
      return;
    const std::string& gated_text = table_.text(row_, "use_gated_mlp");
    if (gated_text != "True" && gated_text != "False") {
      cells_.problem(row_, "use_gated_mlp", "'" + gated_text + "' is neither True nor False");
      return;
    }
    const bool gated = gated_text == "True";
    const std::int64_t head = hidden / heads;
    const std::int64_t queries = heads / ranks * head, keys = kv_heads / ranks * head;

    const auto gemm = [&](const char* name, std::int64_t n, std::int64_t k) {
      const auto time = seconds(name);
      if (time && kept(tokens)) repeats.gemm[{tokens, n, k}].push_back(*time);
    };
    gemm("attn_pre_proj", queries + 2 * keys, hidden);
    gemm("attn_post_proj", hidden, queries);
    gemm("mlp_up_proj", (gated ? 2 : 1) * ffn / ranks, hidden);
    gemm("mlp_down_proj", hidden, ffn / ranks);

    const auto memory = [&](const char* name, const char* op, std::int64_t width) {
      if (const auto time = seconds(name))
        repeats.memory[{memory_operator(op), tokens, width}].push_back(*time);
    };
    // A norm before the MLP is profiled of models with RMSNorm only.
    const bool rms = measured("post_attention_layernorm");
    memory("input_layernorm", rms ? "rmsnorm" : "layernorm", hidden);
    memory("post_attention_layernorm", "rmsnorm", hidden);
    memory("attn_rope", "rope", queries + keys);
    memory("mlp_act", gated ? "silu_mul" : "gelu", ffn / ranks);
    if (rms) memory("add", "add", hidden); // else it adds three
    memory("emb", "embedding", hidden);
  }

private:
  /// 2^i and 1.5 x 2^i.
  static bool kept(std::int64_t tokens) {
    while (tokens % 2 == 0) tokens /= 2;
    return tokens == 1 || tokens == 3;
  }
  static std::string column(const char* name) { return fmt::format("time_stats.{}.mean", name); }
  bool measured(const char* name) const { return !table_.text(row_, column(name)).empty(); }
  std::optional<double> seconds(const char* name) {
    if (!measured(name)) return std::nullopt;
    const auto milliseconds = cells_.positive(row_, column(name).c_str());
    if (!milliseconds) return std::nullopt;
    return *milliseconds * 1e-3;
  }
  bool splits(const char* name, std::int64_t count, std::int64_t ranks) {
    if (count % ranks == 0) return true;
    cells_.problem(row_, name, fmt::format("{} cannot be split over {} ranks", count, ranks));
    return false;
  }

  const CsvTable& table_;
  MeasuredCells& cells_;
  std::size_t row_;
};

} // namespace

VidurSamples read_vidur_mlp(const std::vector<CsvTable>& files) {
  Repeats repeats;
  for (const CsvTable& table : files) {
    table.require({"n_head", "n_kv_head", "n_embd", "n_expanded_embd", "use_gated_mlp",
                   "num_tokens", "num_tensor_parallel_workers", "time_stats.mlp_up_proj.mean"});
    MeasuredCells cells(table);
    for (std::size_t row = 0; row < table.size(); ++row) Layer(table, cells, row).read(repeats);
    cells.throw_if_any();
  }
  VidurSamples samples;
  for (auto& [shape, times] : repeats.gemm) {
    const auto [m, n, k] = shape;
    std::sort(times.begin(), times.end());
    samples.gemm.push_back({m, n, k, quantile(times, 0.5)});
  }
  samples.memory = medians(std::move(repeats.memory));
  return samples;
}

} // namespace windtunnel::kernels
