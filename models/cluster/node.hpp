// Node: what a kubelet offers, and taints, which keep pods away unless they tolerate them.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "models/cluster/object_meta.hpp"
#include "models/cluster/quantity.hpp"

namespace windtunnel::cluster {

enum class TaintEffect : std::uint8_t { no_schedule, prefer_no_schedule, no_execute };

struct Taint {
  std::string key;
  std::string value;
  TaintEffect effect = TaintEffect::no_schedule;
};

struct ContainerImage {
  std::vector<std::string> names;
  std::int64_t size_bytes = 0;
};

struct Node {
  ObjectMeta meta;
  bool unschedulable = false;
  std::vector<Taint> taints;
  ResourceList capacity;
  ResourceList allocatable;
  std::vector<ContainerImage> images;
};

} // namespace windtunnel::cluster
