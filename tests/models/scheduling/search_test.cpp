#include <gtest/gtest.h>

#include "tests/models/scheduling/random_cluster.hpp"

namespace windtunnel::scheduling {
namespace {

TEST(Search, LooksForFewerNodesInLargerClusters) {
  EXPECT_EQ(feasible_nodes_to_find(99, 0), 99U);
  EXPECT_EQ(feasible_nodes_to_find(100, 0), 100U);
  EXPECT_EQ(feasible_nodes_to_find(200, 0), 100U);
  EXPECT_EQ(feasible_nodes_to_find(1000, 0), 420U);
  EXPECT_EQ(feasible_nodes_to_find(5000, 0), 500U);
  EXPECT_EQ(feasible_nodes_to_find(15000, 0), 750U);
  EXPECT_EQ(feasible_nodes_to_find(1000, 100), 1000U);
  EXPECT_EQ(feasible_nodes_to_find(1000, 1), 100U);
}

Snapshot empty_nodes(int count) {
  cluster::Objects objects;
  for (int i = 0; i < count; ++i) {
    cluster::Node node{.meta = {.name = "n" + std::to_string(i)}};
    node.meta.labels["topology.kubernetes.io/zone"] = i % 3 == 0 ? "a" : "b";
    node.allocatable = {{"cpu", cluster::Quantity(4)}, {"pods", cluster::Quantity(10)}};
    objects.nodes.push_back(std::move(node));
  }
  return Snapshot(std::move(objects));
}

TEST(Search, TakesTheZonesInTurn) {
  const Snapshot snapshot = empty_nodes(6);
  std::vector<std::string> names;
  for (const NodeInfo& node : snapshot.nodes()) names.push_back(node.name());
  EXPECT_EQ(names, (std::vector<std::string>{"n0", "n1", "n3", "n2", "n4", "n5"}));
}

TEST(Search, GoesOnWhereTheLastOneStopped) {
  const Snapshot snapshot = empty_nodes(300);
  const Profile profile = default_profile();
  const Framework framework(profile);
  const PodInfo pod(cluster::Pod{.meta = {.name = "p"}});
  const Search first = search(framework, snapshot, pod, {});
  EXPECT_EQ(first.evaluated, feasible_nodes_to_find(300, 0));
  const Search next = search(framework, snapshot, pod, {.start = first.evaluated});
  EXPECT_EQ(next.feasible.front(), &snapshot.nodes()[first.evaluated]);
  const Search last = search(framework, snapshot, pod, {.start = 299});
  EXPECT_EQ(last.feasible[0], &snapshot.nodes()[299]);
  EXPECT_EQ(last.feasible[1], &snapshot.nodes()[0]);
}

TEST(Search, SaysWhyNoNodeIsAvailable) {
  const Snapshot snapshot = empty_nodes(3);
  const Profile profile = default_profile();
  const Framework framework(profile);
  cluster::Pod pod{.meta = {.name = "p"}};
  pod.containers.push_back(
      {.name = "c",
       .requests = {{"cpu", cluster::Quantity(5)}, {"nvidia.com/gpu", cluster::Quantity(1)}}});
  const Search found = search(framework, snapshot, PodInfo(pod), {});
  EXPECT_EQ(unavailable(reasons_of(found.refused, found.absent, 3), 3),
            "0/3 nodes are available: 3 Insufficient cpu, 3 Insufficient nvidia.com/gpu.");
}

} // namespace
} // namespace windtunnel::scheduling
