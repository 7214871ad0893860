// The command line: verbs, and the one place where errors become exit codes. Results go to stdout,
// everything else to stderr; exit 0 is success, 1 any error.
#include <cstdio>
#include <exception>
#include <string>

#include <CLI/CLI.hpp>

#include "libsim/base/error.hpp"
#include "scenarios/cli/options.hpp"

int main(int argc, char** argv) {
  using namespace windtunnel;
  CLI::App app{"Simulate a GPU cluster on EKS and the work on it: when it finishes, what it costs, "
               "where each dollar goes.",
               "windtunnel"};
  app.require_subcommand(1);
  app.get_formatter()->column_width(34);
  cli::add_run(app);
  cli::add_plan(app);
  cli::add_compare(app);
  cli::add_sweep(app);
  cli::add_documents(app);
  cli::add_calibrate(app);
  cli::add_catalog(app);
  cli::add_topology(app);
  cli::add_collectives(app);
  cli::add_decide(app);
  cli::add_validate(app);
  cli::add_version(app);
  if (argc > 1 && argv[1][0] != '-') {
    std::string verbs;
    bool known = false;
    for (const CLI::App* verb : app.get_subcommands({})) {
      known = known || verb->get_name() == argv[1];
      verbs += (verbs.empty() ? "" : ", ") + verb->get_name();
    }
    if (!known) {
      std::fprintf(stderr, "error: unknown verb '%s'; there are %s\n", argv[1], verbs.c_str());
      return 1;
    }
  }
  try {
    app.parse(argc, argv); // runs the verb's callback
    return 0;
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? 0 : 1;
  } catch (const std::exception& error) {
    std::fprintf(stderr, "error: %s\n", error.what());
    return 1;
  }
}
