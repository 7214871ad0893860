#include "models/kernels/fit_file.hpp"

#include <filesystem>

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

/// By the column that only this operator's files have.
void fit_aiconfigurator(const CsvTable& file, const catalog::GpuSpec& gpu, std::uint64_t split_seed,
                        KernelTable& table) {
  if (file.has("gemm_dtype")) return fit_gemms(file, gpu, split_seed, table);
  throw InputError("kernel measurements",
                   {{file.name(), "has no column gemm_dtype, so holds no operator that is read"}});
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
