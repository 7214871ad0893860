#include <filesystem>

#include <CLI/CLI.hpp>

#include "scenarios/cli/options.hpp"
#include "scenarios/report/render_csv.hpp"

namespace windtunnel::cli {
namespace {

struct RunCommand : Common {
  std::string path;
  std::optional<std::string> trace_file;
  int trace_replication = 0;

  void operator()() const {
    const catalog::Catalog catalog = load_catalog();
    const scenarios::Scenario scenario = load(path, catalog);
    scenarios::RunOptions options = run_options("simulating");
    trace::Timeline timeline;
    options.timeline_replication = trace_replication;
    if (trace_file) options.timeline = &timeline;
    const scenarios::Report report = scenarios::run(scenario, catalog, options);
    if (trace_file) write_trace(timeline, report);
    if (!out.empty()) {
      auto files = scenarios::csv_files(report);
      files.emplace_back("report.json", render(report, scenarios::Format::json));
      files.emplace_back("report.html", render(report, scenarios::Format::html));
      write_files(out, files);
    }
    print(render(report, report_format(), render_options()));
  }

  void write_trace(const trace::Timeline& timeline, const scenarios::Report& report) const {
    const std::filesystem::path file(*trace_file);
    const std::string folder = file.has_parent_path() ? file.parent_path().string() : ".";
    write_files(folder, {{file.filename().string(),
                          timeline.chrome_json({{"scenario", report.scenario},
                                                {"seed", std::to_string(report.seed)},
                                                {"replication", std::to_string(trace_replication)},
                                                {"windtunnel", report.version}})}});
  }
};

} // namespace

void add_run(CLI::App& app) {
  auto command = std::make_shared<RunCommand>();
  CLI::App* verb = app.add_subcommand("run", "Simulate a scenario: finish date, cost, waterfall");
  verb->add_option("SCENARIO", command->path, "Scenario file; - is standard input")->required();
  CLI::Option* trace = verb->add_option("--trace", command->trace_file,
                                        "File for the timeline of one replication, as Chrome "
                                        "trace JSON (Perfetto, chrome://tracing)");
  trace->type_name("FILE.json")->check([](const std::string& file) {
    return std::filesystem::path(file).has_filename() ? "" : "must name a file";
  });
  verb->add_option("--trace-replication", command->trace_replication, "Which replication, from 0")
      ->needs(trace)
      ->check(CLI::NonNegativeNumber)
      ->capture_default_str();
  command->add_output(*verb, {"table", "json", "csv", "html"});
  command->add_simulation(*verb);
  command->Common::add_catalog(*verb);
  verb->callback([command] { (*command)(); });
}

} // namespace windtunnel::cli
