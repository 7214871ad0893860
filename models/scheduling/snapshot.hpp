// Snapshot: the cluster as one scheduling attempt sees it: nodes with the pods on them and what
// these take, nominated pods, and the objects that decisions look up.
//
// Nodes stand in kube-scheduler's order, which is not the order they were added in: zone by zone in
// turn, the first node of each, then the second of each (backend/cache/node_tree.go). Pods on a
// node stand in the order they were added, and a pod that is removed leaves its place to the last
// one.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <tuple>
#include <unordered_map>
#include <vector>

#include "models/cluster/objects.hpp"
#include "models/scheduling/resources.hpp"

namespace windtunnel::scheduling {

/// A pod (anti-)affinity term, ready to match pods.
struct AffinityTerm {
  std::set<std::string, std::less<>> namespaces;
  cluster::Selector selector;
  cluster::Selector namespace_selector;
  std::string topology_key;

  /// `namespace_labels`: of the pod's namespace; null where the selector was resolved to names.
  bool matches(const cluster::Pod& pod, const cluster::Labels* namespace_labels) const;
};

struct WeightedAffinityTerm {
  std::int32_t weight = 0;
  AffinityTerm term;
};

/// A pod with what is derived from it once.
struct PodInfo {
  explicit PodInfo(cluster::Pod pod);

  cluster::Pod pod;
  PodResources resources;
  std::vector<cluster::ContainerPort> host_ports;
  std::vector<AffinityTerm> required_affinity;
  std::vector<AffinityTerm> required_anti_affinity;
  std::vector<WeightedAffinityTerm> preferred_affinity;
  std::vector<WeightedAffinityTerm> preferred_anti_affinity;

  bool has_affinity() const {
    return !required_affinity.empty() || !required_anti_affinity.empty() ||
           !preferred_affinity.empty() || !preferred_anti_affinity.empty();
  }
};
using PodPtr = std::shared_ptr<const PodInfo>;

/// (address, protocol, port)
using HostPort = std::tuple<std::string, std::string, std::int32_t>;
HostPort host_port(const cluster::ContainerPort& port);

struct NodeInfo {
  explicit NodeInfo(std::shared_ptr<const cluster::Node> node);

  void add(PodPtr pod);
  void remove(const std::string& pod_key);

  const std::string& name() const { return node->meta.name; }
  const cluster::Labels& labels() const { return node->meta.labels; }

  std::shared_ptr<const cluster::Node> node;
  std::vector<PodPtr> pods;
  Resources allocatable;
  Resources requested;
  std::int64_t scored_milli_cpu = 0;
  std::int64_t scored_memory = 0;
  std::set<HostPort> used_ports;

private:
  void account(const PodInfo& pod, int sign);
};

struct ImageState {
  std::int64_t size_bytes = 0; ///< as the first node that has it reports
  std::set<std::string, std::less<>> nodes;
};

class Snapshot {
public:
  /// Pods with a node name lie there; the others are not looked at.
  explicit Snapshot(cluster::Objects objects);
  Snapshot(Snapshot&&) = default;
  Snapshot& operator=(Snapshot&&) = default;

  const std::vector<NodeInfo>& nodes() const { return nodes_; }
  const NodeInfo* node(const std::string& name) const;
  const std::map<std::string, ImageState, std::less<>>& images() const { return images_; }
  /// Pods that other pods were evicted for on this node, in the order they were nominated.
  const std::vector<PodPtr>& nominated(const std::string& node_name) const;

  void bind(PodPtr pod, const std::string& node_name);
  void nominate(PodPtr pod, const std::string& node_name);

  const cluster::Labels* namespace_labels(const std::string& name) const; ///< null: no such
  const std::vector<cluster::Namespace>& namespaces() const { return objects_.namespaces; }
  const std::vector<cluster::Service>& services() const { return objects_.services; }
  const std::vector<cluster::PodDisruptionBudget>& disruption_budgets() const {
    return objects_.disruption_budgets;
  }
  const std::vector<cluster::PersistentVolume>& volumes() const { return objects_.volumes; }
  const std::vector<cluster::VolumeAttachment>& attachments() const { return objects_.attachments; }
  const std::vector<cluster::CsiStorageCapacity>& csi_capacities() const {
    return objects_.csi_capacities;
  }
  /// The objects of that name; null when there are none.
  const cluster::ReplicaController* controller(const cluster::OwnerReference& owner,
                                               const std::string& name_space) const;
  const cluster::PersistentVolume* volume(const std::string& name) const;
  const cluster::PersistentVolumeClaim* claim(const std::string& name_space,
                                              const std::string& name) const;
  const cluster::StorageClass* storage_class(const std::string& name) const;
  const cluster::CsiNode* csi_node(const std::string& name) const;
  const cluster::CsiDriver* csi_driver(const std::string& name) const;
  bool claim_is_used(const std::string& name_space, const std::string& name) const;

private:
  template <class T> using Index = std::unordered_map<std::string, const T*>;

  cluster::Objects objects_; // without nodes and pods
  std::vector<NodeInfo> nodes_;
  std::unordered_map<std::string, std::size_t> node_index_;
  std::map<std::string, std::vector<PodPtr>, std::less<>> nominated_;
  std::map<std::string, ImageState, std::less<>> images_;
  Index<cluster::Namespace> namespaces_;
  Index<cluster::PersistentVolume> volumes_;
  Index<cluster::PersistentVolumeClaim> claims_;
  Index<cluster::StorageClass> storage_classes_;
  Index<cluster::CsiNode> csi_nodes_;
  Index<cluster::CsiDriver> csi_drivers_;
};

} // namespace windtunnel::scheduling
