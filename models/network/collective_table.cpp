#include "models/network/collective_table.hpp"

#include "libsim/base/error.hpp"
#include "libsim/json/writer.hpp"
#include "models/network/network_data.hpp"

namespace windtunnel::network {
namespace {

template <class Parameters>
const CurveClass<Parameters>& find(const std::map<std::string, CurveClass<Parameters>>& classes,
                                   const std::string& name, const char* kind) {
  const auto found = classes.find(name);
  if (found == classes.end())
    throw ModelError(std::string("no collective curves for the ") + kind + " class '" + name + "'");
  return found->second;
}

constexpr SizeBand size_bands[] = {SizeBand::small, SizeBand::middle, SizeBand::large};

template <class Parameters>
void read_class(json::Reader& o, const std::vector<std::string>& names,
                std::map<std::string, CurveClass<Parameters>>& classes) {
  CurveClass<Parameters> c;
  const std::string name = o.text("class", "Of systems.");
  c.rows = static_cast<std::size_t>(o.integer("rows", {.min = 0}, "Fitted on."));
  c.sources = static_cast<std::size_t>(o.integer("sources", {.min = 0}, "Of the rows."));
  o.object("parameters", "Of the curve.", [&](json::Reader& p) {
    for (std::size_t i = 0; i < names.size(); ++i)
      c.parameters[i] = p.number(names[i], {.min = 1e-9, .max = 1e9}, "See collective_curve.hpp.");
  });
  o.object("bands", "Of measured / predicted.", [&](json::Reader& b) {
    for (const SizeBand band : size_bands) {
      const std::vector<double> ends = b.numbers(to_string(band), {.min = 0}, "Low and high.");
      if (ends.size() != 2)
        b.problem(to_string(band), "must have two values");
      else
        c.bands[static_cast<std::size_t>(band)] = {ends[0], ends[1]};
    }
  });
  classes[name] = c;
}

template <class Parameters>
void write_classes(json::Writer& w, const char* kind, const std::vector<std::string>& names,
                   const std::map<std::string, CurveClass<Parameters>>& classes) {
  for (const auto& [name, c] : classes) {
    w.begin_object().field("kind", kind).field("class", name).field("rows", c.rows);
    w.field("sources", c.sources).begin_object("parameters");
    for (std::size_t i = 0; i < names.size(); ++i) w.field(names[i], c.parameters[i]);
    w.end().begin_object("bands");
    for (const SizeBand band : size_bands) {
      const RatioBand& spread = c.bands[static_cast<std::size_t>(band)];
      w.begin_array(to_string(band)).element(spread.low).element(spread.high).end();
    }
    w.end().end();
  }
}

} // namespace

SizeBand size_band(double bytes) {
  constexpr double small = 256.0 * 1024, large = 64.0 * 1024 * 1024;
  return bytes < small ? SizeBand::small : bytes < large ? SizeBand::middle : SizeBand::large;
}

const char* to_string(SizeBand band) {
  constexpr const char* names[] = {"lt256KiB", "256KiB-64MiB", "ge64MiB"};
  return names[static_cast<int>(band)];
}

const CurveClass<LinkParameters>& CollectiveTable::link(const std::string& name) const {
  return find(links, name, "link");
}
const CurveClass<NetworkParameters>& CollectiveTable::network(const std::string& name) const {
  return find(networks, name, "network");
}

double CollectiveTable::predicted_us(const CollectiveSample& sample) const {
  return collective_us(sample.system, link(sample.system.link_class).parameters,
                       network(sample.system.network_class).parameters, sample.call, sample.choice);
}

CollectiveTable read_collective_table(json::Reader& r) {
  CollectiveTable table;
  read_table_head(r, "collective-curves/1");
  r.objects("rows", 1, "Classes of systems.", [&](json::Reader& o) {
    o.variant(
        "kind", "What the class is of.",
        {{"link", [&](json::Reader& c) { read_class(c, link_parameter_names(), table.links); }},
         {"network",
          [&](json::Reader& c) { read_class(c, network_parameter_names(), table.networks); }}});
  });
  return table;
}

const CollectiveTable& built_in_collective_table() {
  static const CollectiveTable table = json::read(network_table("collective-curves.json"),
                                                  "collective curves", read_collective_table);
  return table;
}

std::string to_json(const CollectiveTable& table, const std::string& source,
                    const std::string& retrieved) {
  json::Writer w;
  w.begin_object().field("schema", "collective-curves/1").begin_object("provenance");
  w.field("source", source).field("retrieved", retrieved).field("method", "measured").end();
  w.begin_array("rows");
  write_classes(w, "link", link_parameter_names(), table.links);
  write_classes(w, "network", network_parameter_names(), table.networks);
  return w.end().end().str();
}

} // namespace windtunnel::network
