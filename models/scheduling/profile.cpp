#include "models/scheduling/profile.hpp"

#include "models/scheduling/plugins/plugins.hpp"

namespace windtunnel::scheduling {

Profile default_profile() {
  Profile profile;
  const auto add = [&](std::unique_ptr<Plugin> plugin, std::int64_t weight = 0) {
    profile.push_back({std::move(plugin), weight});
  };
  add(make_node_unschedulable());
  add(make_node_name());
  add(make_taint_toleration(), 3);
  add(make_node_affinity(), 2);
  add(make_node_ports());
  add(make_node_resources_fit(), 1);
  add(make_volume_restrictions());
  add(make_node_volume_limits());
  add(make_volume_binding());
  add(make_volume_zone());
  add(make_pod_topology_spread(), 2);
  add(make_inter_pod_affinity(), 2);
  add(make_dynamic_resources(), 2);
  add(make_balanced_allocation(), 1);
  add(make_image_locality(), 1);
  return profile;
}

void normalize_by_highest(std::vector<std::int64_t>& scores, bool reverse) {
  std::int64_t highest = 0;
  for (const std::int64_t score : scores) highest = std::max(highest, score);
  for (std::int64_t& score : scores) {
    if (highest > 0) score = max_node_score * score / highest;
    if (reverse) score = max_node_score - score;
  }
}

} // namespace windtunnel::scheduling
