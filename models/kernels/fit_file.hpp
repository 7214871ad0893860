// A file of measurements, in any of the forms that are read, to a KernelTable.
#pragma once

#include "models/kernels/kernel_table.hpp"

namespace windtunnel::kernels {

/// "aiconfigurator": one CSV or CSV.gz of its collectors; its columns say which operator it holds.
std::span<const char* const> measurement_formats();

/// Fits all that the file holds; provenance is the file's name. Throws InputError for the file and
/// ModelError for the fit.
KernelTable fit_file(const std::string& file, const std::string& format,
                     const catalog::GpuSpec& gpu, std::uint64_t split_seed);

} // namespace windtunnel::kernels
