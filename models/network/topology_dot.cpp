#include <map>

#include <fmt/format.h>

#include "libsim/base/unit_strings.hpp"
#include "models/network/topology.hpp"

namespace windtunnel::network {
namespace {

const char* shape_of(Part part) {
  switch (part) {
  case Part::gpu:
    return "box";
  case Part::nvswitch:
  case Part::pcie:
    return "hexagon";
  case Part::nic:
    return "ellipse";
  case Part::leaf:
  case Part::spine:
  case Part::zone:
    break;
  }
  return "box3d";
}

} // namespace

std::string Topology::dot() const {
  std::map<int, std::string> clusters; // -1: the fabric
  for (const Vertex& v : vertices_)
    clusters[v.node] +=
        fmt::format("    \"{}\" [label=\"{}\", shape={}];\n", v.name,
                    v.name.substr(v.name.find('/') + 1), shape_of(v.part)); // npos + 1 is 0
  std::string text = "graph topology {\n  rankdir=BT;\n  node [fontname=\"sans-serif\"];\n";
  for (const auto& [node, lines] : clusters)
    text += node < 0 ? lines
                     : fmt::format("  subgraph cluster_node{} {{\n    label=\"node{}\";\n{}  }}\n",
                                   node, node, lines);
  for (std::size_t i = 0; i < links_.size(); i += 2) { // the other direction is alike
    const Link& link = links_[i];
    const char* style = link.capacity == Bandwidth{}   ? ", style=dashed, color=red"
                        : link.capacity < link.nominal ? ", color=red"
                                                       : "";
    text += fmt::format("  \"{}\" -- \"{}\" [label=\"{}\"{}];\n", vertices_[link.from].name,
                        vertices_[link.to].name, to_string(link.capacity), style);
  }
  return text + "}\n";
}

} // namespace windtunnel::network
