#include "models/network/storage_service.hpp"

#include <algorithm>
#include <span>

#include "libsim/base/embedded_file.hpp"
#include "libsim/json/reader.hpp"

namespace windtunnel::network {
std::span<const EmbeddedFile> embedded_storage();

namespace {

StorageTier read_tier(json::Reader& r) {
  StorageTier t;
  t.kind = r.text("kind", "Service.");
  t.tier = r.text("tier", "Tier.");
  t.read_per_tib = r.bandwidth("readPerTiB", Bandwidth{}, "Read throughput of one TiB.");
  t.write_per_tib = r.bandwidth("writePerTiB", Bandwidth{}, "Write throughput of one TiB.");
  t.per_node = r.bandwidth("perNode", "Ceiling of one client node.");
  r.object("provenance", "Where the figures come from.", [&](json::Reader& o) {
    t.source = o.text("source", "Publication.");
    o.optional_text("url", "Address.");
    t.retrieved = o.text("retrieved", "ISO date.");
    o.optional_text("licence", "Licence.");
    o.choice("method", {"measured", "published", "estimated"}, "How.");
    t.note = o.optional_text("note", "Remarks.").value_or("");
  });
  return t;
}

const std::vector<StorageTier>& tiers() {
  static const std::vector<StorageTier> loaded = [] {
    const EmbeddedFile& file = embedded_storage().front();
    return json::read(
        json::parse(file.text, std::string(file.name)), "storage table", [](json::Reader& r) {
          std::vector<StorageTier> rows;
          r.text("schema", "\"storage/1\"");
          r.objects("rows", 1, "Tiers.", [&](json::Reader& o) { rows.push_back(read_tier(o)); });
          return rows;
        });
  }();
  return loaded;
}

Bandwidth together(Bandwidth per_tib, const StorageTier& tier, Bytes capacity, int nodes,
                   Bandwidth network_per_node) {
  const Bandwidth clients = std::min(tier.per_node, network_per_node) * nodes;
  if (per_tib == Bandwidth{}) return clients;
  return std::min(clients, per_tib * (capacity.gibibytes() / 1024));
}

} // namespace

const StorageTier* storage_tier(const std::string& kind, const std::string& tier) {
  for (const StorageTier& t : tiers())
    if (t.kind == kind && t.tier == tier) return &t;
  return nullptr;
}

Bandwidth read_bandwidth(const StorageTier& tier, Bytes capacity, int nodes,
                         Bandwidth network_per_node) {
  return together(tier.read_per_tib, tier, capacity, nodes, network_per_node);
}

Bandwidth write_bandwidth(const StorageTier& tier, Bytes capacity, int nodes,
                          Bandwidth network_per_node) {
  return together(tier.write_per_tib, tier, capacity, nodes, network_per_node);
}

} // namespace windtunnel::network
