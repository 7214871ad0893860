#include <CLI/CLI.hpp>

#include "models/kernels/fit_file.hpp"
#include "scenarios/cli/options.hpp"
#include "scenarios/validation/kernels_suite.hpp"
#include "scenarios/validation/validation.hpp"

namespace windtunnel::cli {
namespace {

struct ValidateCommand : Common {
  std::string suite;
  std::optional<std::string> truth;
  std::optional<std::string> data, gpu;
  std::optional<std::uint64_t> split_seed;

  void operator()() const {
    const auto refuse = [](const char* why) { throw InputError("arguments", {{"", why}}); };
    if (suite == "kernels") {
      if (truth) refuse("the suite kernels takes --data, not --truth");
      if (data.has_value() != gpu.has_value() || (split_seed && !data))
        refuse("--data FILE and --gpu NAME go together, and --split-seed with them");
      if (!data) return print(render(scenarios::scores_of(kernels::built_in_tables()), format));
      const kernels::KernelTable table = fitted();
      print(render(scenarios::scores_of({table}), format));
      if (format == "table") print(scenarios::left_out_of(table));
      return;
    }
    if (data || gpu || split_seed)
      refuse("--data, --gpu and --split-seed belong to the suite kernels");
    const scenarios::ValidationResult result = scenarios::validate(suite, truth, load_catalog());
    print(format == "json" ? to_json(result) : format == "csv" ? to_csv(result) : to_table(result));
  }

  /// The table fitted on the file.
  kernels::KernelTable fitted() const {
    const catalog::Catalog catalog = load_catalog();
    const catalog::GpuSpec* const spec = catalog.gpu(*gpu);
    if (!spec) throw InputError("option --gpu", {{"", "the catalog has no GPU '" + *gpu + "'"}});
    return kernels::fit_file(*data, "aiconfigurator", *spec, split_seed.value_or(0));
  }
};

} // namespace

void add_validate(CLI::App& app) {
  auto command = std::make_shared<ValidateCommand>();
  CLI::App* verb = app.add_subcommand("validate", "Score the models on published measurements");
  verb->add_option("SUITE", command->suite, "training, runs, oracles or kernels")->required();
  verb->add_option("--truth", command->truth, "CSV with the suite's columns, in place of our rows");
  verb->add_option("--data", command->data,
                   "kernels: measurements to fit on and score, aiconfigurator's gemm_perf, "
                   "context_attention_perf or generation_attention_perf .csv[.gz]");
  verb->add_option("--gpu", command->gpu, "kernels: the GPU they were measured on");
  verb->add_option("--split-seed", command->split_seed,
                   "kernels: which fifth of the shapes is held out");
  command->add_output(*verb, {"table", "json", "csv"});
  command->Common::add_catalog(*verb);
  verb->callback([command] { (*command)(); });
}

} // namespace windtunnel::cli
