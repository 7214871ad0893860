#include "models/network/nccl_tuning.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <string>
#include <vector>

#include "libsim/base/error.hpp"
#include "models/network/network_data.hpp"

namespace windtunnel::network {
namespace {

using Triple = std::array<double, 3>; ///< LL, LL128, Simple; or one node, two, more

struct Latencies {
  Triple tree_base, ring_base, pat_base, tree_nvlink, ring_nvlink, tree_pci, ring_pci, tree_net,
      ring_net;
  double nvls = 0, nvls_tree_net = 0, pat_net = 0, pat_rank = 0, pat_hops = 0;
};

struct GenerationRow {
  Triple ll_max, tree_ll128, tree, nvls_tree;
  double ring_ll128 = 0, nvls_efficiency = 0, nvls_head = 0;
  double ring_channels = 0, ring_channel = 0, inter_channel = 0, ring_latency_factor = 0;
};

struct Constants {
  Latencies latency;
  double counted_share = 0, adapter_share = 0;
  std::array<std::vector<double>, 3> tree_correction;
  std::array<GenerationRow, 4> generations;
};

Triple triple(json::Reader& r, const char* name) {
  const std::vector<double> values = r.numbers(name, {.min = 0}, "Three values.");
  if (values.size() != 3) {
    r.problem(name, "must have three values");
    return {};
  }
  return {values[0], values[1], values[2]};
}

GenerationRow read_generation(json::Reader& o) {
  GenerationRow g;
  g.ll_max = triple(o, "llMax");
  g.tree_ll128 = triple(o, "treeLl128");
  g.tree = triple(o, "tree");
  g.nvls_tree = triple(o, "nvlsTree");
  g.ring_ll128 = o.number("ringLl128", {.min = 0}, "Of a channel.");
  g.nvls_efficiency = o.number("nvlsEfficiency", {.min = 0, .max = 1}, "0: no NVLS.");
  g.nvls_head = o.number("nvlsHead", {.min = 0}, "Of a GPU that heads a channel.");
  g.ring_channels = o.number("ringChannels", {.min = 1}, "In one domain.");
  g.ring_channel = o.number("ringChannel", {.min = 0}, "Of one, within a domain.");
  g.inter_channel = o.number("interChannel", {.min = 1}, "Of one, between domains.");
  g.ring_latency_factor = o.number("ringLatencyFactor", {.min = 1}, "Large rings over nodes.");
  return g;
}

Constants read_constants(json::Reader& r) {
  Constants c;
  read_table_head(r, "nccl-tuning/1");
  c.counted_share = r.number("countedShare", {.min = 0, .max = 1}, "Of a link, as NCCL counts it.");
  c.adapter_share = r.number("adapterShare", {.min = 0, .max = 1}, "Of the adapters, likewise.");
  r.object("latencies", "Microseconds.", [&](json::Reader& o) {
    Latencies& l = c.latency;
    l.tree_base = triple(o, "treeBase");
    l.ring_base = triple(o, "ringBase");
    l.pat_base = triple(o, "patBase");
    l.tree_nvlink = triple(o, "treeNvlink");
    l.ring_nvlink = triple(o, "ringNvlink");
    l.tree_pci = triple(o, "treePci");
    l.ring_pci = triple(o, "ringPci");
    l.tree_net = triple(o, "treeNet");
    l.ring_net = triple(o, "ringNet");
    l.nvls = o.number("nvlsNvlink", {.min = 0}, "NVLS hop.");
    l.nvls_tree_net = o.number("nvlsTreeNet", {.min = 0}, "NVLSTree hop.");
    l.pat_net = o.number("patNet", {.min = 0}, "PAT hop.");
    l.pat_rank = o.number("patRank", {.min = 0}, "PAT, a rank.");
    l.pat_hops = o.number("patHops", {.min = 1}, "PAT hops that overlap.");
  });
  r.object("treeCorrection", "Of tree bandwidth, by log2(bytes / 64).", [&](json::Reader& o) {
    c.tree_correction = {o.numbers("ll", {.min = 0, .max = 1}, "LL."),
                         o.numbers("ll128", {.min = 0, .max = 1}, "LL128."),
                         o.numbers("simple", {.min = 0, .max = 1}, "Simple.")};
    for (const auto& row : c.tree_correction)
      if (row.empty()) o.problem("ll", "must not be empty");
  });
  r.objects("rows", 4, "Generations.", [&](json::Reader& o) {
    constexpr const char* names[] = {"volta", "ampere", "hopper", "blackwell"};
    const std::string name =
        o.choice("generation", {"volta", "ampere", "hopper", "blackwell"}, "Compute capability.");
    for (std::size_t i = 0; i < 4; ++i)
      if (name == names[i]) c.generations[i] = read_generation(o);
  });
  return c;
}

const Constants& constants() {
  static const Constants c =
      json::read(network_table("nccl-tuning.json"), "NCCL tuning", read_constants);
  return c;
}

/// One call on one topology: latency (us) and algorithm bandwidth (GB/s) of the combinations.
class Costs {
public:
  Costs(const CollectiveSystem& system, Op op, double bytes, int ranks, int nodes)
      : s_(system), op_(op), bytes_(bytes), n_(ranks), nodes_(nodes),
        per_node_(std::max(1, ranks / nodes)),
        g_(constants().generations[static_cast<std::size_t>(system.generation)]),
        at_(nodes == 1   ? 0
            : nodes == 2 ? 1
                         : 2) {
    const double link = s_.link.gigabytes_per_second();
    counted_ = constants().counted_share * link;
    intra_ = s_.nvlink ? std::min(g_.ring_channels * g_.ring_channel, counted_) : counted_;
    const double members = std::min(1.0, double(per_node_) / s_.gpus_per_node);
    const double domains_nodes = std::max(1.0, double(per_node_) / s_.gpus_per_node);
    inter_ =
        constants().adapter_share * s_.network.gigabytes_per_second() * members * domains_nodes;
    channels_ = nodes == 1 ? g_.ring_channels : std::max(1.0, inter_ / g_.inter_channel);
    steps_ = op == Op::all_reduce  ? 2.0 * (n_ - 1)
             : op == Op::broadcast ? double(n_)
                                   : double(n_ - 1);
    // The latency rows of networks count as Intel's unless the CPU is AMD's.
    const auto& rows = constants().generations;
    ll_max_ = nodes == 1 ? g_.ll_max[0] : rows[s_.amd_cpu ? 1 : 0].ll_max[at_];
    overhead_ = nodes == 1 ? 0 : s_.amd_cpu ? 2 : 1;
    reported_ = s_.reported_latency.seconds() * 1e6;
  }

  double ring(std::size_t p) const {
    const Latencies& l = constants().latency;
    const double hop = (s_.nvlink ? l.ring_nvlink : l.ring_pci)[p];
    const double outside = nodes_ == 1             ? 0
                           : op_ == Op::all_reduce ? 2.0 * (nodes_ - 1)
                                                   : nodes_ - 1.0;
    const double net = l.ring_net[p] + reported_ * (p == simple ? 2 : 1);
    const double local = std::max(hop, overhead_ * (p == simple ? 3 : 1));
    double latency = l.ring_base[p] + (steps_ - outside) * local + outside * net;
    if (op_ == Op::broadcast) latency = l.ring_base[p] + hop;
    if (p == simple && op_ == Op::all_reduce && nodes_ > 1 && bytes_ / (channels_ * n_) >= 64)
      latency *= g_.ring_latency_factor;
    const double bus = nodes_ == 1 ? intra_ : std::min(intra_, inter_);
    double bw = bus;
    if (p == ll) bw = std::min(ll_max_, 0.5 * bus);
    if (p == ll128) bw = std::min(0.92 * bus, channels_ * g_.ring_ll128);
    return time(latency, bw * n_ / steps_);
  }

  double tree(std::size_t p) const {
    const Latencies& l = constants().latency;
    const double hop = (s_.nvlink ? l.tree_nvlink : l.tree_pci)[p];
    const double net = l.tree_net[p] + reported_ * (p == simple ? 2 : 1);
    const double depth = std::floor(std::log2(double(nodes_)));
    const double latency = l.tree_base[p] + 2 * ((per_node_ - 1) * hop + depth * net);
    double bw = std::min(0.92 * (nodes_ <= 2 ? intra_ : inter_), channels_ * g_.tree[at_]);
    if (p == ll) bw = std::min(bw / 3.8, ll_max_);
    if (p == ll128)
      bw = std::min(bw * (nodes_ == 1 ? 7.0 / 9 : 120.0 / 128), channels_ * g_.tree_ll128[at_]);
    const std::vector<double>& correction = constants().tree_correction[p];
    const auto last = static_cast<double>(correction.size());
    const double index = std::max(0.0, std::floor(std::log2(std::max(1.0, bytes_ / 64))));
    if (index < last) bw *= correction[static_cast<std::size_t>(index)];
    return time(latency, bw * 0.5);
  }

  /// NVLS in one domain, NVLSTree over several.
  double nvls() const {
    const Latencies& l = constants().latency;
    const double heads = per_node_;
    if (g_.nvls_efficiency == 0 || !s_.nvlink || per_node_ < 2 || s_.link_class == "xgmi-cdna3")
      return std::numeric_limits<double>::infinity();
    const double head = std::min(g_.nvls_head, counted_ / heads);
    double channel = head * g_.nvls_efficiency * (heads - 1) / heads * 2;
    double latency = l.nvls;
    if (nodes_ > 1) {
      channel = std::min({channel, inter_ / heads * (nodes_ == 2 ? 2 : 1), g_.nvls_tree[at_]});
      latency += 2 * std::floor(std::log2(double(nodes_))) * (l.nvls_tree_net + 2 * reported_);
    }
    return time(latency, heads * channel * n_ / steps_);
  }

  double pat() const {
    const Latencies& l = constants().latency;
    const double depth = std::floor(std::log2(double(nodes_)));
    const double net = l.pat_net + 2 * reported_;
    return time(l.pat_base[simple] + depth * net / l.pat_hops + l.pat_rank * n_,
                0.75 * std::min(intra_, inter_));
  }

  static constexpr std::size_t ll = 0, ll128 = 1, simple = 2;

private:
  double time(double latency, double algbw) const { return latency + bytes_ / (1000 * algbw); }

  const CollectiveSystem& s_;
  Op op_;
  double bytes_;
  int n_, nodes_, per_node_;
  const GenerationRow& g_;
  std::size_t at_;
  double counted_ = 0, intra_ = 0, inter_ = 0, channels_ = 1, steps_ = 1, ll_max_ = 0;
  double overhead_ = 0, reported_ = 0;
};

} // namespace

Choice nccl_choice(const CollectiveSystem& system, Op op, double bytes, int ranks, int nodes,
                   const Restriction& restriction) {
  if (op == Op::all_to_all || op == Op::send_recv)
    return {Algorithm::point_to_point, Protocol::simple};
  const Costs costs(system, op, bytes, ranks, nodes);
  const bool ll128 = system.nvlink && (nodes == 1 || system.ll128);
  Choice best;
  double least = std::numeric_limits<double>::infinity();
  const auto offer = [&](Algorithm algorithm, Protocol protocol, double time) {
    const bool allowed = restriction.only ? algorithm == *restriction.only
                                          : restriction.nvls || (algorithm != Algorithm::nvls &&
                                                                 algorithm != Algorithm::nvls_tree);
    if (allowed && time < least) {
      least = time;
      best = {algorithm, protocol};
    }
  };
  for (const Protocol protocol : {Protocol::ll, Protocol::ll128, Protocol::simple}) {
    if (protocol == Protocol::ll128 && !ll128) continue;
    const auto p = static_cast<std::size_t>(protocol);
    offer(Algorithm::ring, protocol, costs.ring(p));
    // Inside one domain trees are chains: rings come first when equal.
    if (op == Op::all_reduce && nodes > 1) offer(Algorithm::tree, protocol, costs.tree(p));
  }
  if (op == Op::all_reduce)
    offer(nodes == 1 ? Algorithm::nvls : Algorithm::nvls_tree, Protocol::simple, costs.nvls());
  if ((op == Op::all_gather || op == Op::reduce_scatter) && ranks == nodes && nodes > 1)
    offer(Algorithm::pat, Protocol::simple, costs.pat());
  if (std::isinf(least))
    throw ModelError(std::string("NCCL has no algorithm ") + to_string(*restriction.only) +
                     " for " + to_string(op) + " on " + std::to_string(nodes) +
                     (nodes == 1 ? " node" : " nodes"));
  return best;
}

} // namespace windtunnel::network
