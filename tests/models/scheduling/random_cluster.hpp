// Random clusters and pods for laws: small, full of labels, taints, affinities and spreads.
#pragma once

#include <random>
#include <string>

#include "models/scheduling/attempt.hpp"

namespace windtunnel::scheduling {

class RandomCluster {
public:
  explicit RandomCluster(unsigned seed) : random_(seed) {}

  std::size_t below(std::size_t n) { return random_() % n; }
  bool one_in(std::size_t n) { return below(n) == 0; }

  cluster::Node node(int index) {
    using cluster::Quantity;
    cluster::Node node{.meta = {.name = "n" + std::to_string(index)}};
    node.meta.labels = {{"kubernetes.io/hostname", node.meta.name},
                        {"disk", one_in(2) ? "ssd" : "hdd"}};
    if (!one_in(8))
      node.meta.labels["topology.kubernetes.io/zone"] = "z" + std::to_string(below(3));
    node.allocatable = {{"cpu", Quantity(static_cast<std::int64_t>(2 + below(15)))},
                        {"memory", Quantity(static_cast<std::int64_t>(4 + below(60)) << 30)},
                        {"pods", Quantity(static_cast<std::int64_t>(3 + below(20)))}};
    if (one_in(3)) node.allocatable["nvidia.com/gpu"] = Quantity(8);
    if (one_in(4))
      node.taints.push_back({"spot", "true",
                             one_in(2) ? cluster::TaintEffect::no_schedule
                                       : cluster::TaintEffect::prefer_no_schedule});
    node.unschedulable = one_in(15);
    return node;
  }

  cluster::Pod pod(int index) {
    using cluster::Quantity;
    cluster::Pod pod{.meta = {.name = "p" + std::to_string(index),
                              .name_space = one_in(4) ? "team" : "default",
                              .labels = {{"app", app()}}}};
    cluster::Container container{.name = "c"};
    if (!one_in(5))
      container.requests["cpu"] = Quantity::milli(static_cast<std::int64_t>(100 * below(30)));
    if (!one_in(5))
      container.requests["memory"] = Quantity(static_cast<std::int64_t>(below(8) << 30));
    if (one_in(5))
      container.requests["nvidia.com/gpu"] = Quantity(static_cast<std::int64_t>(1 + below(4)));
    if (one_in(8)) container.ports.push_back({.host_port = 8080});
    pod.containers.push_back(std::move(container));
    if (one_in(3)) pod.tolerations.push_back({.key = "spot", .exists = true});
    if (one_in(6)) pod.node_selector = {{"disk", "ssd"}};
    if (one_in(5))
      pod.preferred_node_affinity.push_back({static_cast<std::int32_t>(1 + below(100)),
                                             {{{"disk", cluster::Operator::in, {"hdd"}}}, {}}});
    if (one_in(4))
      pod.topology_spread.push_back({.max_skew = static_cast<std::int32_t>(1 + below(3)),
                                     .topology_key = domain(),
                                     .do_not_schedule = one_in(2),
                                     .label_selector = apps()});
    if (one_in(6)) pod.anti_affinity.required.push_back(term());
    if (one_in(8)) pod.affinity.required.push_back(term());
    if (one_in(4))
      pod.affinity.preferred.push_back({static_cast<std::int32_t>(1 + below(100)), term()});
    if (one_in(4))
      pod.anti_affinity.preferred.push_back({static_cast<std::int32_t>(1 + below(100)), term()});
    pod.priority = static_cast<std::int32_t>(below(3) * 100);
    pod.start_time = static_cast<cluster::Instant>(below(1000));
    return pod;
  }

private:
  std::string app() { return std::string(1, static_cast<char>('a' + below(4))); }
  std::string domain() {
    return one_in(2) ? "kubernetes.io/hostname" : "topology.kubernetes.io/zone";
  }
  cluster::LabelSelector apps() { return {{{"app", app()}}, {}}; }
  cluster::PodAffinityTerm term() { return {.label_selector = apps(), .topology_key = domain()}; }

  std::mt19937 random_;
};

} // namespace windtunnel::scheduling
