#include "scenarios/manifests/read_objects.hpp"

#include "scenarios/manifests/readers_impl.hpp"

namespace windtunnel::scenarios {
namespace {

using json::Value;

/// Where the kind lies in a namespace and the object does not say which: "default".
cluster::ObjectMeta read_namespaced_meta(const Value& object) {
  cluster::ObjectMeta meta = read_meta(object);
  if (meta.name_space.empty()) meta.name_space = "default";
  return meta;
}

std::optional<cluster::Quantity> read_optional_quantity(const Value& value) {
  if (!value) return std::nullopt;
  return read_quantity(value);
}

} // namespace

cluster::Namespace read_namespace(const Value& object) { return {read_meta(object)}; }

cluster::Service read_service(const Value& object) {
  cluster::Service service{.meta = read_namespaced_meta(object)};
  if (const Value selector = object["spec"]["selector"]) service.selector = read_labels(selector);
  return service;
}

cluster::ReplicaController read_replica_controller(const Value& object) {
  return {.meta = read_namespaced_meta(object),
          .selector = read_label_selector(object["spec"]["selector"])};
}

cluster::ReplicaController read_replication_controller(const Value& object) {
  cluster::ReplicaController controller{.meta = read_namespaced_meta(object)};
  if (const Value selector = object["spec"]["selector"])
    controller.selector = cluster::LabelSelector{read_labels(selector), {}};
  return controller;
}

cluster::PodDisruptionBudget read_disruption_budget(const Value& object) {
  cluster::PodDisruptionBudget budget{.meta = read_namespaced_meta(object)};
  budget.selector = read_label_selector(object["spec"]["selector"]);
  budget.disruptions_allowed = read_int32(object["status"]["disruptionsAllowed"], 0);
  for (const auto& [pod, since] : object["status"]["disruptedPods"].fields())
    budget.disrupted_pods.insert(pod);
  return budget;
}

cluster::PersistentVolume read_persistent_volume(const Value& object) {
  const Value spec = object["spec"];
  cluster::PersistentVolume volume{.meta = read_meta(object)};
  volume.capacity = read_quantity(spec["capacity"]["storage"]);
  volume.access_modes = read_texts(spec["accessModes"]);
  volume.storage_class = spec["storageClassName"].text("");
  volume.volume_mode = spec["volumeMode"].text("Filesystem");
  volume.volume_attributes_class = spec["volumeAttributesClassName"].text("");
  volume.node_affinity = read_node_selector(spec["nodeAffinity"]["required"]);
  if (const Value claim = spec["claimRef"])
    volume.claim = cluster::PersistentVolume::ClaimRef{claim["namespace"].text("default"),
                                                       claim["name"].text(), claim["uid"].text("")};
  volume.csi_driver = spec["csi"]["driver"].text("");
  volume.csi_volume_handle = spec["csi"]["volumeHandle"].text("");
  volume.phase = object["status"]["phase"].text("");
  return volume;
}

cluster::PersistentVolumeClaim read_persistent_volume_claim(const Value& object) {
  const Value spec = object["spec"];
  cluster::PersistentVolumeClaim claim{.meta = read_namespaced_meta(object)};
  claim.storage_class = spec["storageClassName"].text("");
  claim.access_modes = read_texts(spec["accessModes"]);
  claim.selector = read_label_selector(spec["selector"]);
  claim.request = read_optional_quantity(spec["resources"]["requests"]["storage"]);
  claim.volume_name = spec["volumeName"].text("");
  claim.volume_mode = spec["volumeMode"].text("Filesystem");
  claim.volume_attributes_class = spec["volumeAttributesClassName"].text("");
  claim.phase = object["status"]["phase"].text("");
  return claim;
}

cluster::StorageClass read_storage_class(const Value& object) {
  cluster::StorageClass storage_class{.meta = read_meta(object)};
  storage_class.provisioner = object["provisioner"].text("");
  const Value mode = object["volumeBindingMode"];
  const std::string text = mode.text("Immediate");
  if (text != "Immediate" && text != "WaitForFirstConsumer")
    mode.fail("must be Immediate or WaitForFirstConsumer, got '" + text + "'");
  storage_class.wait_for_first_consumer = text == "WaitForFirstConsumer";
  for (const Value& term : object["allowedTopologies"].elements()) {
    auto& expressions = storage_class.allowed_topologies.emplace_back();
    for (const Value& expression : term["matchLabelExpressions"].elements())
      expressions.emplace_back(expression["key"].text(), read_texts(expression["values"]));
  }
  return storage_class;
}

cluster::CsiNode read_csi_node(const Value& object) {
  cluster::CsiNode node{.meta = read_meta(object)};
  for (const Value& driver : object["spec"]["drivers"].elements()) {
    auto& entry = node.drivers.emplace_back();
    entry.name = driver["name"].text();
    if (const Value count = driver["allocatable"]["count"]) entry.count = read_int32(count, 0, 0);
  }
  return node;
}

cluster::CsiDriver read_csi_driver(const Value& object) {
  return {.meta = read_meta(object),
          .storage_capacity = object["spec"]["storageCapacity"].boolean(false)};
}

cluster::CsiStorageCapacity read_csi_storage_capacity(const Value& object) {
  cluster::CsiStorageCapacity capacity{.meta = read_namespaced_meta(object)};
  capacity.storage_class = object["storageClassName"].text();
  capacity.node_topology = read_label_selector(object["nodeTopology"]);
  capacity.capacity = read_optional_quantity(object["capacity"]);
  capacity.maximum_volume_size = read_optional_quantity(object["maximumVolumeSize"]);
  return capacity;
}

cluster::VolumeAttachment read_volume_attachment(const Value& object) {
  const Value spec = object["spec"];
  return {.meta = read_meta(object),
          .attacher = spec["attacher"].text(""),
          .node_name = spec["nodeName"].text(""),
          .persistent_volume = spec["source"]["persistentVolumeName"].text("")};
}

} // namespace windtunnel::scenarios
