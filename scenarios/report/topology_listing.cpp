#include "scenarios/report/topology_listing.hpp"

#include <algorithm>
#include <optional>
#include <set>

#include <fmt/format.h>

#include "libsim/base/unit_strings.hpp"
#include "libsim/json/writer.hpp"
#include "scenarios/report/table.hpp"

namespace windtunnel::scenarios {
namespace {

using namespace network;
using Link = std::uint32_t;

/// Links between parts of two kinds; both directions of one are one.
struct LinkKind {
  std::string name; ///< "gpu-nvswitch"
  int count = 0, degraded = 0, failed = 0;
  Bandwidth each{};
};

std::string kind_of(const Topology& t, Link link) {
  return fmt::format("{}-{}", to_string(t.vertices()[t.links()[link].from].part),
                     to_string(t.vertices()[t.links()[link].to].part));
}

std::vector<LinkKind> kinds_of(const Topology& t) {
  std::vector<LinkKind> kinds;
  for (Link i = 0; i < t.links().size(); i += 2) {
    const Topology::Link& link = t.links()[i];
    const std::string name = kind_of(t, i);
    auto kind = std::find_if(kinds.begin(), kinds.end(), [&](const LinkKind& k) {
      return k.name == name && k.each == link.nominal;
    });
    if (kind == kinds.end()) kind = kinds.insert(kind, {.name = name, .each = link.nominal});
    ++kind->count;
    if (link.capacity == Bandwidth{})
      ++kind->failed;
    else if (link.capacity < link.nominal)
      ++kind->degraded;
  }
  return kinds;
}

struct ShownPath {
  std::string from, to, way, bottleneck;
  Bandwidth bandwidth{};
};

ShownPath shown(const Topology& t, std::uint32_t from, std::uint32_t to) {
  const Path path = t.path(from, to);
  return {t.vertices()[from].name, t.vertices()[to].name, t.describe(from, path),
          path.uses.empty() ? "" : t.link_name(path.bottleneck), path.bandwidth};
}

/// One path of each distance from GPU 0 of node 0: in its node, below its leaf, and further.
std::vector<ShownPath> typical_paths(const Topology& t) {
  std::vector<ShownPath> paths;
  const std::uint32_t from = t.gpu(0, 0);
  if (t.gpus_per_node() > 1) paths.push_back(shown(t, from, t.gpu(0, 1)));
  std::set<std::size_t> lengths;
  for (int node = 1; node < t.nodes(); ++node) {
    const std::uint32_t to = t.gpu(node, 0);
    if (lengths.insert(t.path(from, to).uses.size()).second) paths.push_back(shown(t, from, to));
  }
  return paths;
}

struct Pattern {
  std::string name, bottleneck;
  Bandwidth slowest{}, all{};
};

/// Every GPU sends to the same GPU of the node `shift` further on, or to the one `shift` further on
/// in its own node.
Pattern pattern_of(const Topology& t, std::string name, int shift, bool inside) {
  MaxMin rates;
  t.add_links(rates);
  std::vector<MaxMin::Flow> flows;
  for (int node = 0; node < t.nodes(); ++node)
    for (int i = 0; i < t.gpus_per_node(); ++i) {
      const std::uint32_t to = inside ? t.gpu(node, (i + shift) % t.gpus_per_node())
                                      : t.gpu((node + shift) % t.nodes(), i);
      flows.push_back(rates.add_flow(t.path(t.gpu(node, i), to).uses));
    }
  rates.solve();
  const auto rate = [&](MaxMin::Flow f) { return rates.rate(f); };
  const MaxMin::Flow slowest = *std::min_element(flows.begin(), flows.end(),
                                                 [&](auto a, auto b) { return rate(a) < rate(b); });
  Pattern p{.name = std::move(name), .bottleneck = "", .slowest = bytes_per_second(rate(slowest))};
  for (const MaxMin::Flow f : flows) p.all += bytes_per_second(rate(f));
  std::optional<Link> held;
  rates.for_each_use(slowest, [&](Link link, double) {
    if (!held && rates.level(link) <= rate(slowest) * (1 + 1e-9)) held = link;
  });
  if (held) p.bottleneck = kind_of(t, *held);
  return p;
}

std::vector<Pattern> patterns_of(const Topology& t) {
  std::vector<Pattern> patterns;
  if (t.gpus_per_node() > 1) patterns.push_back(pattern_of(t, "to the next GPU", 1, true));
  if (t.nodes() > 1) patterns.push_back(pattern_of(t, "to the next node", 1, false));
  if (t.nodes() > 3)
    patterns.push_back(pattern_of(t, "to the node half way round", t.nodes() / 2, false));
  return patterns;
}

std::string faults_of(const LinkKind& kind) {
  std::string text;
  if (kind.failed > 0) text += fmt::format("{} failed", kind.failed);
  if (kind.degraded > 0)
    text += fmt::format("{}{} degraded", text.empty() ? "" : ", ", kind.degraded);
  return text;
}

std::string as_table(const Topology& t, const std::vector<ShownPath>& paths) {
  Table links({{"LINKS"}, {"COUNT", Align::right}, {"EACH WAY", Align::right}, {"FAULTS"}});
  for (const LinkKind& kind : kinds_of(t))
    links.add({kind.name, std::to_string(kind.count), to_string(kind.each), faults_of(kind)});
  Table ways({{"PATH", Align::left, true}, {"ALONE", Align::right}, {"BOTTLENECK"}});
  for (const ShownPath& path : paths)
    ways.add({path.way, to_string(path.bandwidth), path.bottleneck});
  Table patterns(
      {{"ALL GPUS SEND"}, {"SLOWEST", Align::right}, {"TOGETHER", Align::right}, {"HELD BY"}});
  for (const Pattern& p : patterns_of(t))
    patterns.add({p.name, to_string(p.slowest), to_string(p.all), p.bottleneck});
  std::string text = links.text() + "\n" + ways.text();
  if (!patterns.empty()) text += "\n" + patterns.text();
  if (t.assumed())
    text += fmt::format("* The fabric's shape, {} nodes a leaf, is our assumption where "
                        "--nodes-per-leaf and --spines do not give it.\n",
                        t.nodes_per_leaf());
  return text;
}

std::string as_json(const Topology& t, const std::vector<ShownPath>& paths) {
  const auto rate = [](json::Writer& w, const char* name, Bandwidth b) {
    w.field(name, b.bytes_per_second());
  };
  json::Writer w;
  w.begin_object().field("formatVersion", "1.0").field("kind", "topology");
  w.field("nodes", t.nodes()).field("gpus_per_node", t.gpus_per_node());
  w.field("nodes_per_leaf", t.nodes_per_leaf()).field("shape_assumed", t.assumed());
  w.begin_array("parts");
  for (const Topology::Vertex& v : t.vertices())
    w.begin_object().field("name", v.name).field("part", to_string(v.part)).end();
  w.end().begin_array("links");
  for (Link i = 0; i < t.links().size(); ++i) {
    const Topology::Link& link = t.links()[i];
    w.begin_object().field("from", t.vertices()[link.from].name);
    w.field("to", t.vertices()[link.to].name);
    rate(w, "nominal_bytes_per_s", link.nominal);
    rate(w, "bytes_per_s", link.capacity);
    w.end();
  }
  w.end().begin_array("paths");
  for (const ShownPath& path : paths) {
    w.begin_object().field("from", path.from).field("to", path.to).field("way", path.way);
    rate(w, "bytes_per_s", path.bandwidth);
    w.field("bottleneck", path.bottleneck).end();
  }
  w.end().begin_array("patterns");
  for (const Pattern& p : patterns_of(t)) {
    w.begin_object().field("name", p.name);
    rate(w, "slowest_bytes_per_s", p.slowest);
    rate(w, "together_bytes_per_s", p.all);
    w.field("bottleneck", p.bottleneck).end();
  }
  return w.end().end().str();
}

} // namespace

std::string topology_listing(const Topology& t,
                             const std::vector<std::pair<std::string, std::string>>& pairs,
                             std::string_view format) {
  if (format == "dot") return t.dot();
  std::vector<ShownPath> paths;
  for (const auto& [from, to] : pairs) paths.push_back(shown(t, t.vertex(from), t.vertex(to)));
  if (pairs.empty()) paths = typical_paths(t);
  return format == "json" ? as_json(t, paths) : as_table(t, paths);
}

} // namespace windtunnel::scenarios
