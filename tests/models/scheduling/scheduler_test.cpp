// The scheduler that keeps what it has found out against the plain search and scores, pod by pod,
// on random clusters that fill up.
#include "models/scheduling/scheduler.hpp"

#include <gtest/gtest.h>

#include "tests/models/scheduling/random_cluster.hpp"

namespace windtunnel::scheduling {
namespace {

struct Plain {
  explicit Plain(Snapshot s, const Profile& profile, int p)
      : snapshot(std::move(s)), framework(profile), percentage(p) {}

  Scheduler::Verdict find(const PodInfo& pod) {
    const Search found =
        search(framework, snapshot, pod, {.start = start, .percentage = percentage});
    start = (start + found.evaluated) % snapshot.nodes().size();
    Scheduler::Verdict verdict{.feasible = {},
                               .totals = framework.score(snapshot, pod, found.feasible).totals,
                               .evaluated = found.evaluated};
    for (const NodeInfo* node : found.feasible)
      verdict.feasible.push_back(*snapshot.index_of(node->name()));
    return verdict;
  }

  Snapshot snapshot;
  Framework framework;
  int percentage;
  std::size_t start = 0;
};

/// Services and ReplicaSets, so that the system's spread comes into play.
void add_owners(cluster::Objects& objects) {
  for (const char* app : {"a", "b"})
    objects.services.push_back({.meta = {.name = app, .name_space = "default"},
                                .selector = cluster::Labels{{"app", app}}});
  objects.namespaces.push_back({{.name = "default", .labels = {{"env", "prod"}}}});
}

void compare(unsigned seed, int nodes, int pods, int percentage) {
  RandomCluster random(seed);
  cluster::Objects objects;
  for (int i = 0; i < nodes; ++i) objects.nodes.push_back(random.node(i));
  add_owners(objects);
  std::vector<cluster::Pod> templates;
  for (int i = 0; i < 12; ++i) templates.push_back(random.pod(i));
  for (int i = 0; i < nodes; ++i) {
    objects.pods.push_back(templates[random.below(templates.size())]);
    objects.pods.back().meta.name = "bound" + std::to_string(i);
    objects.pods.back().meta.deleting = random.one_in(6);
    objects.pods.back().node_name =
        "n" + std::to_string(random.below(static_cast<std::size_t>(nodes)));
  }
  const Profile profile = default_profile();
  cluster::Objects same = objects;
  Plain plain(Snapshot(std::move(same)), profile, percentage);
  Scheduler scheduler(Snapshot(std::move(objects)), profile, percentage);
  for (int i = 0; i < pods; ++i) {
    cluster::Pod next = templates[random.below(templates.size())];
    next.meta.name = "next" + std::to_string(i);
    const auto pod = std::make_shared<const PodInfo>(std::move(next));
    const Scheduler::Verdict want = plain.find(*pod);
    const Scheduler::Verdict& got = scheduler.find(*pod);
    ASSERT_EQ(got.feasible, want.feasible) << "seed " << seed << ", pod " << i;
    ASSERT_EQ(got.totals, want.totals) << "seed " << seed << ", pod " << i;
    ASSERT_EQ(got.evaluated, want.evaluated) << "seed " << seed << ", pod " << i;
    if (got.feasible.empty()) continue;
    const std::vector<std::size_t> best = got.best();
    const std::size_t node = best[random.below(best.size())];
    plain.snapshot.bind(pod, plain.snapshot.nodes()[node].name());
    scheduler.bind(pod, node);
  }
}

TEST(Scheduler, DecidesAsThePlainSearchDoes) {
  for (unsigned seed = 0; seed < 60; ++seed) {
    compare(seed, 15, 60, 100);
    if (HasFatalFailure()) return;
  }
}

TEST(Scheduler, DecidesAsThePlainSearchDoesOnSomeOfTheNodes) {
  for (unsigned seed = 1000; seed < 1004; ++seed) {
    compare(seed, 260, 200, 0);
    if (HasFatalFailure()) return;
  }
}

} // namespace
} // namespace windtunnel::scheduling
