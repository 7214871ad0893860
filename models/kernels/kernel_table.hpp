// KernelTable: what kernels cost on one GPU, fitted from one set of measurements; a file of
// calibration/tables, or one that `windtunnel calibrate fit` wrote.
//
// The file is JSON. Log ratios to the roofline are kept in steps of 0.5 %, one text a weight shape:
// "12 -5 ~3" for the values of m in order, ~ before what was not measured but filled by the fit.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "libsim/json/reader.hpp"
#include "models/catalog/catalog.hpp"
#include "models/kernels/gemm_fit.hpp"

namespace windtunnel::kernels {

/// A number format as kernels have it: "fp8_block" computes at the peak of fp8.
struct GemmFormat {
  const char* name;
  const char* aiconfigurator_name;
  catalog::Dtype peak;
  double input_bytes;
};
std::span<const GemmFormat> gemm_formats();
/// Throws InputError when the GPU has no known peak for the format.
GemmRoofline roofline_of(const catalog::GpuSpec& gpu, const GemmFormat& format);

struct FittedGemm {
  std::string dtype; ///< a GemmFormat's name
  GemmTable table;
  GemmHeldOut errors; ///< of the fit on four fifths of the shapes
};

struct KernelTable {
  std::string gpu; ///< the catalog's name
  catalog::Provenance provenance;
  std::string command; ///< that wrote it
  std::vector<FittedGemm> gemm;
};

/// Fits all formats that the file has. Throws InputError for the file and ModelError for the fit.
KernelTable fit_aiconfigurator_gemm(const std::string& file, const catalog::GpuSpec& gpu,
                                    std::uint64_t split_seed);

std::string to_json(const KernelTable& table);
KernelTable read_kernel_table(json::Reader& reader, const catalog::Catalog& catalog);

/// The tables carried in calibration/tables, of the builtin catalog's GPUs.
const std::vector<KernelTable>& built_in_tables();

} // namespace windtunnel::kernels
