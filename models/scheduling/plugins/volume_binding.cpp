// VolumeBinding: bound claims must be reachable from the node; claims that wait for their first
// consumer must find a volume there, the smallest that is large enough, or a class that provisions
// one there (volumebinding/binder.go; component-helpers' FindMatchingVolume).
#include <algorithm>
#include <map>

#include "models/scheduling/plugins/plugins.hpp"
#include "models/scheduling/volume_claims.hpp"

namespace windtunnel::scheduling {
namespace {

using Claim = cluster::PersistentVolumeClaim;
using PersistentVolume = cluster::PersistentVolume;

struct PodClaims {
  std::vector<const Claim*> bound;
  std::vector<const Claim*> waiting; ///< for their first consumer
};

bool is_bound(const Claim& claim) {
  return !claim.volume_name.empty() &&
         claim.meta.annotations.contains("pv.kubernetes.io/bind-completed");
}

bool waits_for_consumer(const Snapshot& snapshot, const Claim& claim) {
  const auto* storage_class = snapshot.storage_class(class_of(claim.meta, claim.storage_class));
  return storage_class && storage_class->wait_for_first_consumer;
}

bool is_reachable(const PersistentVolume& volume, const NodeInfo& node) {
  // A PV's node affinity looks at labels alone.
  return !volume.node_affinity || volume.node_affinity->matches(node.name(), node.labels());
}

bool is_promised_to(const PersistentVolume& volume, const Claim& claim) {
  return volume.claim && volume.claim->name == claim.meta.name &&
         volume.claim->name_space == claim.meta.name_space &&
         (volume.claim->uid.empty() || volume.claim->uid == claim.meta.uid);
}

bool has_modes(const PersistentVolume& volume, const Claim& claim) {
  return std::all_of(claim.access_modes.begin(), claim.access_modes.end(),
                     [&](const std::string& mode) {
                       return std::find(volume.access_modes.begin(), volume.access_modes.end(),
                                        mode) != volume.access_modes.end();
                     });
}

/// The volume for the claim on this node; null when there is none.
const PersistentVolume* matching_volume(const Claim& claim,
                                        const std::vector<const PersistentVolume*>& volumes,
                                        const NodeInfo& node,
                                        const std::set<const PersistentVolume*>& taken) {
  const cluster::Quantity wanted = claim.request.value_or(cluster::Quantity());
  const PersistentVolume* smallest = nullptr;
  for (const PersistentVolume* volume : volumes) {
    const bool promised = is_promised_to(*volume, claim);
    if (taken.contains(volume) || (volume->claim && !promised) || volume->capacity < wanted ||
        volume->volume_mode != claim.volume_mode ||
        volume->volume_attributes_class != claim.volume_attributes_class || volume->meta.deleting)
      continue;
    const bool reachable = is_reachable(*volume, node);
    if (promised) return reachable ? volume : nullptr;
    if (volume->phase != "Available" || !reachable || !has_modes(*volume, claim) ||
        class_of(volume->meta, volume->storage_class) !=
            class_of(claim.meta, claim.storage_class) ||
        (claim.selector && !claim.selector->selector().matches(volume->meta.labels)))
      continue;
    if (!smallest || smallest->capacity > volume->capacity) smallest = volume;
  }
  return smallest;
}

bool allows_topology(const cluster::StorageClass& storage_class, const NodeInfo& node) {
  const auto& terms = storage_class.allowed_topologies;
  const auto term_matches = [&](const auto& term) {
    return !term.empty() && std::all_of(term.begin(), term.end(), [&](const auto& expression) {
      const auto label = node.labels().find(expression.first);
      return label != node.labels().end() &&
             std::find(expression.second.begin(), expression.second.end(), label->second) !=
                 expression.second.end();
    });
  };
  return terms.empty() || std::any_of(terms.begin(), terms.end(), term_matches);
}

bool has_capacity(const Snapshot& snapshot, const Claim& claim,
                  const cluster::StorageClass& storage_class, const NodeInfo& node) {
  const auto* driver = snapshot.csi_driver(storage_class.provisioner);
  if (!claim.request || !driver || !driver->storage_capacity) return true;
  const auto& capacities = snapshot.csi_capacities();
  return std::any_of(capacities.begin(), capacities.end(), [&](const auto& capacity) {
    const auto& most =
        capacity.maximum_volume_size ? capacity.maximum_volume_size : capacity.capacity;
    return capacity.storage_class == storage_class.meta.name && most &&
           most->value() >= claim.request->value() && capacity.node_topology &&
           capacity.node_topology->selector().matches(node.labels());
  });
}

class VolumeBinding : public Plugin {
public:
  std::string_view name() const override { return "VolumeBinding"; }

  PreFilterAnswer pre_filter(const Snapshot& snapshot, const PodInfo& pod) const override {
    const auto refused = [](std::string reason) {
      PreFilterAnswer answer;
      answer.status = {Code::unschedulable_and_unresolvable, {std::move(reason)}};
      return answer;
    };
    PodClaims claims;
    bool any = false, immediate = false;
    for (const cluster::Volume& volume : pod.pod.volumes) {
      const std::optional<std::string> name = claim_name(pod.pod, volume);
      if (!name) continue;
      any = true;
      const auto* claim = snapshot.claim(pod.pod.meta.name_space, *name);
      if (!claim)
        return refused(volume.ephemeral ? "waiting for ephemeral volume controller to create the "
                                          "persistentvolumeclaim \"" +
                                              *name + "\""
                                        : claim_not_found(*name));
      if (claim->phase == "Lost")
        return refused("persistentvolumeclaim \"" + *name +
                       "\" bound to non-existent persistentvolume \"" + claim->volume_name + "\"");
      if (claim->meta.deleting)
        return refused("persistentvolumeclaim \"" + *name + "\" is being deleted");
      if (std::string error = foreign_claim(pod.pod, volume, *claim); !error.empty())
        return refused(std::move(error));
      if (is_bound(*claim))
        claims.bound.push_back(claim);
      else if (claim->volume_name.empty() && waits_for_consumer(snapshot, *claim))
        claims.waiting.push_back(claim);
      else
        immediate = true;
    }
    if (!any) return {.status = {Code::skip}};
    if (immediate) return refused("pod has unbound immediate PersistentVolumeClaims");
    return {.state = std::make_unique<StateOf<PodClaims>>(std::move(claims))};
  }

  Status filter(const PluginState* state, const Snapshot& snapshot, const PodInfo&,
                const NodeInfo& node) const override {
    const PodClaims& claims = state_of<PodClaims>(state);
    Status status;
    const auto refused = [&](const char* reason) {
      status.code = Code::unschedulable_and_unresolvable;
      status.reasons.emplace_back(reason);
    };
    const char* missing = nullptr;
    for (const Claim* claim : claims.bound) {
      const auto* volume = snapshot.volume(claim->volume_name);
      if (!volume) {
        missing = "node(s) unavailable due to one or more pvc(s) bound to non-existent pv(s)";
        break;
      }
      if (is_reachable(*volume, node)) continue;
      refused("node(s) didn't match PersistentVolume's node affinity");
      break;
    }
    switch (find(snapshot, claims.waiting, node)) {
    case Found::all:
      break;
    case Found::no_volume:
      refused("node(s) didn't find available persistent volumes to bind");
      break;
    case Found::no_space:
      refused("node(s) did not have enough free storage");
      break;
    case Found::contradiction:
      return {Code::error, {"no storage class for a claim"}};
    }
    if (missing) refused(missing);
    return status;
  }

private:
  enum class Found : std::uint8_t { all, no_volume, no_space, contradiction };

  static Found find(const Snapshot& snapshot, const std::vector<const Claim*>& waiting,
                    const NodeInfo& node) {
    std::vector<const Claim*> to_match, to_provision;
    for (const Claim* claim : waiting) {
      const auto selected = claim->meta.annotations.find("volume.kubernetes.io/selected-node");
      if (selected == claim->meta.annotations.end())
        to_match.push_back(claim);
      else if (selected->second != node.name())
        return Found::no_volume;
      else
        to_provision.push_back(claim);
    }
    std::stable_sort(to_match.begin(), to_match.end(), [](const Claim* a, const Claim* b) {
      return a->request.value_or(cluster::Quantity()) < b->request.value_or(cluster::Quantity());
    });
    std::set<const PersistentVolume*> taken;
    for (const Claim* claim : to_match) {
      std::vector<const PersistentVolume*> volumes;
      for (const PersistentVolume& volume : snapshot.volumes())
        if (class_of(volume.meta, volume.storage_class) ==
            class_of(claim->meta, claim->storage_class))
          volumes.push_back(&volume);
      if (const auto* volume = matching_volume(*claim, volumes, node, taken))
        taken.insert(volume);
      else
        to_provision.push_back(claim);
    }
    for (const Claim* claim : to_provision) {
      const auto* storage_class =
          snapshot.storage_class(class_of(claim->meta, claim->storage_class));
      if (!storage_class) return Found::contradiction;
      if (storage_class->provisioner.empty() ||
          storage_class->provisioner == "kubernetes.io/no-provisioner" ||
          !allows_topology(*storage_class, node))
        return Found::no_volume;
      if (!has_capacity(snapshot, *claim, *storage_class, node)) return Found::no_space;
    }
    return Found::all;
  }
};

} // namespace

std::unique_ptr<Plugin> make_volume_binding() { return std::make_unique<VolumeBinding>(); }

} // namespace windtunnel::scheduling
