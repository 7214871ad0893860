#include <CLI/CLI.hpp>

#include "libsim/json/writer.hpp"
#include "scenarios/check.hpp"
#include "scenarios/cli/options.hpp"

namespace windtunnel::cli {
namespace {

std::string issues_json(const std::vector<Issue>& issues) {
  json::Writer w;
  w.begin_object().field("formatVersion", scenarios::report_format_version);
  w.field("valid", issues.empty()).begin_array("issues");
  for (const Issue& issue : issues)
    w.begin_object().field("pointer", issue.pointer).field("message", issue.message).end();
  return w.end().end().str();
}

struct CheckCommand : Common {
  std::string path;

  void operator()() const {
    std::vector<Issue> issues;
    std::string name;
    const catalog::Catalog catalog = load_catalog();
    try {
      const scenarios::Scenario scenario = load(path, catalog);
      name = scenario.name;
      issues = scenarios::check(scenario, catalog);
    } catch (const InputError& error) {
      if (format == "table") throw;
      issues = error.issues();
    }
    if (format == "json") print(issues_json(issues));
    if (!issues.empty()) throw InputError("scenario", issues);
    if (format == "table") print(name + ": valid\n");
  }
};

} // namespace

void add_documents(CLI::App& app) {
  auto check = std::make_shared<CheckCommand>();
  CLI::App* verb = app.add_subcommand("check", "Every problem of a scenario file, at once");
  verb->add_option("SCENARIO", check->path, "Scenario file; - is standard input")->required();
  check->add_output(*verb, {"table", "json"});
  check->add_settings(*verb);
  check->Common::add_catalog(*verb);
  verb->callback([check] { (*check)(); });

  auto path = std::make_shared<std::string>();
  verb = app.add_subcommand("explain", "Documentation of a scenario field, as kubectl explain");
  verb->add_option("PATH", *path, "Dotted path, \"cluster.nodePools\"; absent: the whole file");
  verb->callback([path] { print(json::explain(scenarios::scenario_schema(), *path)); });

  verb = app.add_subcommand("schema", "JSON Schema (draft-07) of scenario files, for editors");
  verb->callback(
      [] { print(json::to_json_schema(scenarios::scenario_schema(), "windtunnel scenario")); });
}

} // namespace windtunnel::cli
