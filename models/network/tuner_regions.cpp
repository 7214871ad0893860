#include "models/network/tuner_regions.hpp"

#include <cmath>
#include <string>
#include <utility>
#include <vector>

#include "models/network/network_data.hpp"

namespace windtunnel::network {
namespace {

struct Point {
  double x = 0, y = 0; ///< log2 of bytes and of ranks
};

struct Region {
  std::string platform;
  int ranks_per_node = 0;
  Op op{};
  Choice choice;
  std::vector<Point> vertices;
  Point low, high; ///< bounding box
};

constexpr double on_edge = 1e-10, zero = 1e-6;

double log2_of(double value) { return std::log2(value > 0 ? value : zero); }

bool touches(const Point& p, const Point& a, const Point& b) {
  const double dx = b.x - a.x, dy = b.y - a.y, length = dx * dx + dy * dy;
  if (length == 0) return std::hypot(p.x - a.x, p.y - a.y) < on_edge;
  const double along = ((p.x - a.x) * dx + (p.y - a.y) * dy) / length;
  if (along < 0 || along > 1) return false;
  return std::hypot(p.x - a.x - along * dx, p.y - a.y - along * dy) < on_edge;
}

bool contains(const Region& region, const Point& p) {
  if (p.x < region.low.x - on_edge || p.x > region.high.x + on_edge ||
      p.y < region.low.y - on_edge || p.y > region.high.y + on_edge)
    return false;
  bool inside = false;
  for (std::size_t i = 0; i < region.vertices.size(); ++i) {
    const Point &a = region.vertices[i], &b = region.vertices[(i + 1) % region.vertices.size()];
    if (touches(p, a, b)) return true;
    if ((a.y > p.y) != (b.y > p.y) && p.x < a.x + (p.y - a.y) * (b.x - a.x) / (b.y - a.y))
      inside = !inside;
  }
  return inside;
}

Region read_region(json::Reader& r) {
  Region region;
  region.platform = r.choice("platform", {"p5", "p5en", "p6-b200", "p6-b300"}, "Tuner platform.");
  region.ranks_per_node = static_cast<int>(r.integer("ranksPerNode", {.min = 1}, "GPUs a node."));
  region.op = *parse_op(r.choice("op", {"all_reduce", "all_gather", "reduce_scatter"}, "Call."));
  region.choice.algorithm =
      *parse_algorithm(r.choice("algorithm", {"ring", "tree", "nvls_tree", "pat"}, "Taken."));
  region.choice.protocol =
      *parse_protocol(r.choice("protocol", {"ll", "ll128", "simple"}, "Taken."));
  for (const auto& [bytes, ranks] : r.curve("vertices", "Corners: bytes, ranks."))
    region.vertices.push_back({log2_of(bytes), log2_of(ranks)});
  if (region.vertices.size() < 3) {
    r.problem("vertices", "a region has at least three corners");
    return region;
  }
  region.low = region.high = region.vertices.front();
  for (const Point& v : region.vertices) {
    region.low = {std::min(region.low.x, v.x), std::min(region.low.y, v.y)};
    region.high = {std::max(region.high.x, v.x), std::max(region.high.y, v.y)};
  }
  return region;
}

const std::vector<Region>& regions() {
  static const std::vector<Region> all =
      json::read(network_table("tuner-regions.json"), "tuner regions", [](json::Reader& r) {
        std::vector<Region> list;
        read_table_head(r, "tuner-regions/1");
        r.objects("rows", 1, "Regions, first match first.",
                  [&](json::Reader& o) { list.push_back(read_region(o)); });
        return list;
      });
  return all;
}

} // namespace

std::optional<Choice> tuner_choice(std::string_view platform, Op op, double bytes, int ranks,
                                   int nodes) {
  if (nodes <= 2 || ranks % nodes != 0) return std::nullopt;
  const Point p{log2_of(bytes), log2_of(ranks)};
  for (const Region& region : regions())
    if (region.op == op && region.ranks_per_node * nodes == ranks && region.platform == platform &&
        contains(region, p))
      return region.choice;
  return std::nullopt;
}

} // namespace windtunnel::network
