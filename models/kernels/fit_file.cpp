#include "models/kernels/fit_file.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <map>
#include <set>
#include <string_view>

#include "libsim/base/csv_table.hpp"
#include "libsim/base/error.hpp"
#include "models/kernels/memory_samples.hpp"
#include "models/kernels/suite_samples.hpp"
#include "models/kernels/vidur_samples.hpp"

namespace windtunnel::kernels {
namespace {

constexpr const char* formats[] = {"windtunnel", "aiconfigurator", "vidur", "neusight"};
constexpr double largest_log_error = 5; // that a table may say
constexpr const char* families[] = {"attention", "gemm", "memory"};

/// The name that NeuSight's rows give a GPU.
struct NeusightDevice {
  std::string_view gpu, device;
};
constexpr NeusightDevice neusight_devices[] = {
    {"A100-PCIe-80", "NVIDIA A100 80GB PCIe"}, {"L4", "NVIDIA L4"}, {"T4", "Tesla T4"}};

class Fit {
public:
  Fit(const catalog::GpuSpec& gpu, const FitOptions& options, KernelTable& table)
      : gpu_(gpu), options_(options), table_(table) {}

  /// By the column that only this operator's files have.
  void aiconfigurator(const CsvTable& file) {
    if (file.has("gemm_dtype")) return gemms(file);
    if (file.has("kv_cache_dtype")) return attentions(file);
    if (file.has("quant_dtype")) return memory("bf16", read_aiconfigurator_scales(file));
    throw InputError("kernel measurements",
                     {{file.name(), "has no column gemm_dtype, kv_cache_dtype or quant_dtype, so "
                                    "holds no operator that is read"}});
  }
  void suite(const std::string& file) {
    const RawMeasurements raw = read_raw_measurements(file);
    const catalog::GpuSpec* const measured = catalog::Catalog::builtin().gpu(raw.gpu);
    if (measured && measured->name != gpu_.name)
      throw InputError("option --gpu", {{file, "was measured on " + measured->name}});
    SuiteSamples samples = suite_samples(raw);
    catalog::Provenance& from = table_.provenance;
    from.source = "calibration/raw/" + from.source;
    from.licence = "ours";
    for (const auto& [key, value] : raw.header) {
      if (key == "date") from.retrieved = value.substr(0, std::string("2026-01-31").size());
      if (key != "schema" && key != "date")
        from.note += (from.note.empty() ? "" : "; ") + key + " " + value;
    }
    for (const GemmFormat& format : gemm_formats())
      if (const auto found = samples.gemm.find(format.name); found != samples.gemm.end())
        gemm(format, found->second, samples.fresh_gemm[format.name]);
    for (const auto& [dtype, rows] : samples.memory) memory(dtype.c_str(), rows);
    table_.left_out = std::move(samples.left_out);
    if (table_.gemm.empty() && table_.memory.empty())
      throw InputError("kernel measurements", {{file, "has no operator that a table is made of"}});
  }
  void vidur(const std::vector<CsvTable>& files) {
    const VidurSamples samples = read_vidur_mlp(files);
    for (const GemmFormat& format : gemm_formats())
      if (std::string_view(format.name) == "fp16") gemm(format, samples.gemm);
    memory("bf16", samples.memory);
  }
  void neusight(const std::vector<CsvTable>& files) {
    for (const NeusightDevice& known : neusight_devices) {
      if (known.gpu != gpu_.name) continue;
      std::vector<MemorySample> samples;
      for (const CsvTable& file : files) {
        const std::vector<MemorySample> more = read_neusight(file, known.device);
        samples.insert(samples.end(), more.begin(), more.end());
      }
      return memory("fp32", samples);
    }
    throw InputError("option --gpu", {{"", "NeuSight did not measure " + gpu_.name}});
  }

private:
  bool wanted(std::string_view family) const {
    return options_.only.empty() || options_.only == family;
  }
  void gemms(const CsvTable& file) {
    bool any = false;
    std::map<std::string, int> unknown;
    for (std::size_t row = 0; row < file.size(); ++row) ++unknown[file.text(row, "gemm_dtype")];
    for (const GemmFormat& format : gemm_formats()) {
      const std::vector<GemmSample> samples =
          read_aiconfigurator_gemm(file, format.aiconfigurator_name);
      unknown.erase(format.aiconfigurator_name);
      if (samples.empty()) continue;
      any = true;
      gemm(format, samples);
    }
    if (!any)
      throw InputError("kernel measurements",
                       {{file.name(), "has no matrix product in a known format"}});
    for (const auto& [dtype, rows] : unknown)
      table_.left_out.push_back(
          fmt::format("gemm_dtype {}: {} rows, no known format", dtype, rows));
  }
  /// Two files of one operator are two sets of measurements, not one.
  void refuse_second(bool found, const std::string& what) const {
    if (found)
      throw InputError("kernel measurements",
                       {{"", "two of the files hold " + what + ": fit them one by one"}});
  }
  void gemm(const GemmFormat& format, const std::vector<GemmSample>& samples,
            const std::vector<GemmSample>& fresh = {}) {
    if (!wanted("gemm")) return;
    const GemmRoofline roofline = roofline_of(gpu_, format);
    refuse_second(std::ranges::find(table_.gemm, format.name, &FittedGemm::dtype) !=
                      table_.gemm.end(),
                  std::string("gemm ") + format.name);
    table_.gemm.push_back({format.name,
                           fit_gemm(samples, roofline, options_.split_seed),
                           score_held_out(samples, roofline, options_.split_seed),
                           {}});
    if (fresh.empty()) return;
    std::vector<double> ratios;
    for (const GemmSample& s : fresh) {
      const auto [m, n, k] =
          std::tuple(static_cast<double>(s.m), static_cast<double>(s.n), static_cast<double>(s.k));
      ratios.push_back(table_.gemm.back().table.time(m, n, k).seconds / s.seconds);
    }
    table_.gemm.back().fresh = errors_of(std::move(ratios));
  }
  /// A table for each cache format and window.
  void attentions(const CsvTable& file) {
    if (!wanted("attention")) return;
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
          table_.left_out.push_back(fmt::format("cache {}, window {}: {} head shapes are too few",
                                                cache.name, window, shapes.size()));
          continue;
        }
        const AttentionRoofline roofline = roofline_of(gpu_, all.phase, cache, window);
        refuse_second(std::ranges::any_of(table_.attention,
                                          [&](const FittedAttention& other) {
                                            const AttentionRoofline& of = other.table.roofline();
                                            return other.cache == cache.name &&
                                                   of.phase == all.phase && of.window == window;
                                          }),
                      std::string(to_string(all.phase)) + " attention, cache " + cache.name);
        const HeldOut errors = score_held_out(samples, roofline, options_.split_seed);
        table_.attention.push_back({cache.name, fit_attention(samples, roofline, errors), errors,
                                    score_held_out_lengths(samples, roofline)});
      }
    if (table_.attention.empty())
      throw InputError("kernel measurements", {{file.name(), "has too few head shapes"}});
  }
  void memory(const char* dtype, const std::vector<MemorySample>& samples) {
    if (!wanted("memory")) return;
    refuse_second(!table_.memory.empty(), "memory-bound operators");
    table_.memory.push_back(
        {dtype, fit_memory(samples, gpu_, memory_element_bytes(dtype), options_.split_seed)});
  }

  const catalog::GpuSpec& gpu_;
  const FitOptions& options_;
  KernelTable& table_;
};

/// Measurements so far from what was fitted to the others are in another unit or not measured.
void refuse_beyond_bounds(const KernelTable& table) {
  const auto check = [&](const std::string& what, const HeldOut& errors) {
    if (std::abs(errors.p10) > largest_log_error || std::abs(errors.p90) > largest_log_error ||
        errors.roofline.mean > std::exp(largest_log_error))
      throw InputError(
          "kernel measurements",
          {{table.provenance.source,
            fmt::format("{}: times are off the fit by factors of {:.3g} to {:.3g} and "
                        "off a roofline by {:.3g} on average; is the unit right?",
                        what, std::exp(errors.p10), std::exp(errors.p90), errors.roofline.mean)}});
  };
  for (const FittedGemm& gemm : table.gemm) check("gemm " + gemm.dtype, gemm.errors);
  for (const FittedAttention& one : table.attention) check("attention " + one.cache, one.errors);
  for (const FittedMemory& memory : table.memory)
    check("memory " + memory.dtype, memory.fit.errors);
}

} // namespace

std::span<const char* const> measurement_formats() { return formats; }
std::span<const char* const> operator_families() { return families; }

KernelTable fit_files(std::span<const std::string> paths, const catalog::GpuSpec& gpu,
                      const FitOptions& options) {
  KernelTable table;
  table.gpu = gpu.name;
  table.provenance.method = catalog::Method::measured;
  const bool suite = options.format == "windtunnel";
  if (suite && paths.size() != 1)
    throw InputError("arguments", {{"", "one raw file of the suite is fitted at a time"}});
  std::vector<CsvTable> files;
  for (const std::string& path : paths) {
    std::string& source = table.provenance.source;
    source += (source.empty() ? "" : " ") + std::filesystem::path(path).filename().string();
    if (!suite) files.push_back(CsvTable::load(path));
  }
  Fit fit(gpu, options, table);
  if (suite)
    fit.suite(paths.front());
  else if (options.format == "vidur")
    fit.vidur(files);
  else if (options.format == "neusight")
    fit.neusight(files);
  else
    for (const CsvTable& file : files) fit.aiconfigurator(file);
  if (table.gemm.empty() && table.attention.empty() && table.memory.empty())
    throw InputError("kernel measurements",
                     {{table.provenance.source,
                       options.only.empty() ? "holds nothing that a table is made of"
                                            : "holds no operator of the family " + options.only}});
  refuse_beyond_bounds(table);
  return table;
}

} // namespace windtunnel::kernels
