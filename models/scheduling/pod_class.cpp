#include "models/scheduling/pod_class.hpp"

#include <algorithm>

namespace windtunnel::scheduling {
namespace {

/// Appends fields with lengths, so that no two different pods have one text.
class Fields {
public:
  Fields& operator<<(std::string_view text) {
    text_ += std::to_string(text.size());
    text_ += ':';
    text_ += text;
    return *this;
  }
  Fields& operator<<(std::int64_t number) {
    text_ += std::to_string(number);
    text_ += ';';
    return *this;
  }
  template <class T, class Write> Fields& list(const std::vector<T>& items, Write write) {
    *this << std::ssize(items);
    for (const T& item : items) write(item);
    return *this;
  }
  Fields& labels(const cluster::Labels& labels) {
    *this << std::ssize(labels);
    for (const auto& [key, value] : labels) *this << key << value;
    return *this;
  }
  Fields& resources(const cluster::ResourceList& list) {
    *this << std::ssize(list);
    for (const auto& [name, quantity] : list) *this << name << quantity.to_string();
    return *this;
  }
  Fields& requirements(const std::vector<cluster::Requirement>& requirements) {
    return list(requirements, [&](const cluster::Requirement& r) {
      *this << r.key << static_cast<std::int64_t>(r.op);
      list(r.values, [&](const std::string& value) { *this << value; });
    });
  }
  Fields& selector(const std::optional<cluster::LabelSelector>& selector) {
    *this << (selector ? 1 : 0);
    if (selector) labels(selector->match_labels).requirements(selector->match_expressions);
    return *this;
  }
  Fields& node_term(const cluster::NodeSelectorTerm& term) {
    return requirements(term.match_expressions).requirements(term.match_fields);
  }
  Fields& containers(const std::vector<cluster::Container>& containers) {
    return list(containers, [&](const cluster::Container& c) {
      *this << c.image << (c.restarts_always ? 1 : 0);
      resources(c.requests);
      list(c.ports, [&](const cluster::ContainerPort& port) {
        *this << port.host_port << port.protocol << port.host_ip;
      });
    });
  }
  Fields& affinity(const cluster::PodAffinity& affinity) {
    const auto write = [&](const cluster::PodAffinityTerm& term) {
      *this << term.topology_key;
      selector(term.label_selector).selector(term.namespace_selector);
      list(term.namespaces, [&](const std::string& name) { *this << name; });
    };
    list(affinity.required, write);
    return list(affinity.preferred, [&](const cluster::WeightedPodAffinityTerm& weighted) {
      *this << weighted.weight;
      write(weighted.term);
    });
  }
  std::string take() { return std::move(text_); }

private:
  std::string text_;
};

} // namespace

std::string signature(const cluster::Pod& pod) {
  Fields f;
  f << pod.meta.name_space << (pod.meta.deleting ? 1 : 0) << pod.node_name << pod.priority;
  f.labels(pod.meta.labels);
  for (const cluster::OwnerReference& owner : pod.meta.owner_references)
    if (owner.controller) f << owner.api_version << owner.kind << owner.name;
  f.containers(pod.containers).containers(pod.init_containers);
  f.resources(pod.overhead).resources(pod.pod_requests).labels(pod.node_selector);
  f << (pod.required_node_affinity ? 1 : 0);
  if (pod.required_node_affinity)
    f.list(pod.required_node_affinity->terms, [&](const auto& term) { f.node_term(term); });
  f.list(pod.preferred_node_affinity, [&](const cluster::PreferredNodeTerm& preferred) {
    f << preferred.weight;
    f.node_term(preferred.term);
  });
  f.affinity(pod.affinity).affinity(pod.anti_affinity);
  f.list(pod.tolerations, [&](const cluster::Toleration& t) {
    f << t.key << (t.exists ? 1 : 0) << t.value << (t.effect ? static_cast<int>(*t.effect) : -1);
  });
  f.list(pod.topology_spread, [&](const cluster::TopologySpreadConstraint& c) {
    f << c.max_skew << c.topology_key << (c.do_not_schedule ? 1 : 0) << c.min_domains
      << (c.honor_node_affinity ? 1 : 0) << (c.honor_node_taints ? 1 : 0);
    f.selector(c.label_selector).list(c.match_label_keys, [&](const std::string& k) { f << k; });
  });
  f << (pod.volumes.empty() ? 0 : 1) << (pod.nominated_node_name.empty() ? 0 : 1)
    << (pod.container_statuses.empty() && !pod.pod_level_status ? 0 : 1);
  return f.take();
}

} // namespace windtunnel::scheduling
