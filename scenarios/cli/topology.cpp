#include <CLI/CLI.hpp>

#include <fmt/format.h>

#include "libsim/base/error.hpp"
#include "libsim/base/unit_strings.hpp"
#include "scenarios/cli/options.hpp"
#include "scenarios/report/topology_listing.hpp"

namespace windtunnel::cli {
namespace {

struct TopologyCommand : Common {
  std::string instance, placement = "cluster";
  network::TopologyOptions options;
  std::vector<std::string> faults, paths;

  void operator()() const {
    const catalog::Catalog catalog = load_catalog();
    const catalog::InstanceType* const type = catalog.instance_type(instance);
    if (!type) {
      const auto near = catalog.nearest_instance_types(instance);
      throw InputError("option --instance",
                       {{"", fmt::format("the catalog has no instance type '{}'{}", instance,
                                         near.empty() ? ""
                                                      : fmt::format(" (did you mean {}?)",
                                                                    fmt::join(near, ", ")))}});
    }
    network::TopologyOptions all = options;
    all.placement =
        placement == "spread" ? network::Placement::spread : network::Placement::cluster;
    for (const std::string& text : faults) all.faults.push_back(parse_fault(text));
    if (paths.size() % 2 != 0)
      throw InputError("option --path", {{paths.back(), "a path has two ends"}});
    if (!paths.empty() && format == "dot")
      throw InputError("option --path", {{"", "paths are printed as table or JSON, not drawn"}});
    std::vector<std::pair<std::string, std::string>> pairs;
    for (std::size_t i = 0; i + 1 < paths.size(); i += 2)
      pairs.emplace_back(paths[i], paths[i + 1]);
    const catalog::GpuSpec* const gpu = catalog.gpu(type->accelerator);
    const catalog::GpuSpec none;
    print(scenarios::topology_listing(network::Topology(*type, gpu ? *gpu : none, all), pairs,
                                      format));
  }

  static network::Fault parse_fault(const std::string& text) {
    const std::size_t at = text.find('=');
    network::Fault fault{text.substr(0, at), 0};
    if (at == std::string::npos) return fault;
    const auto left = parse_ratio(text.substr(at + 1));
    if (!left) throw InputError("option --fault", {{"", left.error()}});
    fault.left = left->value();
    return fault;
  }
};

} // namespace

void add_topology(CLI::App& app) {
  auto command = std::make_shared<TopologyCommand>();
  CLI::App* verb = app.add_subcommand(
      "topology", "GPUs, switches, rails and fabric of a cluster; paths and bottlenecks");
  network::TopologyOptions& options = command->options;
  verb->add_option("--instance", command->instance, "Instance type")->required();
  verb->add_option("--nodes", options.nodes, "Nodes")->required();
  verb->add_option("--placement", command->placement,
                   "cluster: nodes fill leaf after leaf; spread: each has its own")
      ->check(CLI::IsMember({"cluster", "spread"}))
      ->capture_default_str();
  verb->add_option("--zones", options.zones, "Availability zones")->capture_default_str();
  verb->add_option("--oversubscription", options.oversubscription,
                   "What nodes of a leaf can send over what it can pass on")
      ->capture_default_str();
  verb->add_option("--zone-oversubscription", options.zone_oversubscription,
                   "The same of a zone's nodes and the link to another zone")
      ->capture_default_str();
  verb->add_option("--nodes-per-leaf", options.nodes_per_leaf, "Nodes that a leaf has room for");
  verb->add_option("--spines", options.spines, "Spines of a zone");
  verb->add_option("--fault", command->faults,
                   "PART[=SHARE LEFT] or PART-PART[=SHARE LEFT]: failed, or degraded (repeatable)")
      ->allow_extra_args(false);
  verb->add_option("--path", command->paths, "FROM TO: show this path (repeatable)")
      ->type_size(2)
      ->expected(1, 1000)
      ->allow_extra_args(false);
  command->add_output(*verb, {"table", "json", "dot"});
  command->Common::add_catalog(*verb);
  verb->callback([command] { (*command)(); });
}

} // namespace windtunnel::cli
