#include <CLI/CLI.hpp>
#include <algorithm>
#include <ctime>
#include <filesystem>
#include <iterator>
#include <map>

#include <fmt/chrono.h>
#include <fmt/format.h>

#include "libsim/base/csv_table.hpp"
#include "libsim/base/error.hpp"
#include "scenarios/calibration/kernel_coverage.hpp"
#include "scenarios/calibration/table_comparison.hpp"
#include "scenarios/cli/fit_options.hpp"
#include "scenarios/cli/options.hpp"
#include "scenarios/validation/collectives_suite.hpp"
#include "scenarios/validation/kernels_suite.hpp"

namespace windtunnel::cli {
namespace {

struct FitCommand : Common {
  std::vector<std::string> files;
  std::string gpu, source, licence, note, table_file;
  kernels::FitOptions options;

  void operator()() const {
    const catalog::Catalog catalog = load_catalog();
    const catalog::GpuSpec* const spec = catalog.gpu(gpu);
    if (!spec) throw InputError("option --gpu", {{"", "the catalog has no GPU '" + gpu + "'"}});
    kernels::KernelTable table = kernels::fit_files(files, *spec, options);
    if (!source.empty()) table.provenance.source = source;
    if (table.provenance.retrieved.empty())
      table.provenance.retrieved = fmt::format("{:%Y-%m-%d}", fmt::gmtime(std::time(nullptr)));
    if (!licence.empty()) table.provenance.licence = licence;
    if (!note.empty()) table.provenance.note = note;
    table.command = "windtunnel calibrate fit";
    for (const std::string& file : files)
      table.command += " " + std::filesystem::path(file).filename().string();
    table.command += fmt::format(" --gpu {} --split-seed {}", spec->name, options.split_seed);
    if (options.format != kernels::FitOptions().format)
      table.command += " --format " + options.format;
    if (!options.only.empty()) table.command += " --only " + options.only;
    const std::filesystem::path path(table_file);
    write_files(path.parent_path().empty() ? "." : path.parent_path().string(),
                {{path.filename().string(), to_json(table)}});
    print(render(scenarios::scores_of({table}), format));
    if (format == "table") print(scenarios::left_out_of(table));
  }
};

/// Fits the curves of collectives that models/network carries.
struct CollectivesCommand : Common {
  std::string file, source, table_file;

  void operator()() const {
    const catalog::Catalog catalog = load_catalog();
    const CsvTable rows = CsvTable::load(file);
    std::vector<Issue> refused;
    const auto samples = scenarios::collective_samples(rows, catalog, &refused);
    if (refused.empty() && samples.empty()) refused.push_back({file, "has no rows"});
    if (samples.empty()) throw InputError("collectives", std::move(refused));
    for (const Issue& row : refused)
      std::fprintf(stderr, "not fitted: %s: %s\n", row.pointer.c_str(), row.message.c_str());
    const std::filesystem::path path(table_file);
    const std::string name = path.filename().string();
    const std::string today = fmt::format("{:%Y-%m-%d}", fmt::gmtime(std::time(nullptr)));
    write_files(path.parent_path().empty() ? "." : path.parent_path().string(),
                {{name, network::to_json(network::fit_with_bands(samples),
                                         source.empty() ? file : source, today)}});
    print(fmt::format("{} of {} rows fitted\n", samples.size(), rows.size()));
  }
};

struct ShowCommand : Common {
  void operator()() const {
    print(render(scenarios::scores_of(kernels::built_in_tables()), format));
  }
};

/// The kernel table in a file, or the first of matrix products carried for the GPU so named.
kernels::KernelTable load_table(const std::string& name, const catalog::Catalog& catalog) {
  const catalog::GpuSpec* const gpu = catalog.gpu(name);
  if (gpu && !std::filesystem::exists(name))
    for (const kernels::KernelTable& table : kernels::built_in_tables())
      if (table.gpu == gpu->name && !table.gemm.empty()) return table;
  return json::read(json::parse_file(name), "kernel table",
                    [&](json::Reader& r) { return kernels::read_kernel_table(r, catalog); });
}

struct CompareCommand : Common {
  std::string a, b;

  void operator()() const {
    const catalog::Catalog catalog = load_catalog();
    const kernels::KernelTable first = load_table(a, catalog), second = load_table(b, catalog);
    for (const auto& [name, table] : {std::pair(&a, &first), std::pair(&b, &second)})
      if (table->gemm.empty())
        throw InputError("arguments", {{*name, "has no matrix products, the operators that can be "
                                               "compared"}});
    print(render(scenarios::compare_tables(first, second), format));
  }
};

struct CheckCommand : Common {
  std::string scenario, weakest = "transferred";
  scenarios::ServingPlan plan{.gpu = {}, .model = {}, .tokens = {1, 16, 256, 4096}};
  std::vector<std::string> table_files;
  const CLI::App* verb = nullptr;

  void operator()() const {
    const catalog::Catalog catalog = load_catalog();
    if (scenario.empty() == (plan.gpu.empty() || plan.model.empty()))
      throw InputError("arguments", {{"", "give either a scenario, or --gpu and --model"}});
    for (const char* const option :
         {"--gpu", "--model", "--tensor-parallel", "--expert-parallel", "--dtype", "--tokens"})
      if (!scenario.empty() && verb->count(option) > 0)
        throw InputError("arguments", {{option, "the scenario says this itself"}});
    std::vector<kernels::KernelTable> tables;
    for (const std::string& file : table_files) tables.push_back(load_table(file, catalog));
    std::ranges::copy(kernels::built_in_tables(), std::back_inserter(tables));
    const std::vector<scenarios::CoveredPlan> plans =
        scenario.empty() ? std::vector{cover(plan, catalog, tables)}
                         : cover(load(scenario, catalog), catalog, tables);
    require_known(plans, bases.at(weakest));
    print(render(plans, format));
  }

  static const std::map<std::string, kernels::Basis> bases;
};
const std::map<std::string, kernels::Basis> CheckCommand::bases{
    {"exact", kernels::Basis::exact},
    {"interpolated", kernels::Basis::interpolated},
    {"extrapolated", kernels::Basis::extrapolated},
    {"transferred", kernels::Basis::transferred}};

} // namespace

void add_calibrate(CLI::App& app) {
  CLI::App* group = app.add_subcommand("calibrate", "Kernel costs from measurements");
  group->require_subcommand(1);

  auto fit = std::make_shared<FitCommand>();
  CLI::App* verb = group->add_subcommand("fit", "Fit a kernel table and print its held-out errors");
  verb->add_option("FILE", fit->files, "Measurements of one GPU; files of a format together")
      ->required();
  verb->add_option("--gpu", fit->gpu, "The GPU they were made on")->required();
  verb->add_option("--table", fit->table_file, "File to write the table to")->required();
  add_fit_options(*verb, fit->options);
  verb->add_option("--source", fit->source,
                   "Provenance: repository:path@commit, in place of FILE's name");
  verb->add_option("--licence", fit->licence, "Provenance: licence of the measurements");
  verb->add_option("--note", fit->note, "Provenance: remarks");
  fit->add_output(*verb, {"table", "json", "csv"});
  fit->Common::add_catalog(*verb);
  verb->callback([fit] { (*fit)(); });

  auto collectives = std::make_shared<CollectivesCommand>();
  verb = group->add_subcommand("collectives", "Fit the curves of collectives on measurements");
  verb->add_option("FILE", collectives->file, "CSV with the columns of the suite collectives")
      ->required();
  verb->add_option("--table", collectives->table_file, "File to write the curves to")->required();
  verb->add_option("--source", collectives->source, "Provenance, in place of FILE's name");
  collectives->Common::add_catalog(*verb);
  verb->callback([collectives] { (*collectives)(); });

  auto show = std::make_shared<ShowCommand>();
  verb = group->add_subcommand("show", "The tables carried, with their held-out errors");
  show->add_output(*verb, {"table", "json", "csv"});
  verb->callback([show] { (*show)(); });

  auto compare = std::make_shared<CompareCommand>();
  verb = group->add_subcommand("compare", "How far two kernel tables of one GPU differ, and where");
  verb->add_option("A", compare->a, "Kernel table, or a GPU whose carried table is meant")
      ->required();
  verb->add_option("B", compare->b, "The other")->required();
  compare->add_output(*verb, {"table", "json", "csv"});
  compare->Common::add_catalog(*verb);
  verb->callback([compare] { (*compare)(); });

  auto check = std::make_shared<CheckCommand>();
  verb = group->add_subcommand(
      "check", "What kernel costs stand on for a model and plan; fails when something is missing");
  verb->add_option("SCENARIO", check->scenario, "Scenario whose training jobs are meant");
  verb->add_option("--gpu", check->plan.gpu, "GPU to serve on");
  verb->add_option("--model", check->plan.model, "Language model to serve");
  const CLI::Range sizes(1, 1 << 20);
  verb->add_option("--tensor-parallel", check->plan.tensor, "GPUs each layer is split over")
      ->check(sizes)
      ->capture_default_str();
  verb->add_option("--expert-parallel", check->plan.expert, "GPUs the experts are spread over")
      ->check(sizes)
      ->capture_default_str();
  verb->add_option("--tokens", check->plan.tokens, "Tokens in one step, one or several")
      ->delimiter(',')
      ->check(CLI::Range(1, 1 << 24))
      ->capture_default_str();
  verb->add_option("--dtype", check->plan.dtype, "Number format of the matrix products")
      ->capture_default_str();
  verb->add_option("--table", check->table_files,
                   "Kernel table that answers before those carried (repeatable)")
      ->allow_extra_args(false);
  verb->add_option("--require", check->weakest, "The weakest basis that will do")
      ->check(CLI::IsMember({"exact", "interpolated", "extrapolated", "transferred"}))
      ->capture_default_str();
  check->add_output(*verb, {"table", "json", "csv"});
  check->add_settings(*verb);
  check->Common::add_catalog(*verb);
  check->verb = verb;
  verb->callback([check] { (*check)(); });
}

} // namespace windtunnel::cli
