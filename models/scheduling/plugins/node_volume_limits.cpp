// NodeVolumeLimits: a node attaches no more volumes of a CSI driver than its CSINode says. Attached
// are those of its pods, and those its VolumeAttachments name beyond them; a volume counts once,
// however many pods use it (nodevolumelimits/csi.go).
#include <algorithm>
#include <map>

#include "models/scheduling/plugins/plugins.hpp"
#include "models/scheduling/volume_claims.hpp"

namespace windtunnel::scheduling {
namespace {

using Volumes = std::map<std::string, std::string>; ///< unique name -> driver

/// (driver, handle); either empty when the claim leads to no CSI volume.
std::pair<std::string, std::string> csi_volume(const Snapshot& snapshot,
                                               const cluster::PersistentVolumeClaim& claim) {
  if (const auto* volume = claim.volume_name.empty() ? nullptr : snapshot.volume(claim.volume_name))
    return {volume->csi_driver, volume->csi_volume_handle};
  const auto* storage_class = snapshot.storage_class(class_of(claim.meta, claim.storage_class));
  if (!storage_class) return {};
  return {storage_class->provisioner, "to be provisioned for " + claim.meta.key()};
}

/// Adds the pod's volumes; false when a claim is missing (which matters of the new pod alone).
Status collect(const Snapshot& snapshot, const cluster::Pod& pod, bool is_new, Volumes& volumes) {
  for (const cluster::Volume& volume : pod.volumes) {
    const std::optional<std::string> name = claim_name(pod, volume);
    if (!name) continue;
    const auto* claim = snapshot.claim(pod.meta.name_space, *name);
    if (!claim) {
      if (!is_new) continue;
      return {
          Code::unschedulable_and_unresolvable,
          {"looking up PVC " + pod.meta.name_space + "/" + *name + ": " + claim_not_found(*name)}};
    }
    if (const std::string error = foreign_claim(pod, volume, *claim); !error.empty())
      return {Code::error, {error}};
    const auto [driver, handle] = csi_volume(snapshot, *claim);
    if (!driver.empty() && !handle.empty()) volumes[driver + "/" + handle] = driver;
  }
  return {};
}

class NodeVolumeLimits : public Plugin {
public:
  std::string_view name() const override { return "NodeVolumeLimits"; }

  PreFilterAnswer pre_filter(const Snapshot&, const PodInfo& pod) const override {
    const auto& volumes = pod.pod.volumes;
    if (std::any_of(volumes.begin(), volumes.end(),
                    [](const cluster::Volume& v) { return v.claim || v.ephemeral; }))
      return {};
    return {.status = {Code::skip}};
  }

  Status filter(const PluginState*, const Snapshot& snapshot, const PodInfo& pod,
                const NodeInfo& node) const override {
    Volumes wanted;
    if (Status status = collect(snapshot, pod.pod, true, wanted); !status.ok()) return status;
    if (wanted.empty()) return {};
    std::map<std::string, std::int64_t> limits;
    if (const auto* csi_node = snapshot.csi_node(node.name()))
      for (const cluster::CsiNode::Driver& driver : csi_node->drivers)
        if (driver.count) limits[driver.name] = *driver.count;
    if (limits.empty()) return {};

    Volumes attached;
    for (const PodPtr& other : node.pods)
      if (Status status = collect(snapshot, other->pod, false, attached); !status.ok())
        return status;
    std::map<std::string, std::int64_t> counts;
    for (const auto& [volume, driver] : attached) {
      wanted.erase(volume);
      ++counts[driver];
    }
    for (const auto& [volume, driver] : attachments(snapshot, node.name()))
      if (!attached.contains(volume)) ++counts[driver];
    std::map<std::string, std::int64_t> more;
    for (const auto& [volume, driver] : wanted) ++more[driver];
    for (const auto& [driver, count] : more)
      if (const auto limit = limits.find(driver);
          limit != limits.end() && counts[driver] + count > limit->second)
        return {Code::unschedulable, {"node(s) exceed max volume count"}};
    return {};
  }

private:
  static Volumes attachments(const Snapshot& snapshot, const std::string& node_name) {
    Volumes volumes;
    for (const cluster::VolumeAttachment& attachment : snapshot.attachments()) {
      if (attachment.node_name != node_name || attachment.attacher.empty()) continue;
      const auto* volume = snapshot.volume(attachment.persistent_volume);
      if (volume && !volume->csi_driver.empty())
        volumes[attachment.attacher + "/" + volume->csi_volume_handle] = attachment.attacher;
    }
    return volumes;
  }
};

} // namespace

std::unique_ptr<Plugin> make_node_volume_limits() { return std::make_unique<NodeVolumeLimits>(); }

} // namespace windtunnel::scheduling
