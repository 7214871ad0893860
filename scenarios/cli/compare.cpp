#include <CLI/CLI.hpp>

#include "scenarios/compare.hpp"

#include "scenarios/cli/options.hpp"

namespace windtunnel::cli {
namespace {

struct CompareCommand : Common {
  std::string a, b;
  std::vector<std::string> settings_b;

  void operator()() const {
    const catalog::Catalog catalog = load_catalog();
    std::vector<scenarios::Setting> extra;
    for (const std::string& text : settings_b) extra.push_back(parse_setting(text, "--set-b"));
    if (a == "-" && b == "-")
      throw InputError("comparison", {{"", "standard input can be one of the two files only"}});
    const scenarios::Scenario first = load(a, catalog), second = load(b, catalog, extra);
    if (first.replications != second.replications || first.seed != second.seed)
      throw InputError(
          "comparison",
          {{"/run", "both scenarios need the same seed and replications (common random "
                    "numbers); give --seed and --replications"}});
    const scenarios::Comparison comparison =
        scenarios::compare(scenarios::run(first, catalog, run_options("simulating A")),
                           scenarios::run(second, catalog, run_options("simulating B")));
    if (!out.empty())
      write_files(out, {{"compare.json", render(comparison, scenarios::Format::json)},
                        {"compare.csv", render(comparison, scenarios::Format::csv)},
                        {"compare.html", render(comparison, scenarios::Format::html)}});
    print(render(comparison, report_format(), render_options()));
  }
};

} // namespace

void add_compare(CLI::App& app) {
  auto command = std::make_shared<CompareCommand>();
  CLI::App* verb = app.add_subcommand(
      "compare", "Difference of two scenarios under the same random numbers, with its interval");
  verb->add_option("A", command->a, "First scenario file")->required();
  verb->add_option("B", command->b, "Second scenario file")->required();
  verb->add_option("--set-b", command->settings_b, "Like --set, for B alone (repeatable)")
      ->allow_extra_args(false);
  command->add_output(*verb, {"table", "json", "csv", "html"});
  command->add_simulation(*verb);
  command->Common::add_catalog(*verb);
  verb->callback([command] { (*command)(); });
}

} // namespace windtunnel::cli
