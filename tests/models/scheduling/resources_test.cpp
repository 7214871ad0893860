// What a pod takes of a node: containers, init containers, sidecars, overhead, pod-level requests,
// resizing in place (component-helpers/resource).
#include "models/scheduling/resources.hpp"

#include <gtest/gtest.h>

namespace windtunnel::scheduling {
namespace {

using cluster::Quantity;

cluster::ResourceList cpu(std::int64_t milli) { return {{"cpu", Quantity::milli(milli)}}; }
cluster::Container container(std::int64_t milli, bool sidecar = false) {
  return {.name = "c" + std::to_string(milli), .requests = cpu(milli), .restarts_always = sidecar};
}
std::int64_t requested(const cluster::Pod& pod) { return pod_resources(pod).requests.milli_cpu; }

TEST(PodResources, SumOfContainersOrThePeakOfInitContainers) {
  cluster::Pod pod{.meta = {.name = "p"}, .containers = {container(100), container(200)}};
  EXPECT_EQ(requested(pod), 300);
  pod.init_containers = {container(250)};
  EXPECT_EQ(requested(pod), 300);
  pod.init_containers.push_back(container(400));
  EXPECT_EQ(requested(pod), 400);
  pod.overhead = cpu(50);
  EXPECT_EQ(requested(pod), 450);
}

TEST(PodResources, SidecarsRunBesideWhatFollowsThem) {
  cluster::Pod pod{.meta = {.name = "p"}, .containers = {container(100)}};
  pod.init_containers = {container(350), container(200, true), container(310)};
  EXPECT_EQ(requested(pod), 510); // 200 + 310 while the last one runs; 350; 100 + 200
}

TEST(PodResources, PodLevelRequestsReplaceTheSum) {
  cluster::Pod pod{.meta = {.name = "p"}, .containers = {container(100), container(200)}};
  pod.pod_requests = {{"cpu", Quantity(1)}};
  EXPECT_EQ(requested(pod), 1000);
  EXPECT_EQ(pod_resources(pod).scored_milli_cpu, 1000);
  EXPECT_EQ(pod_resources(pod).scored_memory, std::int64_t{400} << 20); // 200 Mi a container
  pod.pod_requests = {{"ephemeral-storage", Quantity(1)}}; // no such thing at the pod's level
  EXPECT_EQ(requested(pod), 300);
}

TEST(PodResources, ResizingInPlaceHoldsTheLargerAmount) {
  cluster::Pod pod{.meta = {.name = "p"}, .containers = {container(100)}};
  pod.container_statuses = {{.name = "c100",
                             .has_resources = true,
                             .requests = cpu(300),
                             .allocated_resources = cpu(200)}};
  EXPECT_EQ(requested(pod), 300);
  pod.containers[0].requests = cpu(900);
  EXPECT_EQ(requested(pod), 900);
  pod.conditions = {{.type = "PodResizePending", .status = "True", .reason = "Infeasible"}};
  EXPECT_EQ(requested(pod), 300);
}

TEST(PodResources, ScoresTakeAnAmountWhereNoneIsAskedFor) {
  cluster::Pod pod{.meta = {.name = "p"}, .containers = {container(100), {.name = "bare"}}};
  EXPECT_EQ(requested(pod), 100);
  EXPECT_EQ(pod_resources(pod).scored_milli_cpu, 200);
  EXPECT_EQ(pod_resources(pod).scored_memory, std::int64_t{400} << 20);
}

TEST(Resources, AddsExtendedResourcesAndLeavesOutOthers) {
  Resources resources;
  resources.add({{"nvidia.com/gpu", Quantity(8)},
                 {"hugepages-2Mi", Quantity(4096)},
                 {"vcpu", Quantity(3)},
                 {"pods", Quantity(110)}});
  EXPECT_EQ(resources.scalar("nvidia.com/gpu"), 8);
  EXPECT_EQ(resources.scalar("hugepages-2Mi"), 4096);
  EXPECT_EQ(resources.scalar("vcpu"), 0);
  EXPECT_EQ(resources.pods, 110);
}

} // namespace
} // namespace windtunnel::scheduling
