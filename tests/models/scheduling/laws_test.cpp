// Laws that hold whatever the cluster: on random ones.
#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <set>

#include "models/scheduling/preemption.hpp"
#include "tests/models/scheduling/random_cluster.hpp"

namespace windtunnel::scheduling {
namespace {

constexpr int every_node = 100;

struct Decision {
  std::set<std::string> feasible;
  std::set<std::string> best;
};

Decision decide(const Framework& framework, const Snapshot& snapshot, const PodInfo& pod) {
  const Search found = search(framework, snapshot, pod, {.percentage = every_node});
  const std::vector<std::int64_t> totals = framework.score(snapshot, pod, found.feasible).totals;
  Decision decision;
  for (std::size_t i = 0; i < totals.size(); ++i) {
    decision.feasible.insert(found.feasible[i]->name());
    if (totals[i] == *std::max_element(totals.begin(), totals.end()))
      decision.best.insert(found.feasible[i]->name());
  }
  return decision;
}

void expect_within_allocatable(const Snapshot& snapshot) {
  for (const NodeInfo& node : snapshot.nodes()) {
    EXPECT_LE(node.requested.milli_cpu, node.allocatable.milli_cpu);
    EXPECT_LE(node.requested.memory, node.allocatable.memory);
    EXPECT_LE(std::ssize(node.pods), node.allocatable.pods);
    for (const auto& [name, amount] : node.requested.scalars)
      EXPECT_LE(amount, node.allocatable.scalar(name));
  }
}

TEST(SchedulingLaws, NoNodeGoesOverItsAllocatable) {
  const Profile profile = default_profile();
  const Framework framework(profile);
  for (unsigned seed = 0; seed < 20; ++seed) {
    RandomCluster random(seed);
    cluster::Objects objects;
    for (int i = 0; i < 12; ++i) objects.nodes.push_back(random.node(i));
    Snapshot snapshot(std::move(objects));
    int placed = 0;
    for (int i = 0; i < 150; ++i) {
      auto pod = std::make_shared<const PodInfo>(random.pod(i));
      const Decision decision = decide(framework, snapshot, *pod);
      if (decision.best.empty()) continue;
      snapshot.bind(pod, *decision.best.begin());
      ++placed;
    }
    EXPECT_GT(placed, 5);
    expect_within_allocatable(snapshot);
  }
}

TEST(SchedulingLaws, TheOrderOfNodesAndPodsDoesNotMatter) {
  const Profile profile = default_profile();
  const Framework framework(profile);
  for (unsigned seed = 100; seed < 140; ++seed) {
    RandomCluster random(seed);
    cluster::Objects objects;
    for (int i = 0; i < 10; ++i) objects.nodes.push_back(random.node(i));
    for (int i = 0; i < 25; ++i) {
      objects.pods.push_back(random.pod(i));
      objects.pods.back().node_name = "n" + std::to_string(random.below(10));
    }
    cluster::Objects turned = objects;
    std::reverse(turned.nodes.begin(), turned.nodes.end());
    std::reverse(turned.pods.begin(), turned.pods.end());
    const Snapshot one(std::move(objects)), other(std::move(turned));
    for (int i = 100; i < 120; ++i) {
      const PodInfo pod(random.pod(i));
      const Decision a = decide(framework, one, pod), b = decide(framework, other, pod);
      EXPECT_EQ(a.feasible, b.feasible);
      EXPECT_EQ(a.best, b.best);
    }
  }
}

TEST(SchedulingLaws, AnotherNodeTakesNoneAwayUnlessPodsSpreadOrAvoid) {
  const Profile profile = default_profile();
  const Framework framework(profile);
  for (unsigned seed = 200; seed < 230; ++seed) {
    RandomCluster random(seed);
    cluster::Objects objects;
    for (int i = 0; i < 8; ++i) objects.nodes.push_back(random.node(i));
    cluster::Objects more = objects;
    more.nodes.push_back(random.node(8));
    const Snapshot smaller(std::move(objects)), larger(std::move(more));
    for (int i = 0; i < 20; ++i) {
      cluster::Pod plain = random.pod(i);
      plain.topology_spread.clear();
      const PodInfo pod(std::move(plain));
      const Decision before = decide(framework, smaller, pod),
                     after = decide(framework, larger, pod);
      EXPECT_TRUE(std::includes(after.feasible.begin(), after.feasible.end(),
                                before.feasible.begin(), before.feasible.end()));
    }
  }
}

TEST(SchedulingLaws, WithoutItsVictimsThePodFits) {
  const Profile profile = default_profile();
  const Framework framework(profile);
  int tried = 0;
  for (unsigned seed = 300; seed < 360; ++seed) {
    RandomCluster random(seed);
    cluster::Objects objects;
    for (int i = 0; i < 4; ++i) objects.nodes.push_back(random.node(i));
    for (int i = 0; i < 40; ++i) {
      objects.pods.push_back(random.pod(i));
      objects.pods.back().node_name = "n" + std::to_string(random.below(4));
    }
    const cluster::Objects kept = objects;
    const Snapshot snapshot(std::move(objects));
    cluster::Pod urgent = random.pod(1000);
    urgent.priority = 1000;
    const PodInfo pod(std::move(urgent));
    const Search found = search(framework, snapshot, pod, {.percentage = every_node});
    if (!found.feasible.empty() || !found.pre_filtered.status.ok()) continue;
    for (const auto& [node, victims] :
         find_preemption_candidates(framework, snapshot, pod, found, 0).nodes) {
      ++tried;
      cluster::Objects left = kept;
      std::erase_if(left.pods, [&](const cluster::Pod& other) {
        return std::any_of(victims.pods.begin(), victims.pods.end(), [&](const PodPtr& victim) {
          return victim->pod.meta.key() == other.meta.key();
        });
      });
      const Snapshot after(std::move(left));
      EXPECT_TRUE(decide(framework, after, pod).feasible.contains(node)) << seed;
      for (const PodPtr& victim : victims.pods) EXPECT_LT(victim->pod.priority, 1000);
    }
  }
  EXPECT_GT(tried, 10);
}

} // namespace
} // namespace windtunnel::scheduling
