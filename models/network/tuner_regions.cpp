#include "models/network/tuner_regions.hpp"

#include <algorithm>
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

/// A region where points are sought in it.
struct Polygon {
  const TunerRegion* region = nullptr;
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

bool contains(const Polygon& polygon, const Point& p) {
  if (p.x < polygon.low.x - on_edge || p.x > polygon.high.x + on_edge ||
      p.y < polygon.low.y - on_edge || p.y > polygon.high.y + on_edge)
    return false;
  bool inside = false;
  for (std::size_t i = 0; i < polygon.vertices.size(); ++i) {
    const Point &a = polygon.vertices[i], &b = polygon.vertices[(i + 1) % polygon.vertices.size()];
    if (touches(p, a, b)) return true;
    if ((a.y > p.y) != (b.y > p.y) && p.x < a.x + (p.y - a.y) * (b.x - a.x) / (b.y - a.y))
      inside = !inside;
  }
  return inside;
}

TunerRegion read_region(json::Reader& r) {
  TunerRegion region;
  region.platform = r.choice("platform", {"p5", "p5en", "p6-b200", "p6-b300"}, "Tuner platform.");
  region.ranks_per_node = static_cast<int>(r.integer("ranksPerNode", {.min = 1}, "GPUs a node."));
  region.op = *parse_op(r.choice("op", {"all_reduce", "all_gather", "reduce_scatter"}, "Call."));
  region.choice.algorithm =
      *parse_algorithm(r.choice("algorithm", {"ring", "tree", "nvls_tree", "pat"}, "Taken."));
  region.choice.protocol =
      *parse_protocol(r.choice("protocol", {"ll", "ll128", "simple"}, "Taken."));
  region.vertices = r.curve("vertices", "Corners: bytes, ranks.");
  if (region.vertices.size() < 3) r.problem("vertices", "a region has at least three corners");
  return region;
}

const std::vector<Polygon>& polygons() {
  static const std::vector<Polygon> all = [] {
    std::vector<Polygon> list;
    for (const TunerRegion& region : tuner_regions()) {
      Polygon polygon{&region, {}, {}, {}};
      for (const auto& [bytes, ranks] : region.vertices)
        polygon.vertices.push_back({log2_of(bytes), log2_of(ranks)});
      polygon.low = polygon.high = polygon.vertices.front();
      for (const Point& v : polygon.vertices) {
        polygon.low = {std::min(polygon.low.x, v.x), std::min(polygon.low.y, v.y)};
        polygon.high = {std::max(polygon.high.x, v.x), std::max(polygon.high.y, v.y)};
      }
      list.push_back(std::move(polygon));
    }
    return list;
  }();
  return all;
}

} // namespace

const std::vector<TunerRegion>& tuner_regions() {
  static const std::vector<TunerRegion> all =
      json::read(network_table("tuner-regions.json"), "tuner regions", [](json::Reader& r) {
        std::vector<TunerRegion> list;
        read_table_head(r, "tuner-regions/1");
        r.objects("rows", 1, "Regions, first match first.",
                  [&](json::Reader& o) { list.push_back(read_region(o)); });
        return list;
      });
  return all;
}

std::optional<Choice> tuner_choice(std::string_view platform, Op op, double bytes, int ranks,
                                   int nodes) {
  if (nodes <= 2 || ranks % nodes != 0) return std::nullopt;
  const Point p{log2_of(bytes), log2_of(ranks)};
  for (const Polygon& polygon : polygons()) {
    const TunerRegion& region = *polygon.region;
    if (region.op == op && region.ranks_per_node * nodes == ranks && region.platform == platform &&
        contains(polygon, p))
      return region.choice;
  }
  return std::nullopt;
}

} // namespace windtunnel::network
