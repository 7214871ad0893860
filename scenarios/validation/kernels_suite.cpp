#include "scenarios/validation/kernels_suite.hpp"

#include <fmt/format.h>

#include <filesystem>

#include "libsim/base/csv_table.hpp"
#include "libsim/base/error.hpp"
#include "libsim/json/writer.hpp"

namespace windtunnel::scenarios {
namespace {

using catalog::Dtype;

struct Format {
  const char* name;
  Dtype peak;
  double input_bytes;
};
constexpr Format formats[] = {{"bf16", Dtype::bf16, 2},
                              {"fp8", Dtype::fp8, 1},
                              {"fp8_block", Dtype::fp8, 1},
                              {"fp4", Dtype::fp4, 0.5}};

/// Whether the file has rows of that format.
std::vector<Format> formats_in(const std::string& file) {
  const CsvTable table = CsvTable::load(file);
  table.require({"gemm_dtype"});
  std::vector<Format> found;
  for (const Format& format : formats) {
    const std::string there = std::string(format.name) == "bf16"  ? "bfloat16"
                              : std::string(format.name) == "fp4" ? "nvfp4"
                                                                  : format.name;
    for (std::size_t row = 0; row < table.size(); ++row)
      if (table.text(row, "gemm_dtype") == there) {
        found.push_back(format);
        break;
      }
  }
  return found;
}

std::string percent(double share) { return fmt::format("{:.1f}%", 100 * share); }

} // namespace

std::vector<KernelScore> validate_kernels(const std::string& file, const std::string& gpu,
                                          std::uint64_t split_seed,
                                          const catalog::Catalog& catalog) {
  const catalog::GpuSpec* const spec = catalog.gpu(gpu);
  if (!spec) throw InputError("option --gpu", {{"", "the catalog has no GPU '" + gpu + "'"}});
  const std::vector<Format> present = formats_in(file);
  if (present.empty())
    throw InputError("kernel measurements", {{file, "has no matrix product in a known format"}});
  std::vector<KernelScore> scores;
  for (const Format& format : present) {
    const auto peak = spec->peak(format.peak);
    if (!peak)
      throw InputError("option --gpu",
                       {{"", fmt::format("{} has no known peak at {}, which {} was measured in",
                                         spec->name, catalog::to_string(format.peak), file)}});
    const kernels::GemmRoofline roofline{.flops_per_second = peak->per_second(),
                                         .bytes_per_second =
                                             spec->memory_bandwidth.bytes_per_second(),
                                         .input_bytes = format.input_bytes};
    const auto samples = kernels::read_aiconfigurator_gemm(file, format.name);
    const kernels::GemmHeldOut result = kernels::score_held_out(samples, roofline, split_seed);
    const std::string source = std::filesystem::path(file).filename().string();
    const auto row = [&](const char* method, const char* split, std::size_t sites,
                         const kernels::FitErrors& errors) {
      scores.push_back(
          {"gemm", spec->name, format.name, source, method, split, split_seed, sites, errors});
    };
    row("model", "held-out", result.held_out_sites, result.model);
    row("roofline", "held-out", result.held_out_sites, result.roofline);
    row("model", "in-sample", result.sites - result.held_out_sites, result.in_sample);
  }
  return scores;
}

std::string render(const std::vector<KernelScore>& scores, const std::string& format) {
  if (format == "json") {
    json::Writer w;
    w.begin_object().field("suite", "kernels").begin_array("rows");
    for (const KernelScore& s : scores)
      w.begin_object()
          .field("op", s.op)
          .field("gpu", s.gpu)
          .field("dtype", s.dtype)
          .field("source", s.source)
          .field("method", s.method)
          .field("n", static_cast<std::int64_t>(s.errors.rows))
          .field("split", s.split)
          .field("split_seed", static_cast<std::int64_t>(s.split_seed))
          .field("sites", static_cast<std::int64_t>(s.sites))
          .field("mape", s.errors.mean)
          .field("median_ape", s.errors.median)
          .field("p90_ape", s.errors.p90)
          .field("bias", s.errors.bias)
          .end();
    return w.end().end().str();
  }
  std::string text;
  if (format == "csv") {
    text = "op,gpu,dtype,source,method,n,split,split_seed,sites,mape,median_ape,p90_ape,bias\n";
    for (const KernelScore& s : scores)
      text += fmt::format("{},{},{},{},{},{},{},{},{},{},{},{},{}\n", s.op, s.gpu, s.dtype,
                          s.source, s.method, s.errors.rows, s.split, s.split_seed, s.sites,
                          s.errors.mean, s.errors.median, s.errors.p90, s.errors.bias);
    return text;
  }
  text = fmt::format("{:6}{:14}{:11}{:10}{:10}{:>7}{:>7}{:>8}{:>8}{:>8}{:>8}\n", "OP", "GPU",
                     "DTYPE", "METHOD", "SPLIT", "SITES", "ROWS", "MAPE", "MEDIAN", "P90", "BIAS");
  for (const KernelScore& s : scores)
    text += fmt::format("{:6}{:14}{:11}{:10}{:10}{:>7}{:>7}{:>8}{:>8}{:>8}{:>8}\n", s.op, s.gpu,
                        s.dtype, s.method, s.split, s.sites, s.errors.rows, percent(s.errors.mean),
                        percent(s.errors.median), percent(s.errors.p90), percent(s.errors.bias));
  return text + fmt::format("\n{}: fitted on four fifths of its weight shapes, split seed {}\n",
                            scores.front().source, scores.front().split_seed);
}

} // namespace windtunnel::scenarios
