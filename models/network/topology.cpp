#include "models/network/topology.hpp"

#include <algorithm>
#include <numeric>
#include <span>
#include <string_view>

#include <boost/graph/filtered_graph.hpp>
#include <boost/graph/strong_components.hpp>
#include <fmt/format.h>

#include "libsim/base/error.hpp"
#include "models/catalog/names.hpp"
#include "models/network/flows.hpp"
#include "models/network/topology_data_impl.hpp"
#include "models/network/topology_impl.hpp"

namespace windtunnel::network {

const char* to_string(Part part) {
  constexpr const char* names[] = {"gpu", "nvswitch", "pcie", "nic", "leaf", "spine", "zone"};
  return names[static_cast<std::size_t>(part)];
}

namespace {

constexpr int most_nodes = 20'000; // some gigabytes of parts

void require(bool condition, const std::string& message) {
  if (!condition) throw ModelError(message);
}

} // namespace

/// Puts parts and links together.
class TopologyBuilder {
public:
  TopologyBuilder(Topology& topology, const catalog::InstanceType& type,
                  const catalog::GpuSpec& gpu, const TopologyOptions& options)
      : t_(topology), type_(type), gpu_(gpu), options_(options) {}

  void build() {
    check();
    t_.nodes_ = options_.nodes;
    t_.gpus_per_node_ = type_.accelerators;
    const FabricShape shape = fabric_shape();
    t_.nodes_per_leaf_ = options_.nodes_per_leaf.value_or(shape.nodes_per_leaf);
    t_.assumed_ = options_.nodes > 1 && !(options_.nodes_per_leaf && options_.spines);
    for (int node = 0; node < options_.nodes; ++node) add_node(node);
    add_fabric(options_.spines.value_or(shape.spines));
    std::for_each(options_.faults.begin(), options_.faults.end(),
                  [&](const Fault& fault) { apply(fault); });
    connect();
  }

private:
  using Vertex = std::uint32_t;

  void check() const {
    require(options_.nodes >= 1, "a topology has at least one node");
    require(options_.nodes <= most_nodes,
            fmt::format("a topology has at most {} nodes, got {}", most_nodes, options_.nodes));
    require(options_.zones >= 1 && options_.zones <= options_.nodes,
            fmt::format("{} nodes cannot be in {} zones", options_.nodes, options_.zones));
    require(options_.oversubscription >= 1 && options_.zone_oversubscription >= 1,
            "oversubscription is at least 1");
    require(options_.nodes_per_leaf.value_or(1) >= 1 && options_.spines.value_or(1) >= 1,
            "a leaf has at least one node, and a zone one spine");
    require(type_.accelerators > 0, type_.name + " has no GPUs");
    require(gpu_.vendor == "NVIDIA",
            fmt::format("{}: how its {} chips are wired is not known", type_.name, gpu_.name));
    require(gpu_.pcie_generation.has_value(),
            fmt::format("the PCIe generation of {} is not known", gpu_.name));
    require(type_.network > Bandwidth{}, type_.name + " has no network");
  }

  Vertex add(Part part, std::string name, int node) {
    t_.vertices_.push_back({part, std::move(name), node});
    return static_cast<Vertex>(t_.vertices_.size() - 1);
  }
  void join(Vertex a, Vertex b, Bandwidth capacity) {
    t_.links_.push_back({a, b, capacity, capacity});
    t_.links_.push_back({b, a, capacity, capacity});
  }

  void add_node(int node) {
    const std::string at = fmt::format("node{}/", node);
    const int gpus = type_.accelerators, nics = std::max(1, type_.efa_interfaces);
    const int switches = std::gcd(gpus, nics);
    const Bandwidth pcie = pcie_bandwidth(*gpu_.pcie_generation);
    t_.first_of_node_.push_back(static_cast<Vertex>(t_.vertices_.size()));
    for (int i = 0; i < gpus; ++i) add(Part::gpu, fmt::format("{}gpu{}", at, i), node);
    join_by_nvlink(node);
    const Vertex host = switches > 1 ? add(Part::pcie, at + "host", node) : 0;
    for (int s = 0; s < switches; ++s) {
      const Vertex pcie_switch = add(Part::pcie, fmt::format("{}pcie{}", at, s), node);
      if (switches > 1) join(pcie_switch, host, pcie);
      for (int i = s * gpus / switches; i < (s + 1) * gpus / switches; ++i)
        join(t_.gpu(node, i), pcie_switch, pcie);
      for (int i = s * nics / switches; i < (s + 1) * nics / switches; ++i) {
        const Vertex nic = add(Part::nic, fmt::format("{}nic{}", at, i), node);
        join(pcie_switch, nic, pcie);
        nics_.push_back(nic);
      }
    }
  }

  /// GPUs of one NVLink domain hang on one switch.
  void join_by_nvlink(int node) {
    const int domain = nvlink_domain(type_.name).value_or(type_.accelerators);
    require(domain % type_.accelerators == 0,
            fmt::format("an NVLink domain of {} GPUs is no number of {}", domain, type_.name));
    if (!gpu_.nvlink || domain < 2) return;
    const int nodes = domain / type_.accelerators;
    if (node % nodes == 0)
      nvswitch_ = add(Part::nvswitch,
                      nodes == 1 ? fmt::format("node{}/nvswitch", node)
                                 : fmt::format("nvswitch{}", node / nodes),
                      nodes == 1 ? node : -1);
    for (int i = 0; i < type_.accelerators; ++i) join(t_.gpu(node, i), nvswitch_, *gpu_.nvlink / 2);
  }

  void add_fabric(int spines) {
    std::vector<Vertex> zones;
    int leaf = 0, spine = 0;
    for (int zone = 0; zone < options_.zones; ++zone) {
      const int begin = zone * options_.nodes / options_.zones,
                end = (zone + 1) * options_.nodes / options_.zones;
      const bool spread = options_.placement == Placement::spread;
      const int per_leaf = spread ? 1 : t_.nodes_per_leaf_;
      std::vector<Vertex> leaves;
      for (int node = begin; node < end; ++node) {
        if ((node - begin) % per_leaf == 0)
          leaves.push_back(add(Part::leaf, fmt::format("leaf{}", leaf++), -1));
        join_nics(node, leaves.back());
      }
      if (leaves.size() == 1 && options_.zones == 1) return;
      const Bandwidth up = type_.network * t_.nodes_per_leaf_ / options_.oversubscription;
      if (options_.zones > 1) zones.push_back(add(Part::zone, fmt::format("zone{}", zone), -1));
      for (int s = 0; s < spines; ++s) {
        const Vertex v = add(Part::spine, fmt::format("spine{}", spine++), -1);
        for (const Vertex l : leaves) join(l, v, up / spines);
        if (options_.zones > 1)
          join(v, zones.back(), up * static_cast<double>(leaves.size()) / spines);
      }
    }
    for (std::size_t a = 0; a < zones.size(); ++a)
      for (std::size_t b = a + 1; b < zones.size(); ++b)
        join(zones[a], zones[b],
             type_.network * (static_cast<double>(options_.nodes) / options_.zones) /
                 options_.zone_oversubscription);
  }

  void join_nics(int node, Vertex leaf) {
    t_.leaf_of_node_.push_back(leaf);
    const auto nics = static_cast<std::size_t>(std::max(1, type_.efa_interfaces));
    for (std::size_t i = 0; i < nics; ++i)
      join(nics_[static_cast<std::size_t>(node) * nics + i], leaf,
           type_.network / static_cast<double>(nics));
  }

  void apply(const Fault& fault) {
    require(fault.left >= 0 && fault.left < 1,
            fmt::format("a fault of {} leaves a share from 0 to below 1, got {}", fault.name,
                        fault.left));
    bool found = false;
    const std::size_t dash = fault.name.find('-');
    const std::string a = fault.name.substr(0, dash),
                      b = dash == std::string::npos ? "" : fault.name.substr(dash + 1);
    for (Topology::Link& link : t_.links_) {
      const std::string &from = t_.vertices_[link.from].name, &to = t_.vertices_[link.to].name;
      const bool hit =
          b.empty() ? from == a || to == a : (from == a && to == b) || (from == b && to == a);
      if (!hit) continue;
      found = true;
      link.capacity = std::min(link.capacity, link.nominal * fault.left);
    }
    if (found) return;
    t_.vertex(a); // throws with the nearest names
    if (!b.empty()) t_.vertex(b);
    throw ModelError("there is no link " + fault.name);
  }

  /// The graph, and whether every GPU reaches every other over what is left.
  void connect() {
    auto graph = std::make_shared<Topology::Graph>();
    graph->list = Topology::Graph::List(t_.vertices_.size());
    for (std::uint32_t i = 0; i < t_.links_.size(); ++i)
      boost::add_edge(t_.links_[i].from, t_.links_[i].to, {i}, graph->list);
    const auto works = [&](const auto& edge) {
      return t_.links_[graph->list[edge].link].capacity > Bandwidth{};
    };
    const boost::filtered_graph left(graph->list, std::function<bool(Edge)>(works));
    std::vector<int> component(t_.vertices_.size());
    boost::strong_components(left, component.data());
    std::string cut_off;
    int count = 0;
    for (Vertex v = 0; v < t_.vertices_.size(); ++v)
      if (t_.vertices_[v].part == Part::gpu && component[v] != component[t_.gpu(0, 0)] &&
          ++count <= 4)
        cut_off += (count == 1 ? "" : ", ") + t_.vertices_[v].name;
    require(count == 0, fmt::format("faults cut {} GPUs off from node0/gpu0: {}{}", count, cut_off,
                                    count > 4 ? ", ..." : ""));
    t_.graph_ = std::move(graph);
  }
  using Edge = boost::graph_traits<Topology::Graph::List>::edge_descriptor;

  Topology& t_;
  const catalog::InstanceType& type_;
  const catalog::GpuSpec& gpu_;
  const TopologyOptions& options_;
  std::vector<Vertex> nics_;
  Vertex nvswitch_ = 0;
};

Topology::Topology(const catalog::InstanceType& type, const catalog::GpuSpec& gpu,
                   const TopologyOptions& options) {
  TopologyBuilder(*this, type, gpu, options).build();
}

std::uint32_t Topology::gpu(int node, int index) const {
  require(node >= 0 && node < nodes_ && index >= 0 && index < gpus_per_node_,
          fmt::format("there is no GPU {} of node {}: {} nodes of {}", index, node, nodes_,
                      gpus_per_node_));
  return first_of_node_[static_cast<std::size_t>(node)] + static_cast<std::uint32_t>(index);
}

std::uint32_t Topology::vertex(const std::string& name) const {
  std::vector<std::string> names;
  for (std::uint32_t v = 0; v < vertices_.size(); ++v) {
    if (vertices_[v].name == name) return v;
    names.push_back(vertices_[v].name);
  }
  std::string message = fmt::format("there is no part '{}' in this topology", name);
  if (const auto near = catalog::nearest_names(name, names); !near.empty())
    message += fmt::format(" (did you mean {}?)", fmt::join(near, ", "));
  throw ModelError(message);
}

std::string Topology::link_name(std::uint32_t link) const {
  return vertices_[links_.at(link).from].name + "-" + vertices_[links_[link].to].name;
}

void Topology::add_links(MaxMin& to) const {
  for (const Link& link : links_) to.add_link(link.capacity.bytes_per_second());
}

void Topology::add_links(Flows& to) const {
  for (std::uint32_t link = 0; link < links_.size(); ++link)
    to.add_link(link_name(link), links_[link].capacity);
}

} // namespace windtunnel::network
