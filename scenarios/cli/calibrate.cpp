#include <CLI/CLI.hpp>
#include <ctime>

#include <fmt/chrono.h>
#include <fmt/format.h>

#include "libsim/base/error.hpp"
#include "models/kernels/fit_file.hpp"
#include "scenarios/cli/options.hpp"
#include "scenarios/validation/kernels_suite.hpp"

namespace windtunnel::cli {
namespace {

struct FitCommand : Common {
  std::string file, gpu, raw_format = "aiconfigurator", source, licence, note, table_file;
  std::uint64_t split_seed = 0;

  void operator()() const {
    const catalog::Catalog catalog = load_catalog();
    const catalog::GpuSpec* const spec = catalog.gpu(gpu);
    if (!spec) throw InputError("option --gpu", {{"", "the catalog has no GPU '" + gpu + "'"}});
    kernels::KernelTable table = kernels::fit_file(file, raw_format, *spec, split_seed);
    if (!source.empty()) table.provenance.source = source;
    table.provenance.retrieved = fmt::format("{:%Y-%m-%d}", fmt::gmtime(std::time(nullptr)));
    table.provenance.licence = licence;
    table.provenance.note = note;
    table.command =
        fmt::format("windtunnel calibrate fit {} --gpu {} --split-seed {}",
                    std::filesystem::path(file).filename().string(), spec->name, split_seed);
    const std::filesystem::path path(table_file);
    write_files(path.parent_path().empty() ? "." : path.parent_path().string(),
                {{path.filename().string(), to_json(table)}});
    print(render(scenarios::scores_of({table}), format));
    if (format == "table") print(scenarios::left_out_of(table));
  }
};

struct ShowCommand : Common {
  void operator()() const {
    print(render(scenarios::scores_of(kernels::built_in_tables()), format));
  }
};

} // namespace

void add_calibrate(CLI::App& app) {
  CLI::App* group = app.add_subcommand("calibrate", "Kernel costs from measurements");
  group->require_subcommand(1);

  auto fit = std::make_shared<FitCommand>();
  CLI::App* verb = group->add_subcommand("fit", "Fit a kernel table and print its held-out errors");
  verb->add_option("FILE", fit->file, "Measurements")->required();
  verb->add_option("--gpu", fit->gpu, "The GPU they were made on")->required();
  verb->add_option("--table", fit->table_file, "File to write the table to")->required();
  verb->add_option("--format", fit->raw_format, "Form of FILE")
      ->check(CLI::IsMember(std::vector<std::string>(kernels::measurement_formats().begin(),
                                                     kernels::measurement_formats().end())))
      ->capture_default_str();
  verb->add_option("--split-seed", fit->split_seed, "Which fifth of the shapes is held out")
      ->capture_default_str();
  verb->add_option("--source", fit->source,
                   "Provenance: repository:path@commit, in place of FILE's name");
  verb->add_option("--licence", fit->licence, "Provenance: licence of the measurements");
  verb->add_option("--note", fit->note, "Provenance: remarks");
  fit->add_output(*verb, {"table", "json", "csv"});
  fit->Common::add_catalog(*verb);
  verb->callback([fit] { (*fit)(); });

  auto show = std::make_shared<ShowCommand>();
  verb = group->add_subcommand("show", "The tables carried, with their held-out errors");
  show->add_output(*verb, {"table", "json", "csv"});
  verb->callback([show] { (*show)(); });
}

} // namespace windtunnel::cli
