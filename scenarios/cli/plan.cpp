#include <CLI/CLI.hpp>

#include "scenarios/plan.hpp"

#include "scenarios/cli/options.hpp"

namespace windtunnel::cli {
namespace {

struct PlanCommand : Common {
  std::string path;
  void operator()() const {
    const catalog::Catalog catalog = load_catalog();
    print(render(scenarios::plan(load(path, catalog), catalog), report_format(), render_options()));
  }
};

} // namespace

void add_plan(CLI::App& app) {
  auto command = std::make_shared<PlanCommand>();
  CLI::App* verb =
      app.add_subcommand("plan", "Memory verdict and step waterfall, without simulating");
  verb->add_option("SCENARIO", command->path, "Scenario file; - is standard input")->required();
  command->add_output(*verb, {"table", "json", "csv", "html"});
  command->add_settings(*verb);
  command->Common::add_catalog(*verb);
  verb->callback([command] { (*command)(); });
}

} // namespace windtunnel::cli
