#include <CLI/CLI.hpp>

#include "libsim/json/writer.hpp"
#include "scenarios/cli/options.hpp"
#include "scenarios/version.hpp"

namespace windtunnel::cli {

void add_version(CLI::App& app) {
  auto common = std::make_shared<Common>();
  CLI::App* verb = app.add_subcommand("version", "Version of this program and of its formats");
  common->add_output(*verb, {"table", "json"});
  verb->callback([common] {
    if (common->format == "json") {
      json::Writer w;
      w.begin_object().field("version", scenarios::version());
      print(w.field("formatVersion", scenarios::report_format_version).end().str());
    } else {
      print(std::string("windtunnel ") + scenarios::version() + "\n");
    }
  });
}

} // namespace windtunnel::cli
