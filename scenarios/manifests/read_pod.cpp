#include <fmt/format.h>

#include "scenarios/manifests/read_objects.hpp"
#include "scenarios/manifests/readers_impl.hpp"

namespace windtunnel::scenarios {
namespace {

using json::Value;

cluster::TaintEffect read_effect(const Value& value) {
  const std::string text = value.text();
  if (text == "NoSchedule") return cluster::TaintEffect::no_schedule;
  if (text == "PreferNoSchedule") return cluster::TaintEffect::prefer_no_schedule;
  if (text == "NoExecute") return cluster::TaintEffect::no_execute;
  value.fail(
      fmt::format("unknown effect '{}'; there are NoSchedule, PreferNoSchedule, NoExecute", text));
}

/// One of two words; `fallback` when absent.
bool read_either(const Value& value, std::string_view yes, std::string_view no, bool fallback) {
  if (!value) return fallback;
  const std::string text = value.text();
  if (text != yes && text != no)
    value.fail(fmt::format("must be {} or {}, got '{}'", yes, no, text));
  return text == yes;
}

cluster::Container read_container(const Value& value) {
  cluster::Container container;
  container.name = value["name"].text();
  container.image = value["image"].text("");
  container.limits = read_resources(value["resources"]["limits"]);
  container.requests = read_resources(value["resources"]["requests"]);
  // As the API server does: who limits a resource and does not ask for it asks for the limit.
  container.requests.insert(container.limits.begin(), container.limits.end());
  container.restarts_always = value["restartPolicy"].text("") == "Always";
  for (const Value& port : value["ports"].elements())
    container.ports.push_back({.host_port = read_int32(port["hostPort"], 0, 0, 65535),
                               .protocol = port["protocol"].text("TCP"),
                               .host_ip = port["hostIP"].text("")});
  return container;
}

cluster::ContainerStatus read_container_status(const Value& value) {
  return {.name = value["name"].text(""),
          .has_resources = static_cast<bool>(value["resources"]),
          .requests = read_resources(value["resources"]["requests"]),
          .allocated_resources = read_resources(value["allocatedResources"])};
}

cluster::Toleration read_toleration(const Value& value) {
  cluster::Toleration toleration;
  toleration.key = value["key"].text("");
  toleration.exists = read_either(value["operator"], "Exists", "Equal", false);
  toleration.value = value["value"].text("");
  if (const Value effect = value["effect"]; effect && !effect.text().empty())
    toleration.effect = read_effect(effect);
  if (toleration.key.empty() && !toleration.exists)
    value.fail("a toleration without a key needs the operator Exists");
  return toleration;
}

cluster::PodAffinityTerm read_affinity_term(const Value& value) {
  cluster::PodAffinityTerm term;
  term.label_selector = read_label_selector(value["labelSelector"]);
  term.namespaces = read_texts(value["namespaces"]);
  term.namespace_selector = read_label_selector(value["namespaceSelector"]);
  term.topology_key = value["topologyKey"].text();
  return term;
}

constexpr const char* required = "requiredDuringSchedulingIgnoredDuringExecution";
constexpr const char* preferred = "preferredDuringSchedulingIgnoredDuringExecution";

cluster::PodAffinity read_affinity(const Value& value) {
  cluster::PodAffinity affinity;
  for (const Value& term : value[required].elements())
    affinity.required.push_back(read_affinity_term(term));
  for (const Value& weighted : value[preferred].elements())
    affinity.preferred.push_back({read_int32(weighted["weight"], 0, 1, 100),
                                  read_affinity_term(weighted["podAffinityTerm"])});
  return affinity;
}

cluster::TopologySpreadConstraint read_spread(const Value& value) {
  cluster::TopologySpreadConstraint constraint;
  constraint.max_skew = read_int32(value["maxSkew"], 0, 1);
  constraint.topology_key = value["topologyKey"].text();
  constraint.do_not_schedule =
      read_either(value["whenUnsatisfiable"], "DoNotSchedule", "ScheduleAnyway", true);
  constraint.label_selector = read_label_selector(value["labelSelector"]);
  constraint.match_label_keys = read_texts(value["matchLabelKeys"]);
  constraint.min_domains = read_int32(value["minDomains"], 1, 1);
  constraint.honor_node_affinity =
      read_either(value["nodeAffinityPolicy"], "Honor", "Ignore", true);
  constraint.honor_node_taints = read_either(value["nodeTaintsPolicy"], "Honor", "Ignore", false);
  return constraint;
}

std::optional<cluster::InTreeDisk> read_disk(const Value& volume) {
  using Kind = cluster::InTreeDisk::Kind;
  if (const Value disk = volume["gcePersistentDisk"])
    return cluster::InTreeDisk{.kind = Kind::gce_persistent_disk,
                               .id = disk["pdName"].text(),
                               .read_only = disk["readOnly"].boolean(false)};
  if (const Value disk = volume["awsElasticBlockStore"])
    return cluster::InTreeDisk{.kind = Kind::aws_elastic_block_store,
                               .id = disk["volumeID"].text()};
  if (const Value disk = volume["iscsi"])
    return cluster::InTreeDisk{.kind = Kind::iscsi,
                               .id = disk["iqn"].text(),
                               .read_only = disk["readOnly"].boolean(false)};
  if (const Value disk = volume["rbd"])
    return cluster::InTreeDisk{.kind = Kind::rbd,
                               .id = disk["pool"].text("rbd") + "/" + disk["image"].text(),
                               .monitors = read_texts(disk["monitors"]),
                               .read_only = disk["readOnly"].boolean(false)};
  return std::nullopt;
}

cluster::Volume read_volume(const Value& value) {
  cluster::Volume volume;
  volume.name = value["name"].text();
  if (const Value claim = value["persistentVolumeClaim"]) volume.claim = claim["claimName"].text();
  volume.ephemeral = static_cast<bool>(value["ephemeral"]);
  volume.disk = read_disk(value);
  return volume;
}

void read_spec(const Value& spec, cluster::Pod& pod) {
  for (const Value& container : spec["containers"].elements())
    pod.containers.push_back(read_container(container));
  for (const Value& container : spec["initContainers"].elements())
    pod.init_containers.push_back(read_container(container));
  pod.overhead = read_resources(spec["overhead"]);
  pod.pod_requests = read_resources(spec["resources"]["requests"]);
  pod.node_name = spec["nodeName"].text("");
  pod.scheduler_name = spec["schedulerName"].text("default-scheduler");
  pod.node_selector = read_labels(spec["nodeSelector"]);
  const Value node_affinity = spec["affinity"]["nodeAffinity"];
  pod.required_node_affinity = read_node_selector(node_affinity[required]);
  for (const Value& weighted : node_affinity[preferred].elements())
    pod.preferred_node_affinity.push_back({read_int32(weighted["weight"], 0, 1, 100),
                                           read_node_selector_term(weighted["preference"])});
  pod.affinity = read_affinity(spec["affinity"]["podAffinity"]);
  pod.anti_affinity = read_affinity(spec["affinity"]["podAntiAffinity"]);
  for (const Value& toleration : spec["tolerations"].elements())
    pod.tolerations.push_back(read_toleration(toleration));
  for (const Value& constraint : spec["topologySpreadConstraints"].elements())
    pod.topology_spread.push_back(read_spread(constraint));
  for (const Value& volume : spec["volumes"].elements()) pod.volumes.push_back(read_volume(volume));
  if (!spec["resourceClaims"].elements().empty())
    spec["resourceClaims"].fail("claims on devices (resourceClaims) are not modelled");
  pod.priority = read_int32(spec["priority"], 0);
  pod.preempts = read_either(spec["preemptionPolicy"], "PreemptLowerPriority", "Never", true);
  for (const Value& gate : spec["schedulingGates"].elements())
    pod.scheduling_gates.push_back(gate["name"].text());
}

void read_status(const Value& status, cluster::Pod& pod) {
  pod.phase = status["phase"].text("");
  if (const Value start = status["startTime"]) pod.start_time = read_instant(start);
  pod.nominated_node_name = status["nominatedNodeName"].text("");
  for (const Value& condition : status["conditions"].elements())
    pod.conditions.push_back({.type = condition["type"].text(),
                              .status = condition["status"].text(""),
                              .reason = condition["reason"].text("")});
  for (const char* list : {"containerStatuses", "initContainerStatuses"})
    for (const Value& container : status[list].elements())
      pod.container_statuses.push_back(read_container_status(container));
  if (status["resources"]) pod.pod_level_status = read_container_status(status);
}

} // namespace

cluster::Pod read_pod(const Value& object) {
  cluster::Pod pod;
  pod.meta = read_meta(object);
  if (pod.meta.name_space.empty()) pod.meta.name_space = "default";
  read_spec(object["spec"], pod);
  read_status(object["status"], pod);
  return pod;
}

cluster::Node read_node(const Value& object) {
  cluster::Node node;
  node.meta = read_meta(object);
  node.unschedulable = object["spec"]["unschedulable"].boolean(false);
  for (const Value& taint : object["spec"]["taints"].elements())
    node.taints.push_back(
        {taint["key"].text(), taint["value"].text(""), read_effect(taint["effect"])});
  const Value status = object["status"];
  node.capacity = read_resources(status["capacity"]);
  node.allocatable = read_resources(status["allocatable"]);
  for (const Value& image : status["images"].elements())
    node.images.push_back({read_texts(image["names"]), image["sizeBytes"].integer(0)});
  return node;
}

} // namespace windtunnel::scenarios
