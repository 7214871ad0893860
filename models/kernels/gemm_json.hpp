// FittedGemm: a GemmTable with the errors of its fit, and its JSON: one text a weight shape,
// "12 -5 ~3" for the values of m in order, ~ before what was not measured but filled by the fit.
#pragma once

#include <optional>
#include <span>
#include <string>

#include "models/catalog/catalog.hpp"
#include "models/kernels/gemm_fit.hpp"
#include "models/kernels/table_json.hpp"

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
  HeldOut errors; ///< of the fit on four fifths of the shapes
  /// Of the table on shapes that were drawn and measured to score it, in the same run.
  std::optional<FitErrors> fresh{};
};

void write_gemm(json::Writer& w, const FittedGemm& gemm);
/// Adds the table that `r` holds to `all`; problems are recorded in `r`. `gpu` may be null when it
/// is a problem already.
void read_gemm(json::Reader& r, const catalog::GpuSpec* gpu, std::vector<FittedGemm>& all);

} // namespace windtunnel::kernels
