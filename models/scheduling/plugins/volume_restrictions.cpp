// VolumeRestrictions: a claim that only one pod may use (ReadWriteOncePod) and is in use keeps the
// pod off every node; an in-tree disk that cannot be mounted twice keeps it off nodes that use it.
#include <algorithm>

#include "models/scheduling/plugins/plugins.hpp"
#include "models/scheduling/volume_claims.hpp"

namespace windtunnel::scheduling {
namespace {

struct ExclusiveClaims {
  std::set<std::string> names;
  int uses = 0; ///< by other pods
};

bool exclude_each_other(const cluster::InTreeDisk& a, const cluster::InTreeDisk& b) {
  using Kind = cluster::InTreeDisk::Kind;
  if (a.kind != b.kind || a.id != b.id) return false;
  if (a.kind == Kind::aws_elastic_block_store) return true;
  if (a.kind == Kind::rbd && std::none_of(a.monitors.begin(), a.monitors.end(), [&](const auto& m) {
        return std::find(b.monitors.begin(), b.monitors.end(), m) != b.monitors.end();
      }))
    return false;
  return !(a.read_only && b.read_only);
}

bool uses_excluded_disk(const cluster::Volume& volume, const NodeInfo& node) {
  if (!volume.disk) return false;
  return std::any_of(node.pods.begin(), node.pods.end(), [&](const PodPtr& info) {
    const auto& others = info->pod.volumes;
    return std::any_of(others.begin(), others.end(), [&](const cluster::Volume& other) {
      return other.disk && exclude_each_other(*volume.disk, *other.disk);
    });
  });
}

class VolumeRestrictions : public Plugin {
public:
  std::string_view name() const override { return "VolumeRestrictions"; }

  PreFilterAnswer pre_filter(const Snapshot& snapshot, const PodInfo& pod) const override {
    bool has_disk = false;
    ExclusiveClaims exclusive;
    for (const cluster::Volume& volume : pod.pod.volumes) {
      has_disk = has_disk || volume.disk;
      if (!volume.claim) continue;
      const auto* claim = snapshot.claim(pod.pod.meta.name_space, *volume.claim);
      if (!claim)
        return {.status = {Code::unschedulable_and_unresolvable, {claim_not_found(*volume.claim)}}};
      const auto& modes = claim->access_modes;
      if (std::find(modes.begin(), modes.end(), "ReadWriteOncePod") != modes.end())
        exclusive.names.insert(claim->meta.name);
    }
    for (const std::string& name : exclusive.names)
      if (snapshot.claim_is_used(pod.pod.meta.name_space, name)) ++exclusive.uses;
    if (!has_disk && exclusive.uses == 0) return {.status = {Code::skip}};
    return {.state = std::make_unique<StateOf<ExclusiveClaims>>(std::move(exclusive))};
  }

  void update(PluginState& state, const PodInfo&, const TrialPod& trial) const override {
    auto& exclusive = state_of<ExclusiveClaims>(state);
    for (const cluster::Volume& volume : trial.pod.pod.volumes)
      if (volume.claim && exclusive.names.contains(*volume.claim)) exclusive.uses += trial.sign;
  }

  Status filter(const PluginState* state, const Snapshot&, const PodInfo& pod,
                const NodeInfo& node) const override {
    const auto& volumes = pod.pod.volumes;
    if (std::any_of(volumes.begin(), volumes.end(),
                    [&](const cluster::Volume& v) { return uses_excluded_disk(v, node); }))
      return {Code::unschedulable, {"node(s) had no available disk"}};
    if (state_of<ExclusiveClaims>(state).uses > 0)
      return {Code::unschedulable,
              {"node(s) unavailable due to PersistentVolumeClaim with ReadWriteOncePod access mode "
               "already in-use by another pod"}};
    return {};
  }
};

} // namespace

std::unique_ptr<Plugin> make_volume_restrictions() {
  return std::make_unique<VolumeRestrictions>();
}

} // namespace windtunnel::scheduling
