#include "models/network/collective.hpp"

#include <algorithm>
#include <cmath>
#include <vector>

#include "libsim/base/error.hpp"
#include "libsim/json/reader.hpp"
#include "models/network/network_data.hpp"

namespace windtunnel::network {
namespace {

/// Achieved share of line rate, and latencies, of one kind of fabric.
struct Achieved {
  std::string kind;
  double share = 0;     ///< of line rate, two domains
  double decay = 0;     ///< lost per doubling of the domains
  double latency_s = 0; ///< one hop
};

const std::vector<Achieved>& table() {
  static const std::vector<Achieved> rows = [] {
    return json::read(network_table("collectives.json"), "collectives table", [](json::Reader& r) {
      std::vector<Achieved> all;
      r.text("schema", "\"collectives/1\"");
      r.objects("rows", 1, "Fabrics.", [&](json::Reader& o) {
        Achieved a;
        a.kind = o.text("kind", "Fabric kind.");
        a.share = o.number("share", {.min = 0, .max = 1}, "Of line rate.");
        a.decay = o.number("decayPerDoubling", {.min = 0, .max = 1}, "Lost per doubling.");
        a.latency_s = o.time("latency", "Of one hop.").seconds();
        read_provenance(o);
        all.push_back(a);
      });
      return all;
    });
  }();
  return rows;
}

const Achieved& achieved(const std::string& kind) {
  for (const Achieved& row : table())
    if (row.kind == kind) return row;
  throw ModelError("unknown fabric kind '" + kind + "'");
}

} // namespace

Time collective_time(Op op, Bytes size, int ranks, int per_domain, const Fabric& fabric) {
  if (ranks <= 1 || size <= Bytes{}) return {};
  per_domain = std::clamp(per_domain, 1, std::min(ranks, fabric.domain_size));
  const int domains = (ranks + per_domain - 1) / per_domain;
  const double n = ranks, bytes = size.as_double();
  const Achieved& inside = achieved("nvlink");
  const double nvlink = fabric.nvlink.bytes_per_second() * inside.share;
  double network = 0, latency_out = 0;
  if (domains > 1) {
    const Achieved& outside = achieved(fabric.kind);
    const double share = outside.share * std::pow(1 - outside.decay, std::log2(domains) - 1);
    network = fabric.network.bytes_per_second() * share;
    latency_out = outside.latency_s;
    if (network <= 0) throw ModelError("a job over several nodes needs a network bandwidth");
  }
  const double ring = domains > 1 ? std::min(nvlink, network * per_domain) : nvlink;
  // Trees inside and between domains: latency grows with the logarithm.
  const double latency = inside.latency_s * (1 + std::log2(std::max(per_domain, 1))) +
                         (domains > 1 ? latency_out * (1 + std::log2(domains)) : 0);
  switch (op) {
  case Op::all_reduce:
    return seconds(2 * latency + 2 * (n - 1) / n * bytes / ring);
  case Op::all_gather:
  case Op::reduce_scatter:
    return seconds(latency + (n - 1) / n * bytes / ring);
  case Op::all_to_all: {
    const double outside = (n - per_domain) / n * bytes, within = (per_domain - 1) / n * bytes;
    return seconds(latency + std::max(within / nvlink, domains > 1 ? outside / network : 0));
  }
  case Op::broadcast:
  case Op::send_recv:
    return seconds((domains > 1 ? latency_out : inside.latency_s) +
                   bytes / (domains > 1 ? network : nvlink));
  }
  return {};
}

} // namespace windtunnel::network
