#include "scenarios/cli/fit_options.hpp"

#include <CLI/CLI.hpp>

namespace windtunnel::cli {
namespace {

CLI::IsMember one_of(std::span<const char* const> names) {
  return CLI::IsMember(std::vector<std::string>(names.begin(), names.end()));
}

} // namespace

void add_fit_options(CLI::App& verb, kernels::FitOptions& options) {
  verb.add_option("--format", options.format, "Form of the measurements")
      ->check(one_of(kernels::measurement_formats()))
      ->capture_default_str();
  verb.add_option("--only", options.only, "Operators to fit (default: all that were measured)")
      ->check(one_of(kernels::operator_families()));
  verb.add_option("--split-seed", options.split_seed, "Which fifth of the shapes is held out")
      ->check(CLI::Range(std::uint64_t{0}, std::uint64_t{1} << 53))
      ->capture_default_str();
}

bool has_fit_options(const CLI::App& verb) {
  return verb.count("--format") + verb.count("--only") + verb.count("--split-seed") > 0;
}

} // namespace windtunnel::cli
