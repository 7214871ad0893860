#include "models/kernels/gemm_json.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "libsim/base/error.hpp"

namespace windtunnel::kernels {
namespace {

constexpr GemmFormat formats[] = {{"bf16", "bfloat16", catalog::Dtype::bf16, 2},
                                  {"fp16", "float16", catalog::Dtype::fp16, 2},
                                  {"fp8", "fp8", catalog::Dtype::fp8, 1},
                                  {"fp8_block", "fp8_block", catalog::Dtype::fp8, 1},
                                  {"fp4", "nvfp4", catalog::Dtype::fp4, 0.5}};

const GemmFormat* format_named(std::string_view name) {
  const auto found =
      std::ranges::find_if(formats, [&](const GemmFormat& f) { return f.name == name; });
  return found == std::end(formats) ? nullptr : found;
}

/// The grid of the file's texts; problems are recorded in `r`.
GemmGrid read_grid(json::Reader& r) {
  GemmGrid grid;
  grid.m = read_axis(r, "m", "Values of m, ascending.");
  for (const std::string& line : r.texts("shapes", "\"n k: log ratios in steps of 0.5 %\".")) {
    std::int64_t n = 0, k = 0;
    std::string_view text = line;
    bool good = take(text, n) && take(text, k) && text.starts_with(':');
    if (good) {
      text.remove_prefix(1);
      good = take_ratios(text, grid.m.size(), grid.log_ratio, grid.measured) && text.empty();
    }
    if (!good) {
      r.problem("shapes", fmt::format("'{}...' is not \"n k:\" and {} whole numbers",
                                      line.substr(0, 12), grid.m.size()));
      return grid;
    }
    if (grid.n.empty() || grid.n.back() != n) grid.n.push_back(n);
    if (grid.n.size() == 1) grid.k.push_back(k);
    const std::size_t before = (grid.log_ratio.size() / grid.m.size() - 1) % grid.k.size();
    if (grid.k[before] != k) {
      r.problem("shapes", "must be a grid of all n, each with all k");
      return grid;
    }
  }
  return grid;
}

} // namespace

std::span<const GemmFormat> gemm_formats() { return formats; }

GemmRoofline roofline_of(const catalog::GpuSpec& gpu, const GemmFormat& format) {
  const auto peak = gpu.peak(format.peak);
  if (!peak)
    throw InputError("option --gpu",
                     {{"", fmt::format("{} has no known peak at {}, the format {} needs", gpu.name,
                                       catalog::to_string(format.peak), format.name)}});
  GemmRoofline roofline;
  roofline.flops_per_second = peak->per_second();
  roofline.bytes_per_second = gpu.memory_bandwidth.bytes_per_second();
  roofline.input_bytes = format.input_bytes;
  return roofline;
}

void write_gemm(json::Writer& w, const FittedGemm& gemm) {
  const GemmGrid& grid = gemm.table.grid();
  w.begin_object().field("dtype", gemm.dtype);
  write_held_out(w, gemm.errors);
  if (gemm.fresh) write_errors(w, "fresh", *gemm.fresh);
  w.field("m", axis_text(grid.m));
  w.begin_array("shapes");
  for (std::size_t n = 0; n < grid.n.size(); ++n)
    for (std::size_t k = 0; k < grid.k.size(); ++k) {
      std::string text = fmt::format("{} {}:", grid.n[n], grid.k[k]);
      for (std::size_t i = 0; i < grid.m.size(); ++i) {
        const std::size_t node = grid.at(n, k, i);
        add_ratio(text, grid.log_ratio[node], grid.measured[node]);
      }
      w.element(text);
    }
  w.end().end();
}

void read_gemm(json::Reader& r, const catalog::GpuSpec* gpu, std::vector<FittedGemm>& all) {
  const std::string dtype =
      r.choice("dtype", {"bf16", "fp16", "fp8", "fp8_block", "fp4"}, "Number format.");
  const HeldOut errors = read_held_out(r);
  const std::optional<FitErrors> fresh =
      read_optional_errors(r, "fresh", "Of the table, on shapes measured to score it.");
  GemmGrid grid = read_grid(r);
  const GemmFormat* const format = format_named(dtype);
  if (!gpu || !format) return;
  if (grid.log_ratio.size() != grid.m.size() * grid.n.size() * grid.k.size()) {
    r.problem("shapes", "must be a grid of all n, each with all k");
    return;
  }
  try {
    all.push_back(
        {dtype,
         GemmTable(roofline_of(*gpu, *format), std::move(grid), LogBand{errors.p10, errors.p90}),
         errors, fresh});
  } catch (const Error& error) {
    r.problem("", error.what());
  }
}

} // namespace windtunnel::kernels
