// VolumeZone: a volume labelled with a zone or region is reachable from there alone (nodes without
// such labels are not looked at; volumezone/volume_zone.go).
#include <algorithm>
#include <array>

#include "models/scheduling/plugins/plugins.hpp"
#include "models/scheduling/volume_claims.hpp"

namespace windtunnel::scheduling {
namespace {

constexpr const char* zone_label = "topology.kubernetes.io/zone";
constexpr const char* region_label = "topology.kubernetes.io/region";
constexpr const char* old_zone_label = "failure-domain.beta.kubernetes.io/zone";
constexpr const char* old_region_label = "failure-domain.beta.kubernetes.io/region";
constexpr std::array topology_labels{old_zone_label, old_region_label, zone_label, region_label};

struct Topology {
  std::string key;
  std::set<std::string> values;
};
using Topologies = std::vector<Topology>;

/// "a__b" to {a, b}; empty when a part is.
std::set<std::string> parts_of(const std::string& value) {
  std::set<std::string> parts;
  for (std::size_t begin = 0; begin <= value.size();) {
    const std::size_t end = std::min(value.find("__", begin), value.size());
    std::string part = value.substr(begin, end - begin);
    part.erase(0, std::min(part.find_first_not_of(' '), part.size()));
    part.erase(part.find_last_not_of(' ') + 1);
    if (part.empty()) return {};
    parts.insert(std::move(part));
    begin = end + 2;
  }
  return parts;
}

class VolumeZone : public Plugin {
public:
  std::string_view name() const override { return "VolumeZone"; }

  PreFilterAnswer pre_filter(const Snapshot& snapshot, const PodInfo& pod) const override {
    const auto refused = [](std::string reason) {
      PreFilterAnswer answer;
      answer.status = {Code::unschedulable_and_unresolvable, {std::move(reason)}};
      return answer;
    };
    Topologies topologies;
    for (const cluster::Volume& volume : pod.pod.volumes) {
      if (!volume.claim) continue;
      const auto* claim = snapshot.claim(pod.pod.meta.name_space, *volume.claim);
      if (!claim) return refused(claim_not_found(*volume.claim));
      if (claim->volume_name.empty()) {
        const std::string class_name = class_of(claim->meta, claim->storage_class);
        if (class_name.empty())
          return refused("PersistentVolumeClaim had no pv name and storageClass name");
        const auto* storage_class = snapshot.storage_class(class_name);
        if (!storage_class)
          return refused("storageclass.storage.k8s.io \"" + class_name + "\" not found");
        if (storage_class->wait_for_first_consumer) continue;
        return refused("PersistentVolume had no name");
      }
      const auto* bound = snapshot.volume(claim->volume_name);
      if (!bound) return refused("persistentvolume \"" + claim->volume_name + "\" not found");
      for (const char* key : topology_labels)
        if (const auto label = bound->meta.labels.find(key); label != bound->meta.labels.end())
          if (std::set<std::string> values = parts_of(label->second); !values.empty())
            topologies.push_back({key, std::move(values)});
    }
    if (topologies.empty()) return {.status = {Code::skip}};
    return {.state = std::make_unique<StateOf<Topologies>>(std::move(topologies))};
  }

  Status filter(const PluginState* state, const Snapshot&, const PodInfo&,
                const NodeInfo& node) const override {
    const cluster::Labels& labels = node.labels();
    if (std::none_of(topology_labels.begin(), topology_labels.end(),
                     [&](const char* key) { return labels.contains(key); }))
      return {};
    for (const Topology& topology : state_of<Topologies>(state)) {
      auto label = labels.find(topology.key);
      if (label == labels.end() && topology.key == old_zone_label) label = labels.find(zone_label);
      if (label == labels.end() && topology.key == old_region_label)
        label = labels.find(region_label);
      if (label == labels.end() || !topology.values.contains(label->second))
        return {Code::unschedulable_and_unresolvable, {"node(s) had no available volume zone"}};
    }
    return {};
  }
};

} // namespace

std::unique_ptr<Plugin> make_volume_zone() { return std::make_unique<VolumeZone>(); }

} // namespace windtunnel::scheduling
