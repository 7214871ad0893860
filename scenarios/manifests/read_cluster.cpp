#include "scenarios/manifests/read_cluster.hpp"

#include <fmt/format.h>

#include <functional>
#include <set>

#include "scenarios/manifests/read_objects.hpp"

namespace windtunnel::scenarios {
namespace {

using json::Value;

class ClusterReader {
public:
  ClusterReader() {
    cluster::Objects& o = result_.objects;
    add("Node", o.nodes, read_node);
    add("Pod", o.pods, read_pod);
    add("Namespace", o.namespaces, read_namespace);
    add("Service", o.services, read_service);
    add("ReplicationController", o.replication_controllers, read_replication_controller);
    add("ReplicaSet", o.replica_sets, read_replica_controller);
    add("StatefulSet", o.stateful_sets, read_replica_controller);
    add("PodDisruptionBudget", o.disruption_budgets, read_disruption_budget);
    add("PersistentVolume", o.volumes, read_persistent_volume);
    add("PersistentVolumeClaim", o.claims, read_persistent_volume_claim);
    add("StorageClass", o.storage_classes, read_storage_class);
    add("CSINode", o.csi_nodes, read_csi_node);
    add("CSIDriver", o.csi_drivers, read_csi_driver);
    add("CSIStorageCapacity", o.csi_capacities, read_csi_storage_capacity);
    add("VolumeAttachment", o.attachments, read_volume_attachment);
  }

  void read(const Value& value) {
    if (value.is_array()) {
      for (const Value& element : value.elements()) read(element);
      return;
    }
    const std::string kind = value["kind"].text();
    if (kind == "List" || kind.ends_with("List") || value["items"]) {
      for (const Value& item : value["items"].elements()) read(item);
      return;
    }
    const auto reader = readers_.find(kind);
    if (reader == readers_.end())
      ++result_.not_modelled[kind];
    else
      reader->second(value);
  }

  ReadCluster take() {
    std::erase_if(result_.objects.pods, [](const cluster::Pod& pod) {
      return pod.phase == "Succeeded" || pod.phase == "Failed";
    });
    return std::move(result_);
  }

private:
  template <class T> void add(const char* kind, std::vector<T>& list, T (*read_one)(const Value&)) {
    readers_[kind] = [this, kind, &list, read_one](const Value& value) {
      list.push_back(read_one(value));
      const std::string key = list.back().meta.key();
      if (!names_.insert(std::string(kind) + " " + key).second)
        value.fail(fmt::format("there is another {} {}", kind, key));
    };
  }

  ReadCluster result_;
  std::map<std::string, std::function<void(const Value&)>> readers_;
  std::set<std::string> names_;
};

} // namespace

ReadCluster read_cluster(const Value& root) {
  ClusterReader reader;
  reader.read(root);
  return reader.take();
}

} // namespace windtunnel::scenarios
