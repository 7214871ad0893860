// Routes over a Topology: Dijkstra from the far end, then the flow divided along the cheapest ways.
#include <algorithm>
#include <functional>
#include <limits>
#include <queue>
#include <unordered_map>

#include <boost/range/iterator_range.hpp>
#include <fmt/format.h>

#include "libsim/base/error.hpp"
#include "libsim/base/random.hpp"
#include "models/network/topology_impl.hpp"

namespace windtunnel::network {
namespace {

constexpr int nvlink_hop = 1, hop = 2;

/// A part on a cheapest way.
struct Place {
  int cost = 0;     ///< to the end
  double width = 0; ///< what can pass from here to the end, bytes per second
};

} // namespace

Path Topology::path(std::uint32_t from, std::uint32_t to, Spread spread, std::uint64_t key) const {
  if (from >= vertices_.size() || to >= vertices_.size())
    throw ModelError("a path is between parts of the topology");
  Path path;
  if (from == to) return path;
  const Graph::List& graph = graph_->list;
  // Inside of other nodes and below other leaves no way leads.
  const std::uint32_t leaves[] = {leaf_of(from), leaf_of(to)};
  const auto passable = [&](std::uint32_t v) {
    const Vertex& vertex = vertices_[v];
    if (vertex.part == Part::leaf) return v == leaves[0] || v == leaves[1] || v == from || v == to;
    return vertex.node < 0 || vertex.node == vertices_[from].node ||
           vertex.node == vertices_[to].node;
  };
  const auto cost_of = [&](std::uint32_t a, std::uint32_t b) {
    return vertices_[a].part == Part::nvswitch || vertices_[b].part == Part::nvswitch ? nvlink_hop
                                                                                      : hop;
  };

  std::unordered_map<std::uint32_t, Place> places;
  std::vector<std::uint32_t> settled; // by growing cost
  using Entry = std::pair<int, std::uint32_t>;
  std::priority_queue<Entry, std::vector<Entry>, std::greater<>> queue;
  places[to].cost = 0;
  queue.push({0, to});
  while (!queue.empty()) {
    const auto [cost, v] = queue.top();
    queue.pop();
    if (cost != places[v].cost) continue; // a cheaper way was found since
    settled.push_back(v);
    if (v == from) break;
    for (const auto edge : boost::make_iterator_range(boost::in_edges(v, graph))) {
      const auto u = static_cast<std::uint32_t>(boost::source(edge, graph));
      if (links_[graph[edge].link].capacity <= Bandwidth{} || !passable(u)) continue;
      const int through = cost + cost_of(u, v);
      const auto [place, fresh] = places.try_emplace(u, Place{through, 0});
      if (!fresh && place->second.cost <= through) continue;
      place->second.cost = through;
      queue.push({through, u});
    }
  }
  if (settled.back() != from)
    throw ModelError(
        fmt::format("no way leads from {} to {}", vertices_[from].name, vertices_[to].name));

  // The links of cheapest ways out of `v`, with what can pass each.
  const auto ways = [&](std::uint32_t v) {
    std::vector<std::pair<std::uint32_t, double>> found;
    for (const auto edge : boost::make_iterator_range(boost::out_edges(v, graph))) {
      const auto u = static_cast<std::uint32_t>(boost::target(edge, graph));
      const auto place = places.find(u);
      const std::uint32_t link = graph[edge].link;
      if (place == places.end() || place->second.width <= 0 ||
          place->second.cost + cost_of(v, u) != places.at(v).cost ||
          links_[link].capacity <= Bandwidth{})
        continue;
      found.push_back(
          {link, std::min(links_[link].capacity.bytes_per_second(), place->second.width)});
    }
    return found;
  };
  places[to].width = std::numeric_limits<double>::infinity();
  for (const std::uint32_t v : settled)
    if (v != to)
      for (const auto& [link, width] : ways(v)) places[v].width += width;

  std::unordered_map<std::uint32_t, double> share{{from, 1}};
  path.bandwidth = bytes_per_second(std::numeric_limits<double>::infinity());
  for (auto at = settled.rbegin(); at != settled.rend() && *at != to; ++at) {
    const auto here = share.find(*at);
    if (here == share.end()) continue;
    auto next = ways(*at);
    if (spread == Spread::single) {
      const std::string name = fmt::format("{}>{}#{}@{}", from, to, key, *at);
      next = {next[stream_hash(name) % next.size()]};
    }
    // Rails are striped evenly, spines taken by what they can pass.
    const bool by_width = vertices_[links_[next.front().first].to].part == Part::spine;
    double all = 0;
    for (const auto& [link, width] : next) all += by_width ? width : 1;
    const double mine = here->second;
    for (const auto& [link, width] : next) {
      const double part = mine * (by_width ? width : 1) / all;
      share[links_[link].to] += part;
      path.uses.push_back({link, part});
      const Bandwidth alone = links_[link].capacity / part;
      if (alone < path.bandwidth) {
        path.bandwidth = alone;
        path.bottleneck = link;
      }
    }
  }
  return path;
}

std::uint32_t Topology::leaf_of(std::uint32_t v) const {
  const int node = vertices_[v].node;
  return node < 0 ? v : leaf_of_node_[static_cast<std::size_t>(node)];
}

std::string Topology::describe(std::uint32_t from, const Path& path) const {
  std::string text = vertices_.at(from).name;
  std::vector<std::uint32_t> here{from};
  while (true) {
    std::vector<std::uint32_t> next;
    for (const LinkUse& use : path.uses)
      if (std::find(here.begin(), here.end(), links_[use.link].from) != here.end() &&
          std::find(next.begin(), next.end(), links_[use.link].to) == next.end())
        next.push_back(links_[use.link].to);
    if (next.empty()) return text;
    const Vertex& first = vertices_[next.front()];
    text += next.size() == 1 ? " > " + first.name
                             : fmt::format(" > {} {}s", next.size(), to_string(first.part));
    here = std::move(next);
  }
}

} // namespace windtunnel::network
