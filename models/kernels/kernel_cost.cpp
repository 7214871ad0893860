#include "models/kernels/kernel_cost.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <mutex>
#include <span>
#include <vector>

#include "libsim/base/embedded_file.hpp"
#include "libsim/base/error.hpp"
#include "libsim/json/reader.hpp"
#include "models/kernels/gpu_kernels.hpp"

namespace windtunnel::kernels {
std::span<const EmbeddedFile> embedded_efficiency();

namespace {

Efficiency read_row(json::Reader& r) {
  const json::NumberRange share{.min = 0, .max = 1};
  Efficiency e;
  e.architecture = r.text("architecture", "First word of GpuSpec.architecture.");
  e.gemm_share = r.number("gemmShare", share, "16-bit GEMM, of the dense peak.");
  e.gemm_share_fp8 = r.number("gemmShareFp8", share, "8-bit GEMM, of the dense peak.");
  e.attention_forward = r.number("attentionForward", share, "Of the 16-bit peak.");
  e.attention_backward = r.number("attentionBackward", share, "Of the 16-bit peak.");
  e.portable_attention_forward =
      r.number("portableAttentionForward", share, "Kernels not made for the architecture.");
  e.portable_attention_backward =
      r.number("portableAttentionBackward", share, "Kernels not made for the architecture.");
  e.convolution_share = r.number("convolutionShare", share, "Of the 16-bit peak.");
  e.memory_share = r.number("memoryShare", share, "Of the data-sheet bandwidth.");
  e.start = r.time("kernelStart", "Fixed cost of one kernel.");
  r.object("provenance", "Where the figures come from.", [&](json::Reader& o) {
    e.source = o.text("source", "What they were fitted to.");
    o.optional_text("url", "Address.");
    o.text("retrieved", "ISO date.");
    o.optional_text("licence", "Licence.");
    o.choice("method", {"measured", "published", "estimated"}, "How.");
    e.note = o.optional_text("note", "Remarks.").value_or("");
  });
  return e;
}

const std::vector<Efficiency>& table() {
  static const std::vector<Efficiency> rows = [] {
    const EmbeddedFile& file = embedded_efficiency().front();
    return json::read(json::parse(file.text, std::string(file.name)), "efficiency table",
                      [](json::Reader& r) {
                        std::vector<Efficiency> all;
                        r.text("schema", "\"kernel-efficiency/1\"");
                        r.objects("rows", 1, "Architectures.",
                                  [&](json::Reader& o) { all.push_back(read_row(o)); });
                        return all;
                      });
  }();
  return rows;
}

Efficiency efficiency_of(const catalog::GpuSpec& gpu) {
  for (const Efficiency& row : table())
    if (gpu.architecture.starts_with(row.architecture)) return row;
  Efficiency nearest = table().front();
  nearest.transferred = true;
  return nearest;
}

/// The measured matrix products of the GPU; null when neither it nor a relative has any. Kept, as
/// those of a GPU that was not measured take a while to derive.
std::shared_ptr<const GemmKernel> measured_gemm(const catalog::GpuSpec& gpu, catalog::Dtype dtype) {
  if (dtype != catalog::Dtype::bf16 && dtype != catalog::Dtype::fp16) return nullptr;
  // Both run at one rate, and bf16 was measured at more shapes; Volta and Turing have fp16 only.
  const char* const format = gpu.peak(catalog::Dtype::bf16) ? "bf16" : "fp16";
  // A user's catalog may give another GPU the same name.
  const std::string key = fmt::format(
      "{} {} {} {} {} {} {}", gpu.name, catalog::to_string(dtype), gpu.peak(dtype)->per_second(),
      gpu.memory_bandwidth.bytes_per_second(), gpu.sm_count.value_or(0),
      gpu.boost_clock_mhz.value_or(0), gpu.l2 ? gpu.l2->count() : 0);
  static std::mutex mutex;
  static std::map<std::string, std::shared_ptr<const GemmKernel>> known;
  const std::lock_guard lock(mutex);
  const auto [entry, added] = known.try_emplace(key);
  if (added) {
    try {
      entry->second = std::make_shared<const GemmKernel>(GpuKernels(gpu).gemm(format));
    } catch (const ModelError&) {
      // no table and no relative
    }
  }
  return entry->second;
}

} // namespace

KernelCost::KernelCost(const catalog::GpuSpec& gpu, catalog::Dtype dtype)
    : efficiency_(efficiency_of(gpu)) {
  const auto peak = gpu.peak(dtype);
  if (!peak) throw ModelError(gpu.name + " has no known peak at " + catalog::to_string(dtype));
  peak_ = peak->per_second();
  const auto half = gpu.peak(catalog::Dtype::bf16) ? gpu.peak(catalog::Dtype::bf16)
                                                   : gpu.peak(catalog::Dtype::fp16);
  // Attention stays in 16 bits when matrices are in 8 or fewer.
  attention_peak_ = half ? std::min(half->per_second(), peak_) : peak_;
  memory_rate_ = gpu.memory_bandwidth.bytes_per_second() * efficiency_.memory_share;
  element_bytes_ = catalog::element_bytes(dtype);
  gemm_rate_ = peak_ * (element_bytes_ < 2 ? efficiency_.gemm_share_fp8 : efficiency_.gemm_share);
  measured_ = measured_gemm(gpu, dtype);
}

double KernelCost::gemm(double m, double n, double k) const {
  if (m <= 0 || n <= 0 || k <= 0) return 0;
  const double kept_up = 2 * m * n * k / gemm_rate_;
  if (measured_) return std::max(measured_->time(m, n, k).seconds, kept_up);
  const double bytes = element_bytes_ * (m * k + k * n) + 2 * m * n;
  return std::max(kept_up, bytes / memory_rate_) + efficiency_.start.seconds();
}

double KernelCost::attention(double flops, bool backward, bool native) const {
  const Efficiency& e = efficiency_;
  const double share = native     ? backward ? e.attention_backward : e.attention_forward
                       : backward ? e.portable_attention_backward
                                  : e.portable_attention_forward;
  return flops / (attention_peak_ * share) + efficiency_.start.seconds();
}

double KernelCost::memory(double bytes, double kernel_count) const {
  return bytes / memory_rate_ + kernel_count * efficiency_.start.seconds();
}

} // namespace windtunnel::kernels
