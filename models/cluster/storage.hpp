// Volumes, claims on them, and how many of them a node can attach.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "models/cluster/object_meta.hpp"
#include "models/cluster/quantity.hpp"
#include "models/cluster/selectors.hpp"

namespace windtunnel::cluster {

struct PersistentVolume {
  ObjectMeta meta;
  Quantity capacity{}; ///< of storage
  std::vector<std::string> access_modes{};
  std::string storage_class{};
  std::string volume_mode = "Filesystem";
  std::string volume_attributes_class{};
  std::optional<NodeSelector> node_affinity{}; ///< required
  struct ClaimRef {
    std::string name_space;
    std::string name;
    std::string uid;
  };
  std::optional<ClaimRef> claim{};
  std::string csi_driver{}; ///< empty: no CSI volume
  std::string csi_volume_handle{};
  std::string phase{};
};

struct PersistentVolumeClaim {
  ObjectMeta meta;
  std::string storage_class{};
  std::vector<std::string> access_modes{};
  std::optional<LabelSelector> selector{};
  std::optional<Quantity> request{}; ///< of storage
  std::string volume_name{};
  std::string volume_mode = "Filesystem";
  std::string volume_attributes_class{};
  std::string phase{};
};

struct StorageClass {
  ObjectMeta meta;
  std::string provisioner{};
  bool wait_for_first_consumer = false; ///< volumeBindingMode; else Immediate
  /// Alternatives, each a conjunction of (label, values).
  std::vector<std::vector<std::pair<std::string, std::vector<std::string>>>> allowed_topologies{};
};

struct CsiNode {
  ObjectMeta meta; ///< named as its node
  struct Driver {
    std::string name;
    std::optional<std::int32_t> count{}; ///< allocatable; absent: no limit
  };
  std::vector<Driver> drivers{};
};

struct CsiDriver {
  ObjectMeta meta;
  bool storage_capacity = false;
};

struct CsiStorageCapacity {
  ObjectMeta meta;
  std::string storage_class{};
  std::optional<LabelSelector> node_topology{};
  std::optional<Quantity> capacity{};
  std::optional<Quantity> maximum_volume_size{};
};

struct VolumeAttachment {
  ObjectMeta meta;
  std::string attacher{};
  std::string node_name{};
  std::string persistent_volume{};
};

} // namespace windtunnel::cluster
