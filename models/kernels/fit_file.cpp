#include "models/kernels/fit_file.hpp"

#include <fmt/format.h>

#include <filesystem>
#include <set>

#include "libsim/base/csv_table.hpp"
#include "libsim/base/error.hpp"

namespace windtunnel::kernels {
namespace {

constexpr const char* formats[] = {"aiconfigurator"};

void fit_gemms(const CsvTable& file, const catalog::GpuSpec& gpu, std::uint64_t split_seed,
               KernelTable& table) {
  for (const GemmFormat& format : gemm_formats()) {
    const std::vector<GemmSample> samples =
        read_aiconfigurator_gemm(file, format.aiconfigurator_name);
    if (samples.empty()) continue;
    const GemmRoofline roofline = roofline_of(gpu, format);
    table.gemm.push_back({format.name, fit_gemm(samples, roofline, split_seed),
                          score_held_out(samples, roofline, split_seed)});
  }
  if (table.gemm.empty())
    throw InputError("kernel measurements",
                     {{file.name(), "has no matrix product in a known format"}});
}

/// A table for each cache format and window.
void fit_attentions(const CsvTable& file, const catalog::GpuSpec& gpu, std::uint64_t split_seed,
                    KernelTable& table) {
  const AttentionSamples all = read_aiconfigurator_attention(file);
  std::set<std::int64_t> windows;
  for (const AttentionSample& s : all.rows) windows.insert(s.window);
  for (const AttentionCache& cache : attention_caches())
    for (const std::int64_t window : windows) {
      std::vector<AttentionSample> samples;
      std::set<AttentionShape> shapes;
      for (const AttentionSample& s : all.rows)
        if (s.cache == cache.name && s.window == window) {
          samples.push_back(s);
          shapes.insert(s.shape);
        }
      if (samples.empty()) continue;
      if (shapes.size() < fewest_head_shapes && windows.size() > 1) {
        table.left_out.push_back(fmt::format("cache {}, window {}: {} head shapes are too few",
                                             cache.name, window, shapes.size()));
        continue;
      }
      const AttentionRoofline roofline = roofline_of(gpu, all.phase, cache, window);
      const HeldOut errors = score_held_out(samples, roofline, split_seed);
      table.attention.push_back({cache.name, fit_attention(samples, roofline, errors), errors,
                                 score_held_out_lengths(samples, roofline)});
    }
  if (table.attention.empty())
    throw InputError("kernel measurements", {{file.name(), "has too few head shapes"}});
}

/// By a column that only the operator's files have.
void fit_aiconfigurator(const CsvTable& file, const catalog::GpuSpec& gpu, std::uint64_t split_seed,
                        KernelTable& table) {
  if (file.has("gemm_dtype")) return fit_gemms(file, gpu, split_seed, table);
  if (file.has("kv_cache_dtype")) return fit_attentions(file, gpu, split_seed, table);
  throw InputError(
      "kernel measurements",
      {{file.name(),
        "has no column gemm_dtype or kv_cache_dtype, so holds no operator that is read"}});
}

} // namespace

std::span<const char* const> measurement_formats() { return formats; }

KernelTable fit_file(const std::string& path, const std::string&, const catalog::GpuSpec& gpu,
                     std::uint64_t split_seed) {
  KernelTable table;
  table.gpu = gpu.name;
  table.provenance.source = std::filesystem::path(path).filename().string();
  table.provenance.method = catalog::Method::measured;
  fit_aiconfigurator(CsvTable::load(path), gpu, split_seed, table);
  return table;
}

} // namespace windtunnel::kernels
