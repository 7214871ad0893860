#include "models/network/collective_curve.hpp"

#include <algorithm>
#include <cmath>

namespace windtunnel::network {
namespace {

using L = LinkParameter;
using N = NetworkParameter;

constexpr double bytes_per_us_of_gbps = 1000; // GB/s in bytes a microsecond

/// The parameters of one call with what its shape fixes.
struct Stage {
  const LinkParameters& link;
  const NetworkParameters& network;
  double bytes, n, domains, per_domain;
  double link_rate;   ///< bytes/us, data sheet
  double domain_rate; ///< bytes/us of all adapters of a domain's members
  std::size_t p;      ///< protocol

  double l(L parameter) const { return link[static_cast<std::size_t>(parameter)]; }
  double w(N parameter) const { return network[static_cast<std::size_t>(parameter)]; }
  /// The parameter of the call's protocol, of three that follow each other.
  double by_protocol(L first) const { return link[static_cast<std::size_t>(first) + p]; }
  double by_protocol(N first) const { return network[static_cast<std::size_t>(first) + p]; }
  bool spread() const { return domains > 1; }

  double fill(double wire) const {
    if (p == 0) return 0; // LL sends flags with the data: nothing is chunked
    const double each = !spread() ? l(L::ring_fill_us)
                        : p == 1  ? w(N::fill_ll128_us)
                                  : w(N::fill_simple_us);
    return std::sqrt(each * wire);
  }
};

double ring_us(const Stage& s, Op op) {
  const bool both = op == Op::all_reduce;
  const double steps = both ? 2 * (s.n - 1) : s.n - 1;
  const double outside = s.spread() ? (both ? 2 : 1) * (s.domains - 1) : 0;
  const double volume = s.bytes * (op == Op::broadcast ? 1 : steps / s.n);
  double wire =
      (volume + s.l(L::copy) * s.bytes / s.n) / (s.by_protocol(L::ring_ll_share) * s.link_rate);
  if (s.spread()) wire = std::max(wire, volume / (s.by_protocol(N::ring_ll_share) * s.domain_rate));
  const double latency = s.l(L::start_us) + (steps - outside) * s.by_protocol(L::hop_ll_us) +
                         (s.spread() ? outside * s.by_protocol(N::hop_ll_us) : 0);
  return latency + wire + s.fill(wire);
}

/// How often a tree over the domains carries the buffer through an inner domain's adapters.
double tree_volumes(const Stage& s) { return s.domains == 2 ? 1 : s.w(N::tree_volumes); }

double tree_us(const Stage& s) {
  double wire = 2 * s.bytes / (s.by_protocol(L::ring_ll_share) * s.link_rate);
  if (s.spread())
    wire = std::max(wire,
                    tree_volumes(s) * s.bytes / (s.by_protocol(N::tree_ll_share) * s.domain_rate));
  const double latency = s.l(L::start_us) + 2 * (s.per_domain - 1) * s.by_protocol(L::hop_ll_us) +
                         2 * std::log2(s.domains) * s.by_protocol(N::hop_ll_us);
  return latency + wire + s.fill(wire);
}

double nvls_us(const Stage& s) {
  double wire = s.bytes / (s.l(L::nvls_share) * s.link_rate);
  double latency = s.l(L::start_us) + s.l(L::nvls_us);
  if (!s.spread()) return latency + wire + std::sqrt(s.l(L::nvls_fill_us) * wire);
  wire = std::max(wire, tree_volumes(s) * s.bytes / (s.w(N::nvls_tree_share) * s.domain_rate));
  latency += 2 * std::log2(s.domains) * s.w(N::hop_simple_us);
  return latency + wire + s.fill(wire);
}

double pat_us(const Stage& s) {
  const double volume = s.bytes * (s.n - 1) / s.n;
  const double wire = volume / (s.w(N::ring_simple_share) * s.domain_rate);
  return s.l(L::start_us) + std::log2(s.domains) * s.w(N::hop_simple_us) + wire + s.fill(wire);
}

double p2p_us(const Stage& s, Op op) {
  const bool all = op == Op::all_to_all;
  const double gpu_rate = s.domain_rate / s.per_domain;
  const double outside = all ? (s.n - s.per_domain) / s.n : s.spread() ? 1 : 0;
  const double inside = all ? (s.per_domain - 1) / s.n : s.spread() ? 0 : 1;
  const double own = all ? s.l(L::p2p_copy) / s.n : 0;
  double wire = (inside + own) * s.bytes / (s.l(L::p2p_share) * s.link_rate);
  double latency = s.l(L::p2p_start_us) + (s.per_domain - 1) * s.l(L::p2p_peer_us);
  if (s.spread()) {
    wire = std::max(wire, outside * s.bytes / (s.w(N::p2p_share) * gpu_rate));
    latency += s.w(N::p2p_start_us) + (all ? s.n - s.per_domain : 1) * s.w(N::p2p_peer_us);
  }
  return latency + wire + std::sqrt(s.l(L::p2p_fill_us) * wire);
}

} // namespace

const std::vector<std::string>& link_parameter_names() {
  static const std::vector<std::string> names{
      "start_us",         "hop_ll_us",         "hop_ll128_us", "hop_simple_us", "ring_ll_share",
      "ring_ll128_share", "ring_simple_share", "ring_fill_us", "copy",          "nvls_us",
      "nvls_share",       "nvls_fill_us",      "p2p_start_us", "p2p_peer_us",   "p2p_share",
      "p2p_copy",         "p2p_fill_us",       "crowding"};
  return names;
}

const std::vector<std::string>& network_parameter_names() {
  static const std::vector<std::string> names{
      "hop_ll_us",         "hop_ll128_us",      "hop_simple_us", "ring_ll_share",
      "ring_ll128_share",  "ring_simple_share", "tree_ll_share", "tree_ll128_share",
      "tree_simple_share", "nvls_tree_share",   "tree_volumes",  "fill_ll128_us",
      "fill_simple_us",    "p2p_start_us",      "p2p_peer_us",   "p2p_share"};
  return names;
}

double collective_us(const CollectiveSystem& system, const LinkParameters& link,
                     const NetworkParameters& network, const Call& call, Choice choice) {
  if (call.ranks <= 1 || call.bytes < 0) return 0;
  const double per_domain = std::max(1.0, double(call.ranks) / call.domains);
  Stage s{.link = link,
          .network = network,
          .bytes = call.bytes,
          .n = double(call.ranks),
          .domains = double(call.domains),
          .per_domain = per_domain,
          .link_rate = system.link.gigabytes_per_second() * bytes_per_us_of_gbps,
          .domain_rate = system.network.gigabytes_per_second() * bytes_per_us_of_gbps * per_domain /
                         system.gpus_per_node,
          .p = static_cast<std::size_t>(choice.protocol)};
  const double members = call.op == Op::send_recv ? 2 : per_domain;
  if (!system.nvlink && members > 2) s.link_rate *= std::pow(2 / members, s.l(L::crowding));
  switch (choice.algorithm) {
  case Algorithm::ring:
    return ring_us(s, call.op);
  case Algorithm::tree:
    return tree_us(s);
  case Algorithm::nvls:
  case Algorithm::nvls_tree:
    return nvls_us(s);
  case Algorithm::pat:
    return pat_us(s);
  case Algorithm::point_to_point:
    break;
  }
  return p2p_us(s, call.op);
}

} // namespace windtunnel::network
