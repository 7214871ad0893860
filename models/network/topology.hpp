// Topology: the parts that data moves through, from a GPU to any other, and the links between them.
//
// A node has GPUs, an NVSwitch that joins them (one for several nodes where an NVLink domain spans
// them, as in an NVL72 rack), PCIe switches below a host bridge, and NICs (the rails). NICs hang on
// a leaf, leaves on all spines of their zone, zones on each other. There are as many PCIe switches
// as divide GPUs and NICs evenly: 8 GPUs and 32 NICs are 8 switches of one GPU and four rails; 8
// and 4 are 4 switches of two GPUs that share a rail. Every link is full duplex: two links here,
// numbered 2k and 2k+1, and numbered alike as links of a MaxMin or Fluid.
//
// Oversubscription is what the nodes of a full leaf can send over what the leaf can pass on; leaves
// are provisioned for all the nodes they have room for. A fault takes a share of a link's capacity,
// or of all links of a part; 0 is left of what failed.
//
// Routes. The cheapest way by hops (an NVLink hop counts half), as hardware and NCCL choose it:
// NVLink before PCIe, a GPU's own rails before others', others over NVLink before the host bridge.
// Equal ways are used together: a transfer is striped over rails evenly, and over spines by what
// each can pass, as packet spraying does (Shalev et al., A cloud-optimized transport protocol, IEEE
// Micro 2020). Spread::single takes one of them, by a hash of the ends and a key, as ECMP does.
//
// What is not known is refused by ModelError: zero nodes, types without NVIDIA GPUs (how NeuronLink
// is wired is not in the catalog), faults that name no part, GPUs that faults cut off. Figures that
// are not the catalog's are in data/topology.json. NVLink meshes (V100) are taken as switches.
//
//   const Topology t(*catalog.instance_type("p5.48xlarge"), *catalog.gpu("H100"), {.nodes = 4});
//   const Path path = t.path(t.gpu(0, 0), t.gpu(3, 0));
//   path.bandwidth; // 50 GB/s: four rails
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "libsim/base/units.hpp"
#include "models/catalog/gpu_spec.hpp"
#include "models/catalog/instance_type.hpp"
#include "models/network/max_min.hpp"

namespace windtunnel::network {

class Flows;

enum class Part { gpu, nvswitch, pcie, nic, leaf, spine, zone };
const char* to_string(Part); ///< "gpu"

/// cluster: nodes fill leaf after leaf; spread: each has a leaf of its own.
enum class Placement { cluster, spread };
enum class Spread { even, single };

/// A part ("node0/nic3", "spine2") or a link ("leaf0-spine1") and what share of it is left.
struct Fault {
  std::string name;
  double left = 0;
};

struct TopologyOptions {
  int nodes = 1;
  Placement placement = Placement::cluster;
  int zones = 1; ///< nodes are divided among them in order
  double oversubscription = 1, zone_oversubscription = 1;
  std::optional<int> nodes_per_leaf{}, spines{}; ///< of a zone; absent: data/topology.json
  std::vector<Fault> faults{};
};

/// What of its flow each link takes (a route for MaxMin), and the bandwidth of a flow alone.
struct Path {
  std::vector<LinkUse> uses;
  Bandwidth bandwidth{};
  std::uint32_t bottleneck = 0; ///< a link
};

class Topology {
public:
  struct Vertex {
    Part part;
    std::string name; ///< "node3/gpu2", "leaf0"
    int node;         ///< -1: of the fabric
  };
  struct Link {
    std::uint32_t from, to;
    Bandwidth nominal, capacity; ///< capacity: what faults leave
  };

  Topology(const catalog::InstanceType& type, const catalog::GpuSpec& gpu,
           const TopologyOptions& options);

  const std::vector<Vertex>& vertices() const { return vertices_; }
  const std::vector<Link>& links() const { return links_; }
  int nodes() const { return nodes_; }
  int gpus_per_node() const { return gpus_per_node_; }
  int nodes_per_leaf() const { return nodes_per_leaf_; }
  /// Whether the shape of the fabric is our assumption, not given.
  bool assumed() const { return assumed_; }
  std::uint32_t gpu(int node, int index) const;
  /// A part by name; throws ModelError when there is none.
  std::uint32_t vertex(const std::string& name) const;
  std::string link_name(std::uint32_t link) const; ///< "leaf0-spine1"

  /// From one part to another, usually GPUs. `key` tells flows of one pair apart for
  /// Spread::single.
  Path path(std::uint32_t from, std::uint32_t to, Spread spread = Spread::even,
            std::uint64_t key = 0) const;
  /// "node0/gpu0 > node0/pcie0 > 4 nics > leaf0 > ...": the parts by the order they are passed.
  std::string describe(std::uint32_t from, const Path& path) const;
  /// All links, in order, with their capacities, to one that has none yet.
  void add_links(MaxMin& to) const;
  void add_links(Flows& to) const;

  /// The graph in DOT, nodes as clusters, each link once with its bandwidth; failed ones dashed.
  std::string dot() const;

private:
  struct Graph; ///< Boost.Graph's
  friend class TopologyBuilder;
  /// The leaf that the node of a part hangs on; the part itself when it is of the fabric.
  std::uint32_t leaf_of(std::uint32_t vertex) const;

  std::shared_ptr<const Graph> graph_;
  std::vector<Vertex> vertices_;
  std::vector<Link> links_;
  std::vector<std::uint32_t> first_of_node_; ///< its GPU 0; the others follow
  std::vector<std::uint32_t> leaf_of_node_;
  int nodes_ = 0, gpus_per_node_ = 0, nodes_per_leaf_ = 0;
  bool assumed_ = false;
};

} // namespace windtunnel::network
