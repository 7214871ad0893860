#include "models/scheduling/resources.hpp"

#include <algorithm>
#include <string_view>

namespace windtunnel::scheduling {
namespace {

using cluster::Quantity;
using cluster::ResourceList;

constexpr std::int64_t missing_milli_cpu = 100;
constexpr std::int64_t missing_memory = std::int64_t{200} << 20;

/// Names of which a node offers whole units: "nvidia.com/gpu", "hugepages-2Mi".
bool is_scalar(std::string_view name) {
  return name.find('/') != std::string_view::npos || name.starts_with("hugepages-") ||
         name.starts_with("attachable-volumes-");
}

bool is_pod_level(std::string_view name) {
  return name == "cpu" || name == "memory" || name.starts_with("hugepages-");
}

void add_to(ResourceList& list, const ResourceList& more) {
  for (const auto& [name, quantity] : more) list[name] += quantity;
}

void raise_to(ResourceList& list, const ResourceList& other) {
  for (const auto& [name, quantity] : other) {
    const auto [place, added] = list.try_emplace(name, quantity);
    if (!added && quantity > place->second) place->second = quantity;
  }
}

bool resize_is_infeasible(const cluster::Pod& pod) {
  const auto pending =
      std::find_if(pod.conditions.begin(), pod.conditions.end(),
                   [](const cluster::PodCondition& c) { return c.type == "PodResizePending"; });
  return pending != pod.conditions.end() && pending->reason == "Infeasible";
}

/// The larger of asked, held and promised; of the latter two if the node can never grant the first.
ResourceList effective(const cluster::Pod& pod, const ResourceList& asked,
                       const cluster::ContainerStatus& status) {
  ResourceList list = status.requests;
  raise_to(list, status.allocated_resources);
  if (!resize_is_infeasible(pod)) raise_to(list, asked);
  return list;
}

ResourceList container_requests(const cluster::Pod& pod, const cluster::Container& container,
                                const RequestOptions& options, bool resizable) {
  ResourceList list = container.requests;
  if (options.in_place_resizing && resizable) {
    const auto status =
        std::find_if(pod.container_statuses.rbegin(), pod.container_statuses.rend(),
                     [&](const cluster::ContainerStatus& s) { return s.name == container.name; });
    if (status != pod.container_statuses.rend() && status->has_resources)
      list = effective(pod, container.requests, *status);
  }
  list.insert(options.missing.begin(), options.missing.end()); // keeps what is there
  return list;
}

bool has_pod_level_requests(const cluster::Pod& pod) {
  return std::any_of(pod.pod_requests.begin(), pod.pod_requests.end(),
                     [](const auto& entry) { return is_pod_level(entry.first); });
}

std::int64_t amount(const ResourceList& list, std::string_view name, bool milli = false) {
  const auto found = list.find(name);
  if (found == list.end()) return 0;
  return milli ? found->second.milli_value() : found->second.value();
}

} // namespace

void Resources::add(const ResourceList& list) {
  const auto raise = [](std::int64_t& amount, std::int64_t by) {
    amount = wrapping_add(amount, by);
  };
  for (const auto& [name, quantity] : list) {
    if (name == "cpu")
      raise(milli_cpu, quantity.milli_value());
    else if (name == "memory")
      raise(memory, quantity.value());
    else if (name == "ephemeral-storage")
      raise(ephemeral_storage, quantity.value());
    else if (name == "pods")
      raise(pods, quantity.value());
    else if (is_scalar(name))
      raise(scalars[name], quantity.value());
  }
}

void Resources::add(const Resources& other, int sign) {
  const auto raise = [sign](std::int64_t& amount, std::int64_t by) {
    amount = wrapping_add(amount, wrapping_multiply(sign, by));
  };
  raise(milli_cpu, other.milli_cpu);
  raise(memory, other.memory);
  raise(ephemeral_storage, other.ephemeral_storage);
  for (const auto& [name, count] : other.scalars) raise(scalars[name], count);
}

std::int64_t Resources::scalar(const std::string& name) const {
  const auto found = scalars.find(name);
  return found == scalars.end() ? 0 : found->second;
}

ResourceList pod_requests(const cluster::Pod& pod, const RequestOptions& options) {
  ResourceList total;
  for (const cluster::Container& container : pod.containers)
    add_to(total, container_requests(pod, container, options, true));
  ResourceList sidecars, peak; // an init container runs beside the sidecars before it
  for (const cluster::Container& container : pod.init_containers) {
    ResourceList list = container_requests(pod, container, options, container.restarts_always);
    if (container.restarts_always) {
      add_to(total, list);
      add_to(sidecars, list);
      list = sidecars;
    } else {
      add_to(list, sidecars);
    }
    raise_to(peak, list);
  }
  raise_to(total, peak);
  if (options.pod_level && has_pod_level_requests(pod)) {
    ResourceList asked = pod.pod_requests;
    if (options.in_place_resizing && pod.pod_level_status)
      asked = effective(pod, pod.pod_requests, *pod.pod_level_status);
    for (const auto& [name, unused] : pod.pod_requests)
      if (is_pod_level(name)) total[name] = asked[name];
  }
  add_to(total, pod.overhead);
  return total;
}

const ResourceList& scored_when_missing() {
  static const ResourceList list{{"cpu", Quantity::milli(missing_milli_cpu)},
                                 {"memory", Quantity(missing_memory)}};
  return list;
}

PodResources pod_resources(const cluster::Pod& pod) {
  const ResourceList requests = pod_requests(pod, {});
  RequestOptions scored{.missing = scored_when_missing()};
  if (has_pod_level_requests(pod)) // what is asked for the pod stands for its containers
    std::erase_if(scored.missing,
                  [&](const auto& entry) { return requests.contains(entry.first); });
  const ResourceList with_missing = pod_requests(pod, scored);
  PodResources resources;
  resources.requests.add(requests);
  resources.scored_milli_cpu = amount(with_missing, "cpu", true);
  resources.scored_memory = amount(with_missing, "memory");
  return resources;
}

} // namespace windtunnel::scheduling
