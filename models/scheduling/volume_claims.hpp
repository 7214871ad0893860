// The claims behind a pod's volumes, as several plugins ask for them.
#pragma once

#include <optional>
#include <string>

#include "models/scheduling/snapshot.hpp"

namespace windtunnel::scheduling {

/// The claim's name: as it is given, or POD-VOLUME for an ephemeral volume; nullopt for others.
std::optional<std::string> claim_name(const cluster::Pod& pod, const cluster::Volume& volume);
std::string claim_not_found(const std::string& name);
/// An ephemeral volume whose claim somebody else made: the error, or empty.
std::string foreign_claim(const cluster::Pod& pod, const cluster::Volume& volume,
                          const cluster::PersistentVolumeClaim& claim);
/// The class a claim names, an old annotation going first.
std::string class_of(const cluster::ObjectMeta& meta, const std::string& storage_class);

} // namespace windtunnel::scheduling
