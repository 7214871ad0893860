#include <CLI/CLI.hpp>

#include "scenarios/cli/options.hpp"
#include "scenarios/report/render_csv.hpp"

namespace windtunnel::cli {
namespace {

struct RunCommand : Common {
  std::string path;

  void operator()() const {
    const catalog::Catalog catalog = load_catalog();
    const scenarios::Scenario scenario = load(path);
    const scenarios::Report report = scenarios::run(scenario, catalog, run_options("simulating"));
    if (!out.empty()) {
      auto files = scenarios::csv_files(report);
      files.emplace_back("report.json", render(report, scenarios::Format::json));
      files.emplace_back("report.html", render(report, scenarios::Format::html));
      write_files(out, files);
    }
    print(render(report, report_format(), render_options()));
  }
};

} // namespace

void add_run(CLI::App& app) {
  auto command = std::make_shared<RunCommand>();
  CLI::App* verb = app.add_subcommand("run", "Simulate a scenario: finish date, cost, waterfall");
  verb->add_option("SCENARIO", command->path, "Scenario file; - is standard input")->required();
  command->add_output(*verb, {"table", "json", "csv", "html"});
  command->add_simulation(*verb);
  command->Common::add_catalog(*verb);
  verb->callback([command] { (*command)(); });
}

} // namespace windtunnel::cli
