// The graph behind a Topology: vertices and links by their numbers.
#pragma once

#include <boost/graph/adjacency_list.hpp>

#include "models/network/topology.hpp"

namespace windtunnel::network {

struct Topology::Graph {
  struct Edge {
    std::uint32_t link = 0;
  };
  using List = boost::adjacency_list<boost::vecS, boost::vecS, boost::bidirectionalS,
                                     boost::no_property, Edge>;
  List list;
};

} // namespace windtunnel::network
