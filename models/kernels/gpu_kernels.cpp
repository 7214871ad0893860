#include "models/kernels/gpu_kernels.hpp"

#include <algorithm>

#include "libsim/base/error.hpp"

namespace windtunnel::kernels {
namespace {

GemmFormat format_of(std::string_view dtype, const catalog::GpuSpec& gpu) {
  const auto named = [](std::string_view name) {
    return std::ranges::find(gemm_formats(), name, &GemmFormat::name);
  };
  const auto found = named(dtype == "fp16" ? "bf16" : dtype);
  if (found == gemm_formats().end()) {
    std::string known;
    for (const GemmFormat& format : gemm_formats())
      known += (known.empty() ? "" : ", ") + std::string(format.name);
    throw InputError("number format", {{"", "'" + std::string(dtype) + "' is none of " + known +
                                                " (" + gpu.name + ")"}});
  }
  GemmFormat format = *found;
  if (dtype == "fp16") format.peak = catalog::Dtype::fp16;
  return format;
}

const GemmTable* gemm_table(const KernelTable& table, const char* dtype) {
  const auto found = std::ranges::find(table.gemm, dtype, &FittedGemm::dtype);
  return found == table.gemm.end() ? nullptr : &found->table;
}

} // namespace

KernelAnswer GemmKernel::time(double m, double n, double k) const {
  GemmTime answer = sources_.front().gemm->time(m, n, k);
  const Source* from = &sources_.front();
  for (std::size_t i = 1; i < sources_.size() && answer.basis == Basis::extrapolated; ++i) {
    const GemmTime other = sources_[i].gemm->time(m, n, k);
    if (other.basis == Basis::extrapolated) continue;
    answer = other;
    from = &sources_[i];
  }
  return {answer.seconds, answer.p10, answer.p90, answer.basis, from->table};
}

GpuKernels::GpuKernels(const catalog::GpuSpec& gpu, std::span<const KernelTable> tables,
                       const catalog::Catalog& catalog)
    : gpu_(gpu), catalog_(catalog) {
  for (const bool own : {true, false})
    for (const KernelTable& table : tables)
      if (table.own_suite() == own) tables_.push_back(&table);
}

std::vector<GemmRelative> GpuKernels::measured_gemms(const GemmFormat& format) const {
  std::vector<GemmRelative> measured;
  for (const KernelTable* const table : tables_) {
    const GemmTable* const gemm = gemm_table(*table, format.name);
    const catalog::GpuSpec* const gpu = catalog_.gpu(table->gpu);
    const auto same = [&](const GemmRelative& other) { return other.gpu == gpu; };
    if (gemm && gpu && std::ranges::none_of(measured, same)) measured.push_back({gpu, gemm, 0});
  }
  return measured;
}

bool GpuKernels::has_relatives(std::string_view dtype) const {
  return std::ranges::any_of(measured_gemms(format_of(dtype, gpu_)),
                             [&](const GemmRelative& r) { return r.gpu->name != gpu_.name; });
}

GemmTable GpuKernels::transferred_gemm(std::string_view dtype) const {
  const GemmFormat format = format_of(dtype, gpu_);
  return transfer_gemm(gpu_, format, measured_gemms(format));
}

GemmKernel GpuKernels::gemm(std::string_view dtype) const {
  const GemmFormat format = format_of(dtype, gpu_);
  roofline_of(gpu_, format); // throws without a peak
  GemmKernel kernel;
  const auto add_measured = [&](const char* name) {
    for (const KernelTable* const table : tables_)
      if (const GemmTable* const gemm = gemm_table(*table, name); gemm && table->gpu == gpu_.name)
        kernel.sources_.push_back({table, gemm});
  };
  if (dtype == "fp16") add_measured("fp16");
  add_measured(format.name);
  if (!kernel.sources_.empty()) return kernel;

  const std::vector<GemmRelative> measured = measured_gemms(format);
  kernel.own_ = std::make_shared<const GemmTable>(transfer_gemm(gpu_, format, measured));
  const std::string& nearest = relatives_of(gpu_, format, measured).front().gpu->name;
  for (const KernelTable* const table : tables_)
    if (table->gpu == nearest && gemm_table(*table, format.name)) {
      kernel.sources_.push_back({table, kernel.own_.get()});
      break;
    }
  return kernel;
}

} // namespace windtunnel::kernels
