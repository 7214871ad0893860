// What the verbs of the command line share: options, output, errors.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "models/catalog/catalog.hpp"
#include "scenarios/read_scenario.hpp"
#include "scenarios/report/report.hpp"
#include "scenarios/runner.hpp"

namespace CLI {
class App;
}

namespace windtunnel::cli {

/// Options most verbs take; add_*() registers them on a verb.
struct Common {
  std::string format = "table";
  std::string catalog_folder;
  std::string out;
  std::vector<std::string> settings;
  std::optional<int> replications;
  std::optional<std::uint64_t> seed;
  int threads = 0;
  bool no_color = false;
  bool quiet = false;

  void add_output(CLI::App& verb, const std::vector<std::string>& formats);
  void add_catalog(CLI::App& verb);
  void add_simulation(CLI::App& verb);
  void add_settings(CLI::App& verb);

  catalog::Catalog load_catalog() const;
  std::vector<scenarios::Setting> parsed_settings() const;
  /// The scenario file with --set, --replications and --seed applied. When fields cannot be read,
  /// the error names all problems, those with the catalog's names as well.
  scenarios::Scenario load(const std::string& path, const catalog::Catalog& catalog,
                           const std::vector<scenarios::Setting>& extra = {}) const;
  scenarios::Format report_format() const;
  scenarios::RenderOptions render_options() const;
  /// Threads, and a progress bar on stderr when it is a terminal and --quiet is not given.
  scenarios::RunOptions run_options(const std::string& label) const;
};

/// "pointer=value" to a Setting; throws InputError naming `option` when there is no '='.
scenarios::Setting parse_setting(const std::string& text, const std::string& option);
/// Print to stdout; throws Error when stdout cannot be written (a full disk, a closed pipe).
void print(const std::string& text);
/// Write all files, or none: each goes to a temporary name in `folder`, then all are renamed.
void write_files(const std::string& folder,
                 const std::vector<std::pair<std::string, std::string>>& files);

// One function a verb or a group of them: registers it and what it does.
void add_run(CLI::App& app);
void add_plan(CLI::App& app);
void add_compare(CLI::App& app);
void add_sweep(CLI::App& app);
void add_documents(CLI::App& app); ///< check, explain, schema
void add_calibrate(CLI::App& app);
void add_catalog(CLI::App& app);
void add_topology(CLI::App& app);
void add_collectives(CLI::App& app);
void add_decide(CLI::App& app);
void add_validate(CLI::App& app);
void add_version(CLI::App& app);

} // namespace windtunnel::cli
