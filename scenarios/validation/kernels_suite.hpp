// The suite "kernels": how far fitted kernel costs are from measurements they were not fitted to.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "models/catalog/catalog.hpp"
#include "models/kernels/gemm_fit.hpp"

namespace windtunnel::scenarios {

struct KernelScore {
  std::string op;     ///< "gemm"
  std::string gpu;    ///< the catalog's name
  std::string dtype;  ///< "bf16", "fp8", "fp8_block", "fp4"
  std::string source; ///< the file
  std::string method; ///< "model", or "roofline" with the data sheet's peaks
  std::string split;  ///< "held-out" shapes, or "in-sample"
  std::uint64_t split_seed = 0;
  std::size_t sites = 0; ///< weight shapes scored on, of the rows' `n`
  kernels::FitErrors errors;
};

/// Fits on four fifths of the weight shapes of a raw file, format by format, and scores the rest.
/// Throws InputError for a GPU the catalog lacks, or has no peak of for a format, and for what is
/// wrong in the file.
std::vector<KernelScore> validate_kernels(const std::string& file, const std::string& gpu,
                                          std::uint64_t split_seed,
                                          const catalog::Catalog& catalog);

/// `format` is table, json or csv.
std::string render(const std::vector<KernelScore>& scores, const std::string& format);

} // namespace windtunnel::scenarios
