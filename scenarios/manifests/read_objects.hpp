// Kubernetes objects to the plain types of models/cluster/: the one place that knows their JSON.
//
// Objects are read as the API server stores them: what it defaults is written out, or has here the
// default it gives. A value of the wrong type, an unknown operator, effect or quantity throws
// InputError with its JSON pointer. Fields that no decision looks at are not read.
#pragma once

#include "libsim/json/value.hpp"
#include "models/cluster/objects.hpp"

namespace windtunnel::scenarios {

cluster::Pod read_pod(const json::Value& object);
cluster::Node read_node(const json::Value& object);
cluster::Namespace read_namespace(const json::Value& object);
cluster::Service read_service(const json::Value& object);
/// A ReplicaSet or StatefulSet.
cluster::ReplicaController read_replica_controller(const json::Value& object);
/// Its selector is a plain map of labels.
cluster::ReplicaController read_replication_controller(const json::Value& object);
cluster::PodDisruptionBudget read_disruption_budget(const json::Value& object);
cluster::PersistentVolume read_persistent_volume(const json::Value& object);
cluster::PersistentVolumeClaim read_persistent_volume_claim(const json::Value& object);
cluster::StorageClass read_storage_class(const json::Value& object);
cluster::CsiNode read_csi_node(const json::Value& object);
cluster::CsiDriver read_csi_driver(const json::Value& object);
cluster::CsiStorageCapacity read_csi_storage_capacity(const json::Value& object);
cluster::VolumeAttachment read_volume_attachment(const json::Value& object);

} // namespace windtunnel::scenarios
