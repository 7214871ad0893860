// Pod: what is asked for and where it may lie; the fields of v1.Pod that decisions depend on.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "models/cluster/node.hpp"
#include "models/cluster/object_meta.hpp"
#include "models/cluster/quantity.hpp"
#include "models/cluster/selectors.hpp"

namespace windtunnel::cluster {

struct ContainerPort {
  std::int32_t host_port = 0; ///< 0: none
  std::string protocol = "TCP";
  std::string host_ip = "0.0.0.0"; ///< all addresses
};

struct Container {
  std::string name;
  std::string image{};
  ResourceList requests{};
  ResourceList limits{};
  std::vector<ContainerPort> ports{};
  bool restarts_always = false; ///< of an init container: a sidecar
};

/// Resources of a running container as the kubelet reports them; in-place resizing looks at both.
struct ContainerStatus {
  std::string name;
  bool has_resources = false;
  ResourceList requests{};            ///< status.resources.requests: what it has
  ResourceList allocated_resources{}; ///< what was promised to it
};

struct Toleration {
  std::string key; ///< empty with `exists`: every key
  bool exists = false;
  std::string value{};
  std::optional<TaintEffect> effect{}; ///< absent: every effect

  bool tolerates(const Taint& taint) const {
    return (!effect || *effect == taint.effect) && (key.empty() || key == taint.key) &&
           (exists || value == taint.value);
  }
};

struct PreferredNodeTerm {
  std::int32_t weight = 0;
  NodeSelectorTerm term;
};

struct PodAffinityTerm {
  std::optional<LabelSelector> label_selector;
  std::vector<std::string> namespaces{};
  std::optional<LabelSelector> namespace_selector{};
  std::string topology_key{};
};

struct WeightedPodAffinityTerm {
  std::int32_t weight = 0;
  PodAffinityTerm term;
};

struct PodAffinity {
  std::vector<PodAffinityTerm> required;
  std::vector<WeightedPodAffinityTerm> preferred;
};

struct TopologySpreadConstraint {
  std::int32_t max_skew = 1;
  std::string topology_key;
  bool do_not_schedule = true; ///< else ScheduleAnyway
  std::optional<LabelSelector> label_selector{};
  std::vector<std::string> match_label_keys{};
  std::int32_t min_domains = 1;
  bool honor_node_affinity = true;
  bool honor_node_taints = false;
};

/// In-tree disks that two pods cannot mount on one node (VolumeRestrictions).
struct InTreeDisk {
  enum class Kind : std::uint8_t { gce_persistent_disk, aws_elastic_block_store, iscsi, rbd };
  Kind kind = Kind::gce_persistent_disk;
  std::string id;                      ///< disk, volume, IQN, or pool/image
  std::vector<std::string> monitors{}; ///< of RBD
  bool read_only = false;
};

struct Volume {
  std::string name;
  std::optional<std::string> claim{}; ///< persistentVolumeClaim.claimName
  bool ephemeral = false;             ///< the claim is POD-VOLUME and belongs to the pod
  std::optional<InTreeDisk> disk{};
};

struct PodCondition {
  std::string type;
  std::string status{};
  std::string reason{};
};

struct Pod {
  ObjectMeta meta;

  std::vector<Container> containers{};
  std::vector<Container> init_containers{};
  ResourceList overhead{};
  ResourceList pod_requests{}; ///< spec.resources.requests: of the pod as a whole
  std::string node_name{};
  std::string scheduler_name = "default-scheduler";
  Labels node_selector{};
  std::optional<NodeSelector> required_node_affinity{};
  std::vector<PreferredNodeTerm> preferred_node_affinity{};
  PodAffinity affinity{};
  PodAffinity anti_affinity{};
  std::vector<Toleration> tolerations{};
  std::vector<TopologySpreadConstraint> topology_spread{};
  std::vector<Volume> volumes{};
  std::int32_t priority = 0;
  bool preempts = true; ///< preemptionPolicy is not Never
  std::vector<std::string> scheduling_gates{};

  std::string phase{};
  std::optional<Instant> start_time{};
  std::string nominated_node_name{};
  std::vector<PodCondition> conditions{};
  std::vector<ContainerStatus> container_statuses{}; ///< init containers' too
  std::optional<ContainerStatus> pod_level_status{}; ///< status.resources of the pod
};

} // namespace windtunnel::cluster
