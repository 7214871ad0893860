// Files of measurements, in any of the forms that are read, to a KernelTable.
#pragma once

#include <span>
#include <string>

#include "models/kernels/kernel_table.hpp"

namespace windtunnel::kernels {

/// How files of measurements are read:
///  windtunnel      the raw CSV of our own suite, calibration/bench
///  aiconfigurator  a CSV or CSV.gz of its collectors; the columns say which operator it holds
///  vidur           a CSV of its MLP profiler: matrix products and memory-bound operators
///  neusight        a CSV of its operators in fp32, in which only the GPU's own rows are read
std::span<const char* const> measurement_formats();
/// "attention", "gemm", "memory".
std::span<const char* const> operator_families();

struct FitOptions {
  std::string format = "aiconfigurator";
  std::uint64_t split_seed = 0;
  std::string only; ///< an operator family; empty: all that the files hold
};

/// Fits all that the files hold; provenance is their names. Throws InputError for a file and
/// ModelError for the fit.
KernelTable fit_files(std::span<const std::string> files, const catalog::GpuSpec& gpu,
                      const FitOptions& options);

} // namespace windtunnel::kernels
