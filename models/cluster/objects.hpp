// Objects: the lists a cluster consists of, each in the order it was given.
#pragma once

#include <vector>

#include "models/cluster/node.hpp"
#include "models/cluster/pod.hpp"
#include "models/cluster/storage.hpp"
#include "models/cluster/workloads.hpp"

namespace windtunnel::cluster {

struct Objects {
  std::vector<Node> nodes;
  std::vector<Pod> pods;
  std::vector<Namespace> namespaces;
  std::vector<Service> services;
  std::vector<ReplicaController> replication_controllers;
  std::vector<ReplicaController> replica_sets;
  std::vector<ReplicaController> stateful_sets;
  std::vector<PodDisruptionBudget> disruption_budgets;
  std::vector<PersistentVolume> volumes;
  std::vector<PersistentVolumeClaim> claims;
  std::vector<StorageClass> storage_classes;
  std::vector<CsiNode> csi_nodes;
  std::vector<CsiDriver> csi_drivers;
  std::vector<CsiStorageCapacity> csi_capacities;
  std::vector<VolumeAttachment> attachments;
};

} // namespace windtunnel::cluster
