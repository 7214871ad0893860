#include "models/scheduling/volume_claims.hpp"

#include <algorithm>

namespace windtunnel::scheduling {

std::optional<std::string> claim_name(const cluster::Pod& pod, const cluster::Volume& volume) {
  if (volume.claim) return volume.claim;
  if (volume.ephemeral) return pod.meta.name + "-" + volume.name;
  return std::nullopt;
}

std::string claim_not_found(const std::string& name) {
  return "persistentvolumeclaim \"" + name + "\" not found";
}

std::string foreign_claim(const cluster::Pod& pod, const cluster::Volume& volume,
                          const cluster::PersistentVolumeClaim& claim) {
  if (!volume.ephemeral) return "";
  const auto& owners = claim.meta.owner_references;
  if (std::any_of(owners.begin(), owners.end(), [&](const cluster::OwnerReference& owner) {
        return owner.controller && owner.uid == pod.meta.uid;
      }))
    return "";
  return "PVC " + claim.meta.key() + " was not created for pod " + pod.meta.key() +
         " (pod is not owner)";
}

std::string class_of(const cluster::ObjectMeta& meta, const std::string& storage_class) {
  const auto annotation = meta.annotations.find("volume.beta.kubernetes.io/storage-class");
  return annotation == meta.annotations.end() ? storage_class : annotation->second;
}

} // namespace windtunnel::scheduling
