// kube-scheduler's decisions: pods placed one after another on clusters of many nodes, bound to the
// first of the best, by the scheduler that keeps what it found out and by the plain search. Items
// are pods. Arguments: nodes, per cent of nodes to score (0: adaptive, Kubernetes' default).
#include <benchmark/benchmark.h>

#include "models/scheduling/scheduler.hpp"

namespace windtunnel::scheduling {
namespace {

cluster::Objects empty_cluster(std::int64_t nodes) {
  using cluster::Quantity;
  cluster::Objects objects;
  for (std::int64_t i = 0; i < nodes; ++i) {
    cluster::Node node{.meta = {.name = "node-" + std::to_string(i)}};
    node.meta.labels = {{"kubernetes.io/hostname", node.meta.name},
                        {"kubernetes.io/arch", "amd64"},
                        {"kubernetes.io/os", "linux"},
                        {"node.kubernetes.io/instance-type", "m5.4xlarge"},
                        {"topology.kubernetes.io/region", "us-east-1"},
                        {"topology.kubernetes.io/zone",
                         "us-east-1" + std::string(1, static_cast<char>('a' + i % 3))}};
    node.allocatable = {{"cpu", Quantity::milli(15'890)},
                        {"memory", Quantity(std::int64_t{57'691} << 20)},
                        {"ephemeral-storage", Quantity(std::int64_t{179} << 30)},
                        {"pods", Quantity(234)}};
    objects.nodes.push_back(std::move(node));
  }
  objects.replica_sets.push_back({.meta = {.name = "web", .name_space = "default"},
                                  .selector = cluster::LabelSelector{{{"app", "web"}}, {}}});
  return objects;
}

cluster::Pod plain_pod(std::int64_t index) {
  cluster::Pod pod{.meta = {.name = "pod-" + std::to_string(index), .name_space = "default"}};
  pod.containers.push_back({.name = "c",
                            .image = "img",
                            .requests = {{"cpu", cluster::Quantity::milli(100)},
                                         {"memory", cluster::Quantity(std::int64_t{128} << 20)}}});
  return pod;
}

/// Of a ReplicaSet: the system spreads it over hosts and zones.
cluster::Pod owned_pod(std::int64_t index) {
  cluster::Pod pod = plain_pod(index);
  pod.meta.labels = {{"app", "web"}};
  pod.meta.owner_references = {{.api_version = "apps/v1",
                                .kind = "ReplicaSet",
                                .name = "web",
                                .uid = "",
                                .controller = true}};
  return pod;
}

/// No two of them on one host.
cluster::Pod exclusive_pod(std::int64_t index) {
  cluster::Pod pod = plain_pod(index);
  pod.meta.labels = {{"app", "db-" + std::to_string(index / 1000)}};
  pod.anti_affinity.required.push_back(
      {.label_selector = cluster::LabelSelector{pod.meta.labels, {}},
       .topology_key = "kubernetes.io/hostname"});
  return pod;
}

void place(benchmark::State& state, cluster::Pod (*make)(std::int64_t)) {
  const Profile profile = default_profile();
  Scheduler scheduler(Snapshot(empty_cluster(state.range(0))), profile,
                      static_cast<int>(state.range(1)));
  std::int64_t index = 0;
  for (auto _ : state) {
    auto pod = std::make_shared<const PodInfo>(make(index++));
    const Scheduler::Verdict& verdict = scheduler.find(*pod);
    if (verdict.feasible.empty()) {
      state.SkipWithError("the cluster is full");
      break;
    }
    scheduler.bind(std::move(pod), verdict.best().front());
  }
  state.SetItemsProcessed(state.iterations());
}

void place_plain(benchmark::State& state) { place(state, plain_pod); }
void place_owned(benchmark::State& state) { place(state, owned_pod); }
void place_exclusive(benchmark::State& state) { place(state, exclusive_pod); }

void sizes(benchmark::internal::Benchmark* bench) {
  for (const int nodes : {1000, 5000, 100'000})
    for (const int percentage : {0, 100}) bench->Args({nodes, percentage});
  bench->ArgNames({"nodes", "percentage"})->Unit(benchmark::kMicrosecond);
}
BENCHMARK(place_plain)->Apply(sizes);
BENCHMARK(place_owned)->Apply(sizes);
BENCHMARK(place_exclusive)->Apply(sizes)->Iterations(1000);

/// The same by the plain search, for comparison.
void place_plain_from_scratch(benchmark::State& state) {
  const Profile profile = default_profile();
  const Framework framework(profile);
  Snapshot snapshot(empty_cluster(state.range(0)));
  std::int64_t index = 0;
  std::size_t start = 0;
  for (auto _ : state) {
    auto pod = std::make_shared<const PodInfo>(plain_pod(index++));
    const Search found = search(framework, snapshot, *pod,
                                {.start = start, .percentage = static_cast<int>(state.range(1))});
    start = (start + found.evaluated) % snapshot.nodes().size();
    const auto scores = framework.score(snapshot, *pod, found.feasible);
    const auto best = std::max_element(scores.totals.begin(), scores.totals.end());
    const std::string node =
        found.feasible[static_cast<std::size_t>(best - scores.totals.begin())]->name();
    snapshot.bind(std::move(pod), node);
  }
  state.SetItemsProcessed(state.iterations());
}
BENCHMARK(place_plain_from_scratch)
    ->Args({5000, 0})
    ->Args({5000, 100})
    ->ArgNames({"nodes", "percentage"})
    ->Unit(benchmark::kMicrosecond);

} // namespace
} // namespace windtunnel::scheduling
