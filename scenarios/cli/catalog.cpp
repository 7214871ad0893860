#include <CLI/CLI.hpp>

#include "scenarios/cli/options.hpp"
#include "scenarios/report/catalog_listing.hpp"

namespace windtunnel::cli {
namespace {

struct CatalogCommand : Common {
  std::string kind = "instances";

  void operator()() const { print(scenarios::catalog_listing(load_catalog(), kind, format)); }
};

} // namespace

void add_catalog(CLI::App& app) {
  auto command = std::make_shared<CatalogCommand>();
  CLI::App* verb = app.add_subcommand(
      "catalog", "Instance types, GPUs, models and prices it knows, with their sources");
  verb->add_option("KIND", command->kind, "What to list")
      ->check(CLI::IsMember(scenarios::catalog_listing_kinds()))
      ->capture_default_str();
  command->add_output(*verb, {"table", "json", "csv"});
  command->Common::add_catalog(*verb);
  verb->callback([command] { (*command)(); });
}

} // namespace windtunnel::cli
