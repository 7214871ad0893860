#include <CLI/CLI.hpp>
#include <algorithm>
#include <iterator>

#include "scenarios/cli/fit_options.hpp"
#include "scenarios/cli/options.hpp"
#include "scenarios/validation/kernels_suite.hpp"
#include "scenarios/validation/steps_suite.hpp"
#include "scenarios/validation/validation.hpp"

namespace windtunnel::cli {
namespace {

struct ValidateCommand : Common {
  std::string suite;
  std::optional<std::string> truth;
  std::vector<std::string> data;
  std::optional<std::string> gpu;
  kernels::FitOptions options;
  const CLI::App* verb = nullptr;
  std::optional<std::string> left_out;

  void operator()() const {
    const auto refuse = [](const char* why) { throw InputError("arguments", {{"", why}}); };
    if (left_out && suite != "collectives") refuse("--left-out belongs to the suite collectives");
    if (suite == "kernels") {
      if (truth) refuse("the suite kernels takes --data, not --truth");
      if (data.empty() && verb->count("--catalog") > 0)
        refuse("the tables carried are of the catalog carried: --catalog goes with --data");
      if (data.empty() == gpu.has_value() || (has_fit_options(*verb) && data.empty()))
        refuse("--data FILE and --gpu NAME go together, and --format, --only and "
               "--split-seed with them");
      if (!data.empty()) {
        const kernels::KernelTable table = fitted();
        print(render(scenarios::scores_of({table}), format));
        if (format == "table") print(scenarios::left_out_of(table));
        return;
      }
      const catalog::Catalog& catalog = catalog::Catalog::builtin();
      std::vector<scenarios::KernelScore> scores = scenarios::scores_of(kernels::built_in_tables());
      std::ranges::copy(scenarios::scores_of_transfers(kernels::built_in_tables(), catalog),
                        std::back_inserter(scores));
      std::ranges::copy(scenarios::scores_of_steps(catalog), std::back_inserter(scores));
      print(render(scores, format));
      return;
    }
    if (!data.empty() || gpu || has_fit_options(*verb))
      refuse("--data, --gpu, --format, --only and --split-seed belong to the suite kernels");
    const scenarios::ValidationResult result = scenarios::validate(
        suite, truth, load_catalog(),
        left_out == "size" ? scenarios::LeaveOut::size : scenarios::LeaveOut::source);
    print(format == "json" ? to_json(result) : format == "csv" ? to_csv(result) : to_table(result));
  }

  /// The table fitted on the files.
  kernels::KernelTable fitted() const {
    const catalog::Catalog catalog = load_catalog();
    const catalog::GpuSpec* const spec = catalog.gpu(*gpu);
    if (!spec) throw InputError("option --gpu", {{"", "the catalog has no GPU '" + *gpu + "'"}});
    return kernels::fit_files(data, *spec, options);
  }
};

} // namespace

void add_validate(CLI::App& app) {
  auto command = std::make_shared<ValidateCommand>();
  CLI::App* verb = app.add_subcommand("validate", "Score the models on published measurements");
  verb->add_option("SUITE", command->suite,
                   "training, runs, collectives, oracles, kernels or steps")
      ->required();
  verb->add_option("--truth", command->truth, "CSV with the suite's columns, in place of our rows");
  verb->add_option("--data", command->data, "kernels: files of measurements to fit on and score");
  verb->add_option("--gpu", command->gpu, "kernels: the GPU they were measured on");
  add_fit_options(*verb, command->options);
  command->verb = verb;
  verb->add_option("--left-out", command->left_out,
                   "collectives: predict each row without its source (the default) or its size")
      ->check(CLI::IsMember(std::vector<std::string>{"source", "size"}));
  command->add_output(*verb, {"table", "json", "csv"});
  command->Common::add_catalog(*verb);
  verb->callback([command] { (*command)(); });
}

} // namespace windtunnel::cli
