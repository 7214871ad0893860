// How a verb is told to read and fit files of kernel measurements.
#pragma once

#include "models/kernels/fit_file.hpp"

namespace CLI {
class App;
}

namespace windtunnel::cli {

/// --format, --only and --split-seed.
void add_fit_options(CLI::App& verb, kernels::FitOptions& options);
/// Whether any of them was given.
bool has_fit_options(const CLI::App& verb);

} // namespace windtunnel::cli
