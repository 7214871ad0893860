// Resources: amounts as kube-scheduler adds them up: CPU in thousandths, the rest in whole units.
//
// pod_resources() is what a pod takes of a node: the sum over containers and sidecars, or the peak
// of the init containers if that is more, replaced by what is asked for the pod as a whole, plus
// overhead. Of a running pod that is resized in place the larger of asked, promised and held counts
// (component-helpers/resource/helpers.go). Scores take an amount for containers that ask for none
// (100m CPU, 200 Mi), so that such pods spread too.
#pragma once

#include <cstdint>
#include <map>
#include <string>

#include "models/cluster/pod.hpp"
#include "models/cluster/quantity.hpp"

namespace windtunnel::scheduling {

/// Sums and products that wrap around, as Go's do, where a manifest asks for absurd amounts.
constexpr std::int64_t wrapping_add(std::int64_t a, std::int64_t b) {
  return static_cast<std::int64_t>(static_cast<std::uint64_t>(a) + static_cast<std::uint64_t>(b));
}
constexpr std::int64_t wrapping_subtract(std::int64_t a, std::int64_t b) {
  return static_cast<std::int64_t>(static_cast<std::uint64_t>(a) - static_cast<std::uint64_t>(b));
}
constexpr std::int64_t wrapping_multiply(std::int64_t a, std::int64_t b) {
  return static_cast<std::int64_t>(static_cast<std::uint64_t>(a) * static_cast<std::uint64_t>(b));
}

struct Resources {
  std::int64_t milli_cpu = 0;
  std::int64_t memory = 0;
  std::int64_t ephemeral_storage = 0;
  std::int64_t pods = 0;
  std::map<std::string, std::int64_t, std::less<>> scalars{}; ///< extended resources, huge pages

  void add(const cluster::ResourceList& list);
  void add(const Resources& other, int sign);
  std::int64_t scalar(const std::string& name) const;
};

struct RequestOptions {
  bool in_place_resizing = true;   ///< look at what containers hold
  bool pod_level = true;           ///< look at what is asked for the pod as a whole
  cluster::ResourceList missing{}; ///< taken for a container that asks for none
};
cluster::ResourceList pod_requests(const cluster::Pod& pod, const RequestOptions& options);

/// What containers that ask for nothing are taken to ask for in scores.
const cluster::ResourceList& scored_when_missing();

struct PodResources {
  Resources requests;
  std::int64_t scored_milli_cpu = 0; ///< with an amount where none is asked for
  std::int64_t scored_memory = 0;
};
PodResources pod_resources(const cluster::Pod& pod);

} // namespace windtunnel::scheduling
