#include "models/kernels/kernel_table.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <filesystem>

#include "libsim/base/embedded_file.hpp"
#include "libsim/base/error.hpp"
#include "libsim/json/writer.hpp"

namespace windtunnel::kernels {
std::span<const EmbeddedFile> embedded_tables();

namespace {

constexpr GemmFormat formats[] = {{"bf16", "bfloat16", catalog::Dtype::bf16, 2},
                                  {"fp8", "fp8", catalog::Dtype::fp8, 1},
                                  {"fp8_block", "fp8_block", catalog::Dtype::fp8, 1},
                                  {"fp4", "nvfp4", catalog::Dtype::fp4, 0.5}};
constexpr const char* schema = "kernel-table/1";
constexpr double step = 0.005; ///< of the log ratio, one unit of the file

const GemmFormat* format_named(std::string_view name) {
  const auto found =
      std::ranges::find_if(formats, [&](const GemmFormat& f) { return f.name == name; });
  return found == std::end(formats) ? nullptr : found;
}

void write_errors(json::Writer& w, const char* name, const FitErrors& errors) {
  w.begin_object(name)
      .field("rows", static_cast<std::int64_t>(errors.rows))
      .field("mape", errors.mean)
      .field("median", errors.median)
      .field("p90", errors.p90)
      .field("bias", errors.bias)
      .end();
}

FitErrors read_errors(json::Reader& r, const char* name, const char* doc) {
  FitErrors errors;
  r.object(name, doc, [&](json::Reader& o) {
    errors.rows = static_cast<std::size_t>(o.integer("rows", {.min = 1}, "Measurements."));
    errors.mean = o.number("mape", {.min = 0}, "Mean absolute error, a share.");
    errors.median = o.number("median", {.min = 0}, "Median absolute error.");
    errors.p90 = o.number("p90", {.min = 0}, "90th percentile of the absolute error.");
    errors.bias = o.number("bias", {.min = -1}, "Median of predicted / measured - 1.");
  });
  return errors;
}

void write_gemm(json::Writer& w, const FittedGemm& gemm) {
  const GemmGrid& grid = gemm.table.grid();
  w.begin_object().field("dtype", gemm.dtype);
  w.begin_object("heldOut")
      .field("splitSeed", static_cast<std::int64_t>(gemm.errors.split_seed))
      .field("shapes", static_cast<std::int64_t>(gemm.errors.sites))
      .field("heldOutShapes", static_cast<std::int64_t>(gemm.errors.held_out_sites))
      .field("p10", gemm.errors.p10)
      .field("p90", gemm.errors.p90);
  write_errors(w, "model", gemm.errors.model);
  write_errors(w, "roofline", gemm.errors.roofline);
  write_errors(w, "inSample", gemm.errors.in_sample);
  w.end();
  std::string m;
  for (const std::int64_t value : grid.m) m += (m.empty() ? "" : " ") + std::to_string(value);
  w.field("m", m);
  w.begin_array("shapes");
  for (std::size_t n = 0; n < grid.n.size(); ++n)
    for (std::size_t k = 0; k < grid.k.size(); ++k) {
      std::string ratios;
      for (std::size_t i = 0; i < grid.m.size(); ++i) {
        const std::size_t node = grid.at(n, k, i);
        if (!ratios.empty()) ratios += ' ';
        if (!grid.measured[node]) ratios += '~';
        ratios += std::to_string(std::lround(static_cast<double>(grid.log_ratio[node]) / step));
      }
      w.element(fmt::format("{} {}: {}", grid.n[n], grid.k[k], ratios));
    }
  w.end().end();
}

/// Takes a whole number, which may have ~ before it, off the front of `text`; false when there is
/// none.
bool take(std::string_view& text, std::int64_t& value, bool* filled = nullptr) {
  if (const auto begin = text.find_first_not_of(' '); begin != text.npos) text.remove_prefix(begin);
  if (filled && (*filled = text.starts_with('~'))) text.remove_prefix(1);
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  text.remove_prefix(static_cast<std::size_t>(end - text.data()));
  return error == std::errc();
}

/// The grid of the file's texts; problems are recorded in `r`.
GemmGrid read_grid(json::Reader& r) {
  GemmGrid grid;
  const std::string axis = r.text("m", "Values of m, ascending.");
  std::string_view rest = axis;
  for (std::int64_t m = 0; take(rest, m);) grid.m.push_back(m);
  if (!rest.empty()) r.problem("m", "must be whole numbers, separated by spaces");
  for (const std::string& line : r.texts("shapes", "\"n k: log ratios in steps of 0.5 %\".")) {
    std::int64_t n = 0, k = 0, value = 0;
    std::string_view text = line;
    bool good = take(text, n) && take(text, k) && text.starts_with(':');
    if (good) text.remove_prefix(1);
    bool filled = false;
    std::size_t count = 0;
    for (; good && count < grid.m.size() && take(text, value, &filled); ++count) {
      grid.log_ratio.push_back(static_cast<float>(static_cast<double>(value) * step));
      grid.measured.push_back(!filled);
    }
    if (!good || count != grid.m.size() || !text.empty()) {
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

KernelTable fit_aiconfigurator_gemm(const std::string& file, const catalog::GpuSpec& gpu,
                                    std::uint64_t split_seed) {
  KernelTable table;
  table.gpu = gpu.name;
  table.provenance.source = std::filesystem::path(file).filename().string();
  table.provenance.method = catalog::Method::measured;
  for (const GemmFormat& format : formats) {
    const std::vector<GemmSample> samples =
        read_aiconfigurator_gemm(file, format.aiconfigurator_name);
    if (samples.empty()) continue;
    const GemmRoofline roofline = roofline_of(gpu, format);
    table.gemm.push_back({format.name, fit_gemm(samples, roofline, split_seed),
                          score_held_out(samples, roofline, split_seed)});
  }
  if (table.gemm.empty())
    throw InputError("kernel measurements", {{file, "has no matrix product in a known format"}});
  return table;
}

std::string to_json(const KernelTable& table) {
  json::Writer w(1);
  w.begin_object().field("schema", schema).field("gpu", table.gpu);
  const auto unless_empty = [&w](const char* name, const std::string& text) {
    if (!text.empty()) w.field(name, text);
  };
  const catalog::Provenance& from = table.provenance;
  w.begin_object("provenance").field("source", from.source).field("retrieved", from.retrieved);
  unless_empty("licence", from.licence);
  w.field("method", catalog::to_string(from.method));
  unless_empty("note", from.note);
  w.end();
  unless_empty("command", table.command);
  w.begin_array("gemm");
  for (const FittedGemm& gemm : table.gemm) write_gemm(w, gemm);
  return w.end().end().str();
}

KernelTable read_kernel_table(json::Reader& r, const catalog::Catalog& catalog) {
  KernelTable table;
  r.choice("schema", {schema}, "What the file is.");
  table.gpu = r.text("gpu", "The catalog's name of the GPU.");
  const catalog::GpuSpec* const gpu = catalog.gpu(table.gpu);
  if (!gpu) r.problem("gpu", "is no GPU of the catalog");
  r.object("provenance", "Where the measurements come from.", [&](json::Reader& o) {
    table.provenance.source = o.text("source", "Publication or repository:path@commit.");
    table.provenance.retrieved = o.text("retrieved", "ISO date.");
    table.provenance.licence = o.optional_text("licence", "Licence.").value_or("");
    o.choice("method", {"measured"}, "How.");
    table.provenance.method = catalog::Method::measured;
    table.provenance.note = o.optional_text("note", "Remarks.").value_or("");
  });
  table.command = r.optional_text("command", "The command that wrote the file.").value_or("");
  r.objects("gemm", 1, "Matrix products, a number format each.", [&](json::Reader& o) {
    const std::string dtype =
        o.choice("dtype", {"bf16", "fp8", "fp8_block", "fp4"}, "Number format.");
    GemmHeldOut errors;
    o.object("heldOut", "Errors on shapes held out of the fit.", [&](json::Reader& h) {
      errors.split_seed =
          static_cast<std::uint64_t>(h.integer("splitSeed", {.min = 0}, "Which fifth."));
      errors.sites = static_cast<std::size_t>(h.integer("shapes", {.min = 1}, "Weight shapes."));
      errors.held_out_sites =
          static_cast<std::size_t>(h.integer("heldOutShapes", {.min = 1}, "Those held out."));
      errors.p10 = h.number("p10", {.min = -5, .max = 5}, "Of log(measured / predicted).");
      errors.p90 = h.number("p90", {.min = -5, .max = 5}, "Of log(measured / predicted).");
      errors.model = read_errors(h, "model", "Of the fit, on held-out shapes.");
      errors.roofline =
          read_errors(h, "roofline", "Of max(flops / peak, bytes / bandwidth) there.");
      errors.in_sample = read_errors(h, "inSample", "Of the fit, on the shapes it was made from.");
    });
    GemmGrid grid = read_grid(o);
    const GemmFormat* const format = format_named(dtype);
    if (!gpu || !format || grid.log_ratio.size() != grid.m.size() * grid.n.size() * grid.k.size()) {
      if (gpu && format) o.problem("shapes", "must be a grid of all n, each with all k");
      return;
    }
    try {
      table.gemm.push_back(
          {dtype, GemmTable(roofline_of(*gpu, *format), std::move(grid), errors.p10, errors.p90),
           errors});
    } catch (const Error& error) {
      o.problem("", error.what());
    }
  });
  return table;
}

const std::vector<KernelTable>& built_in_tables() {
  static const std::vector<KernelTable> tables = [] {
    std::vector<KernelTable> all;
    for (const EmbeddedFile& file : embedded_tables())
      all.push_back(json::read(
          json::parse(file.text, std::string(file.name)), "kernel table",
          [](json::Reader& r) { return read_kernel_table(r, catalog::Catalog::builtin()); }));
    return all;
  }();
  return tables;
}

} // namespace windtunnel::kernels
