#include "models/scheduling/snapshot.hpp"

#include <algorithm>

namespace windtunnel::scheduling {
namespace {

AffinityTerm compiled(const cluster::PodAffinityTerm& term, const std::string& name_space) {
  AffinityTerm result;
  result.selector = cluster::selector_of(term.label_selector);
  result.namespace_selector = cluster::selector_of(term.namespace_selector);
  result.topology_key = term.topology_key;
  result.namespaces.insert(term.namespaces.begin(), term.namespaces.end());
  if (term.namespaces.empty() && !term.namespace_selector) result.namespaces.insert(name_space);
  return result;
}

void compile(const cluster::PodAffinity& affinity, const std::string& name_space,
             std::vector<AffinityTerm>& required, std::vector<WeightedAffinityTerm>& preferred) {
  for (const cluster::PodAffinityTerm& term : affinity.required)
    required.push_back(compiled(term, name_space));
  for (const cluster::WeightedPodAffinityTerm& weighted : affinity.preferred)
    preferred.push_back({weighted.weight, compiled(weighted.term, name_space)});
}

std::vector<cluster::ContainerPort> host_ports_of(const cluster::Pod& pod) {
  std::vector<cluster::ContainerPort> ports;
  const auto collect = [&](const cluster::Container& container) {
    std::copy_if(container.ports.begin(), container.ports.end(), std::back_inserter(ports),
                 [](const cluster::ContainerPort& port) { return port.host_port > 0; });
  };
  for (const cluster::Container& container : pod.init_containers)
    if (container.restarts_always) collect(container);
  for (const cluster::Container& container : pod.containers) collect(container);
  return ports;
}

const std::string& label(const cluster::Labels& labels, const char* older, const char* newer) {
  static const std::string none;
  for (const char* key : {older, newer})
    if (const auto found = labels.find(key); found != labels.end()) return found->second;
  return none;
}

/// Nodes of the zones in turn; zones in the order they first appear.
std::vector<cluster::Node> by_zones_in_turn(std::vector<cluster::Node> nodes) {
  std::vector<std::vector<cluster::Node>> zones;
  std::map<std::pair<std::string, std::string>, std::size_t> index;
  const std::size_t count = nodes.size();
  for (cluster::Node& node : nodes) {
    const cluster::Labels& labels = node.meta.labels;
    const std::pair key(
        label(labels, "failure-domain.beta.kubernetes.io/region", "topology.kubernetes.io/region"),
        label(labels, "failure-domain.beta.kubernetes.io/zone", "topology.kubernetes.io/zone"));
    const auto [place, added] = index.try_emplace(key, zones.size());
    if (added) zones.emplace_back();
    zones[place->second].push_back(std::move(node));
  }
  std::vector<cluster::Node> ordered;
  ordered.reserve(count);
  for (std::size_t turn = 0; ordered.size() < count; ++turn)
    for (std::vector<cluster::Node>& zone : zones)
      if (turn < zone.size()) ordered.push_back(std::move(zone[turn]));
  return ordered;
}

template <class T>
void index_by_key(const std::vector<T>& objects, std::unordered_map<std::string, const T*>& index) {
  for (const T& object : objects) index.emplace(object.meta.key(), &object);
}

template <class T>
const T* found(const std::unordered_map<std::string, const T*>& index, const std::string& key) {
  const auto place = index.find(key);
  return place == index.end() ? nullptr : place->second;
}

} // namespace

bool AffinityTerm::matches(const cluster::Pod& pod, const cluster::Labels* namespace_labels) const {
  static const cluster::Labels none;
  return (namespaces.contains(pod.meta.name_space) ||
          namespace_selector.matches(namespace_labels ? *namespace_labels : none)) &&
         selector.matches(pod.meta.labels);
}

PodInfo::PodInfo(cluster::Pod p)
    : pod(std::move(p)), resources(pod_resources(pod)), host_ports(host_ports_of(pod)) {
  compile(pod.affinity, pod.meta.name_space, required_affinity, preferred_affinity);
  compile(pod.anti_affinity, pod.meta.name_space, required_anti_affinity, preferred_anti_affinity);
}

HostPort host_port(const cluster::ContainerPort& port) {
  return {port.host_ip.empty() ? "0.0.0.0" : port.host_ip,
          port.protocol.empty() ? "TCP" : port.protocol, port.host_port};
}

NodeInfo::NodeInfo(std::shared_ptr<const cluster::Node> n) : node(std::move(n)) {
  allocatable.add(node->allocatable);
}

void NodeInfo::account(const PodInfo& pod, int sign) {
  requested.add(pod.resources.requests, sign);
  const auto raise = [sign](std::int64_t& amount, std::int64_t by) {
    amount = wrapping_add(amount, wrapping_multiply(sign, by));
  };
  raise(scored_milli_cpu, pod.resources.scored_milli_cpu);
  raise(scored_memory, pod.resources.scored_memory);
  for (const cluster::ContainerPort& port : pod.host_ports) {
    if (sign > 0)
      used_ports.insert(host_port(port));
    else
      used_ports.erase(host_port(port));
  }
}

void NodeInfo::add(PodPtr pod) {
  account(*pod, 1);
  pods.push_back(std::move(pod));
}

void NodeInfo::remove(const std::string& pod_key) {
  const auto place = std::find_if(
      pods.begin(), pods.end(), [&](const PodPtr& pod) { return pod->pod.meta.key() == pod_key; });
  if (place == pods.end()) return;
  account(**place, -1);
  *place = std::move(pods.back());
  pods.pop_back();
}

Snapshot::Snapshot(cluster::Objects objects) : objects_(std::move(objects)) {
  for (const cluster::Node& node : objects_.nodes)
    for (const cluster::ContainerImage& image : node.images)
      for (const std::string& name : image.names) {
        ImageState& state =
            images_.try_emplace(name, ImageState{image.size_bytes, {}}).first->second;
        state.nodes.insert(node.meta.name);
      }
  for (cluster::Node& node : by_zones_in_turn(std::move(objects_.nodes))) {
    node_index_.emplace(node.meta.name, nodes_.size());
    nodes_.emplace_back(std::make_shared<const cluster::Node>(std::move(node)));
  }
  for (cluster::Pod& pod : objects_.pods) {
    const std::string node_name = pod.node_name;
    if (!node_name.empty()) bind(std::make_shared<const PodInfo>(std::move(pod)), node_name);
  }
  objects_.nodes.clear();
  objects_.pods.clear();
  index_by_key(objects_.namespaces, namespaces_);
  index_by_key(objects_.volumes, volumes_);
  index_by_key(objects_.claims, claims_);
  index_by_key(objects_.storage_classes, storage_classes_);
  index_by_key(objects_.csi_nodes, csi_nodes_);
  index_by_key(objects_.csi_drivers, csi_drivers_);
}

const NodeInfo* Snapshot::node(const std::string& name) const {
  const auto place = node_index_.find(name);
  return place == node_index_.end() ? nullptr : &nodes_[place->second];
}

std::optional<std::size_t> Snapshot::index_of(const std::string& node_name) const {
  const auto place = node_index_.find(node_name);
  if (place == node_index_.end()) return std::nullopt;
  return place->second;
}

const std::vector<PodPtr>& Snapshot::nominated(const std::string& node_name) const {
  static const std::vector<PodPtr> none;
  const auto place = nominated_.find(node_name);
  return place == nominated_.end() ? none : place->second;
}

void Snapshot::bind(PodPtr pod, const std::string& node_name) {
  const auto place = node_index_.find(node_name);
  if (place != node_index_.end()) nodes_[place->second].add(std::move(pod));
}

void Snapshot::nominate(PodPtr pod, const std::string& node_name) {
  nominated_[node_name].push_back(std::move(pod));
}

const cluster::Labels* Snapshot::namespace_labels(const std::string& name) const {
  const cluster::Namespace* const object = found(namespaces_, name);
  return object ? &object->meta.labels : nullptr;
}

const cluster::ReplicaController* Snapshot::controller(const cluster::OwnerReference& owner,
                                                       const std::string& name_space) const {
  const std::vector<cluster::ReplicaController>* list = nullptr;
  if (owner.api_version == "v1" && owner.kind == "ReplicationController")
    list = &objects_.replication_controllers;
  else if (owner.api_version == "apps/v1" && owner.kind == "ReplicaSet")
    list = &objects_.replica_sets;
  else if (owner.api_version == "apps/v1" && owner.kind == "StatefulSet")
    list = &objects_.stateful_sets;
  if (!list) return nullptr;
  const auto place = std::find_if(list->begin(), list->end(), [&](const auto& object) {
    return object.meta.name == owner.name && object.meta.name_space == name_space;
  });
  return place == list->end() ? nullptr : &*place;
}

const cluster::PersistentVolume* Snapshot::volume(const std::string& name) const {
  return found(volumes_, name);
}
const cluster::PersistentVolumeClaim* Snapshot::claim(const std::string& name_space,
                                                      const std::string& name) const {
  return found(claims_, name_space + "/" + name);
}
const cluster::StorageClass* Snapshot::storage_class(const std::string& name) const {
  return found(storage_classes_, name);
}
const cluster::CsiNode* Snapshot::csi_node(const std::string& name) const {
  return found(csi_nodes_, name);
}
const cluster::CsiDriver* Snapshot::csi_driver(const std::string& name) const {
  return found(csi_drivers_, name);
}

bool Snapshot::claim_is_used(const std::string& name_space, const std::string& name) const {
  const auto uses = [&](const PodPtr& info) {
    const cluster::Pod& pod = info->pod;
    return pod.meta.name_space == name_space &&
           std::any_of(pod.volumes.begin(), pod.volumes.end(),
                       [&](const cluster::Volume& volume) { return volume.claim == name; });
  };
  return std::any_of(nodes_.begin(), nodes_.end(), [&](const NodeInfo& node) {
    return std::any_of(node.pods.begin(), node.pods.end(), uses);
  });
}

} // namespace windtunnel::scheduling
