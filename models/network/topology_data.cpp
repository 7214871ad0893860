#include <map>
#include <span>

#include "libsim/base/embedded_file.hpp"
#include "libsim/base/error.hpp"
#include "libsim/json/reader.hpp"
#include "models/network/network_data.hpp"
#include "models/network/topology_data_impl.hpp"

namespace windtunnel::network {
std::span<const EmbeddedFile> embedded_topology();

namespace {

struct TopologyData {
  std::map<int, Bandwidth> pcie;
  std::map<std::string, int> nvlink_domains;
  FabricShape fabric;
};

void read_row(json::Reader& r, TopologyData& data) {
  const auto whole = [](json::Reader& o, const char* name, const char* doc) {
    return static_cast<int>(o.integer(name, {.min = 1, .max = 1'000'000}, doc));
  };
  r.variant("kind", "What the row is about.",
            {{"pcie",
              [&](json::Reader& o) {
                const int generation = whole(o, "generation", "PCIe generation.");
                data.pcie[generation] = o.bandwidth("bandwidth", "One direction, 16 lanes.");
              }},
             {"nvlink-domain",
              [&](json::Reader& o) {
                const std::string type = o.text("instanceType", "Instance type.");
                data.nvlink_domains[type] = whole(o, "gpus", "GPUs that NVLink joins.");
              }},
             {"fabric", [&](json::Reader& o) {
                data.fabric.nodes_per_leaf = whole(o, "nodesPerLeaf", "Nodes on a leaf.");
                data.fabric.spines = whole(o, "spines", "Spines of a zone.");
              }}});
  read_provenance(r);
}

const TopologyData& table() {
  static const TopologyData loaded = [] {
    const EmbeddedFile& file = embedded_topology().front();
    return json::read(
        json::parse(file.text, std::string(file.name)), "topology table", [](json::Reader& r) {
          TopologyData data;
          r.text("schema", "\"topology/1\"");
          r.objects("rows", 1, "Parts of topologies.", [&](json::Reader& o) { read_row(o, data); });
          return data;
        });
  }();
  return loaded;
}

} // namespace

Bandwidth pcie_bandwidth(int generation) {
  const auto row = table().pcie.find(generation);
  if (row == table().pcie.end())
    throw ModelError("the bandwidth of PCIe generation " + std::to_string(generation) +
                     " is not known");
  return row->second;
}

std::optional<int> nvlink_domain(const std::string& instance_type) {
  const auto row = table().nvlink_domains.find(instance_type);
  if (row == table().nvlink_domains.end()) return std::nullopt;
  return row->second;
}

FabricShape fabric_shape() { return table().fabric; }

} // namespace windtunnel::network
