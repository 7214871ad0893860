// GpuSpec: what one accelerator is capable of on paper.
//
// Peaks are dense (no structured sparsity), per device, at the clock the vendor quotes; what a
// kernel reaches of them is the business of models/kernels. A peak that the hardware lacks or that
// nobody published is nullopt, never zero. Two memory figures stand side by side: `memory` as
// marketed and `device_memory` as the driver reports it; memory verdicts use usable_memory().
// Trainium and Inferentia rows count a chip, not a NeuronCore.
//
//   const GpuSpec* h100 = Catalog::builtin().gpu("H100");
//   double tflops = h100->peak(Dtype::bf16)->teraflops(); // 989.4
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "libsim/base/units.hpp"
#include "models/catalog/provenance.hpp"

namespace windtunnel::catalog {

enum class Dtype { fp64, fp32, tf32, fp16, bf16, fp8, mxfp8, int8, fp4 };
/// "bf16"; parse_dtype returns nullopt for an unknown name.
const char* to_string(Dtype);
std::optional<Dtype> parse_dtype(std::string_view name);
/// Bytes of one element (fp4: 0.5).
double element_bytes(Dtype);

struct GpuSpec {
  std::string name; ///< "H100-SXM-80"; aliases() of the Catalog resolve other spellings
  std::vector<std::string> aliases; ///< other spellings the Catalog finds it by
  std::string vendor;
  std::string architecture; ///< "Hopper GH100"
  std::optional<int> sm_count;
  std::optional<double> boost_clock_mhz;
  std::optional<Bytes> l2;
  Bytes memory;                       ///< as marketed (80 GB)
  std::optional<Bytes> device_memory; ///< as the driver reports it
  Bandwidth memory_bandwidth;
  std::optional<FlopRate> fp64, fp32, tf32, fp16, bf16, fp8, int8, fp4;
  std::optional<Bandwidth> nvlink; ///< both directions added; absent: none
  std::optional<int> pcie_generation;
  std::optional<double> tdp_watts;
  Provenance provenance;

  /// Dense peak at `dtype` (mxfp8 is fp8's, on hardware that has FP4); nullopt when the hardware
  /// has none or it is unknown.
  std::optional<FlopRate> peak(Dtype dtype) const;
  /// device_memory, or memory where no driver report is known.
  Bytes usable_memory() const { return device_memory.value_or(memory); }
};

} // namespace windtunnel::catalog
