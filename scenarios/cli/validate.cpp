#include <CLI/CLI.hpp>

#include "scenarios/cli/options.hpp"
#include "scenarios/validation/validation.hpp"

namespace windtunnel::cli {
namespace {

struct ValidateCommand : Common {
  std::string suite;
  std::optional<std::string> truth;

  void operator()() const {
    const scenarios::ValidationResult result = scenarios::validate(suite, truth, load_catalog());
    print(format == "json" ? to_json(result) : format == "csv" ? to_csv(result) : to_table(result));
  }
};

} // namespace

void add_validate(CLI::App& app) {
  auto command = std::make_shared<ValidateCommand>();
  CLI::App* verb = app.add_subcommand("validate", "Score the models on published measurements");
  verb->add_option("SUITE", command->suite, "training, runs or oracles")->required();
  verb->add_option("--truth", command->truth, "CSV with the suite's columns, in place of our rows");
  command->add_output(*verb, {"table", "json", "csv"});
  command->Common::add_catalog(*verb);
  verb->callback([command] { (*command)(); });
}

} // namespace windtunnel::cli
