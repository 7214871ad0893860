#include "models/scheduling/scheduler.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>

#include "models/scheduling/affinity_terms.hpp"
#include "models/scheduling/pod_class.hpp"

namespace windtunnel::scheduling {
namespace {

constexpr std::string_view spread_plugin = "PodTopologySpread";
constexpr std::string_view affinity_plugin = "InterPodAffinity";
/// Say nothing of pods without volumes.
constexpr std::array<std::string_view, 4> volume_plugins{"VolumeRestrictions", "NodeVolumeLimits",
                                                         "VolumeBinding", "VolumeZone"};

bool is_followed(const Plugin& plugin) {
  return plugin.is_local() || plugin.name() == spread_plugin || plugin.name() == affinity_plugin ||
         std::find(volume_plugins.begin(), volume_plugins.end(), plugin.name()) !=
             volume_plugins.end();
}

bool names_nodes(const cluster::Pod& pod) {
  if (!pod.nominated_node_name.empty()) return true;
  if (!pod.required_node_affinity) return false;
  const auto& terms = pod.required_node_affinity->terms;
  return std::any_of(terms.begin(), terms.end(), [](const cluster::NodeSelectorTerm& term) {
    return !term.match_fields.empty();
  });
}

/// What binding a pod of one class adds to the counters of another.
std::vector<Effect> effects_of(PodClass& pods, const PodInfo& bound) {
  std::vector<Effect> effects;
  const cluster::Pod& pod = pods.example->pod;
  for (HardSpread& spread : pods.hard_spread)
    if (spread.constraint.counts(bound.pod, pod.meta.name_space))
      effects.push_back({&spread.counter, 1});
  for (SoftSpread& spread : pods.soft_spread)
    if (spread.constraint.counts(bound.pod, pod.meta.name_space))
      effects.push_back({&spread.counter, 1});
  const auto raise = [&](PodClass::Counters& counters, const std::string& key, std::int64_t by) {
    effects.push_back({&counters.find(key)->second, by});
  };
  for (const AffinityTerm& term : bound.required_anti_affinity)
    if (term.matches(pod, &pods.namespace_labels))
      raise(pods.existing_anti_affinity, term.topology_key, 1);
  if (matches_all(pods.affinity, bound.pod))
    for (const AffinityTerm& term : pods.affinity)
      raise(pods.matching_affinity, term.topology_key, 1);
  for (const AffinityTerm& term : pods.anti_affinity)
    if (term.matches(bound.pod, nullptr)) raise(pods.matching_anti_affinity, term.topology_key, 1);
  for (const WeightedAffinityTerm& w : pods.preferred_affinity)
    if (w.term.matches(bound.pod, nullptr)) raise(pods.weights, w.term.topology_key, w.weight);
  for (const WeightedAffinityTerm& w : pods.preferred_anti_affinity)
    if (w.term.matches(bound.pod, nullptr)) raise(pods.weights, w.term.topology_key, -w.weight);
  for (const AffinityTerm& term : bound.required_affinity)
    if (term.matches(pod, &pods.namespace_labels))
      raise(pods.weights, term.topology_key, hard_affinity_weight);
  for (const WeightedAffinityTerm& w : bound.preferred_affinity)
    if (w.term.matches(pod, &pods.namespace_labels))
      raise(pods.weights, w.term.topology_key, w.weight);
  for (const WeightedAffinityTerm& w : bound.preferred_anti_affinity)
    if (w.term.matches(pod, &pods.namespace_labels))
      raise(pods.weights, w.term.topology_key, -w.weight);
  return effects;
}

bool spread_admits(const PodClass& pods, std::size_t node) {
  return std::all_of(pods.hard_spread.begin(), pods.hard_spread.end(), [&](const HardSpread& s) {
    return s.counter.topology->domain[node] >= 0 &&
           s.counter.at(node) + s.self - s.lowest <= s.constraint.max_skew;
  });
}

bool affinity_admits(const PodClass& pods, std::size_t node) {
  bool pods_exist = true, any = false;
  for (const AffinityTerm& term : pods.affinity) {
    const Counter& counter = pods.matching_affinity.find(term.topology_key)->second;
    if (counter.topology->domain[node] < 0) return false;
    if (counter.at(node) <= 0) pods_exist = false;
    any = any || counter.touched;
  }
  if (!pods_exist && (any || !pods.matches_own_affinity)) return false;
  const auto none_near = [&](const PodClass::Counters& counters) {
    return std::all_of(counters.begin(), counters.end(), [&](const auto& entry) {
      return !entry.second.touched || entry.second.at(node) <= 0;
    });
  };
  return none_near(pods.matching_anti_affinity) && none_near(pods.existing_anti_affinity);
}

void find_lowest(HardSpread& spread) {
  spread.lowest = std::numeric_limits<std::int32_t>::max();
  for (std::size_t d = 0; d < spread.present.size(); ++d)
    if (spread.present[d]) spread.lowest = std::min(spread.lowest, spread.counter.counts[d]);
  if (spread.present_count < spread.constraint.min_domains) spread.lowest = 0;
}

} // namespace

std::int64_t Scheduler::Verdict::top() const {
  return *std::max_element(totals.begin(), totals.end());
}

std::vector<std::size_t> Scheduler::Verdict::best() const {
  std::vector<std::size_t> nodes;
  const std::int64_t highest = feasible.empty() ? 0 : top();
  for (std::size_t i = 0; i < feasible.size(); ++i)
    if (totals[i] == highest) nodes.push_back(feasible[i]);
  return nodes;
}

Scheduler::Scheduler(Snapshot snapshot, const Profile& profile, int percentage)
    : snapshot_(std::move(snapshot)), profile_(profile), framework_(profile),
      percentage_(percentage),
      follows_profile_(std::all_of(profile.begin(), profile.end(),
                                   [](const ProfileEntry& e) { return is_followed(*e.plugin); })),
      generations_(snapshot_.nodes().size(), 1), bound_classes_(snapshot_.nodes().size()) {
  for (std::size_t node = 0; node < snapshot_.nodes().size(); ++node)
    for (const PodPtr& pod : snapshot_.nodes()[node].pods)
      bound_classes_[node].push_back(class_of(*pod));
}

Scheduler::~Scheduler() = default;

std::size_t Scheduler::class_of(const PodInfo& pod) {
  const auto [place, added] = class_index_.try_emplace(signature(pod.pod), classes_.size());
  if (added) classes_.push_back(PodClass{.example = std::make_shared<const PodInfo>(pod)});
  return place->second;
}

const Topology& Scheduler::topology(const std::string& key) {
  std::unique_ptr<Topology>& place = topologies_[key];
  if (place) return *place;
  place = std::make_unique<Topology>();
  std::unordered_map<std::string, std::int32_t> numbers;
  for (const NodeInfo& node : snapshot_.nodes()) {
    const auto label = node.labels().find(key);
    place->domain.push_back(
        label == node.labels().end()
            ? -1
            : numbers.try_emplace(label->second, static_cast<std::int32_t>(numbers.size()))
                  .first->second);
  }
  place->domains = numbers.size();
  return *place;
}

/// Each node that has a hostname its own domain.
const Topology& Scheduler::each_node() {
  if (each_node_) return *each_node_;
  each_node_ = std::make_unique<Topology>();
  for (std::size_t i = 0; i < snapshot_.nodes().size(); ++i)
    each_node_->domain.push_back(
        snapshot_.nodes()[i].labels().contains(hostname_label) ? static_cast<std::int32_t>(i) : -1);
  each_node_->domains = snapshot_.nodes().size();
  return *each_node_;
}

void Scheduler::prepare(PodClass& pods) {
  pods.ready = true;
  const PodInfo& pod = *pods.example;
  pods.is_simple = follows_profile_ && pod.pod.volumes.empty() && !names_nodes(pod.pod);
  if (!pods.is_simple) return;
  const std::size_t nodes = snapshot_.nodes().size();
  pods.nodes.resize(nodes);
  pods.cycle = framework_.new_cycle();
  pods.score_states.resize(profile_.size());
  pods.scores.assign(profile_.size(), 0);
  pods.raw.resize(profile_.size());
  pods.any_raw.assign(profile_.size(), 0);
  for (std::size_t i = 0; i < profile_.size(); ++i) {
    const Plugin& plugin = *profile_[i].plugin;
    pods.cycle[i].skip = true;
    if (!plugin.is_local()) continue;
    PreFilterAnswer answer = plugin.pre_filter(snapshot_, pod);
    if (!answer.status.ok() && answer.status.code != Code::skip) {
      pods.is_simple = false; // refused before any node is looked at
      return;
    }
    pods.cycle[i].skip = answer.status.code == Code::skip;
    pods.cycle[i].state = std::move(answer.state);
    if (profile_[i].weight == 0) continue;
    PreScoreAnswer scored = plugin.pre_score(snapshot_, pod, {});
    pods.scores[i] = scored.status.ok();
    pods.score_states[i] = std::move(scored.state);
    if (pods.scores[i] && plugin.normalizes()) pods.raw[i].assign(nodes, 0);
  }
  prepare_spread(pods);
  prepare_affinity(pods);
  for (std::size_t node = 0; node < nodes; ++node)
    for (const std::size_t bound : bound_classes_[node]) apply(pods, bound, node);
}

void Scheduler::prepare_spread(PodClass& pods) {
  const cluster::Pod& pod = pods.example->pod;
  const auto counter_of = [&](const SpreadConstraint& constraint) {
    const Topology& by_label = topology(constraint.topology_key);
    return Counter{.topology = &by_label,
                   .counts = std::vector<std::int64_t>(by_label.domains),
                   .counted = std::vector<char>(snapshot_.nodes().size())};
  };
  const std::vector<SpreadConstraint> hard = spread_constraints(pod, true);
  for (const SpreadConstraint& constraint : hard) {
    HardSpread& spread = pods.hard_spread.emplace_back(HardSpread{.constraint = constraint});
    spread.counter = counter_of(constraint);
    spread.present.assign(spread.counter.counts.size(), 0);
    spread.self = constraint.selector.matches(pod.meta.labels) ? 1 : 0;
    for (std::size_t i = 0; i < snapshot_.nodes().size(); ++i) {
      const cluster::Node& node = *snapshot_.nodes()[i].node;
      if (!has_spread_labels(node, hard) || !constraint.includes(pod, node)) continue;
      spread.counter.counted[i] = 1;
      char& present = spread.present[static_cast<std::size_t>(spread.counter.topology->domain[i])];
      if (!present) ++spread.present_count;
      present = 1;
    }
  }
  pods.own_spread = !pod.topology_spread.empty();
  const std::vector<SpreadConstraint> soft =
      pods.own_spread ? spread_constraints(pod, false) : system_spread_constraints(snapshot_, pod);
  for (const NodeInfo& node : snapshot_.nodes())
    pods.soft_labels.push_back(has_spread_labels(*node.node, soft));
  for (const SpreadConstraint& constraint : soft) {
    SoftSpread& spread = pods.soft_spread.emplace_back(SoftSpread{.constraint = constraint});
    spread.counter = counter_of(constraint);
    spread.by_node = constraint.topology_key == hostname_label;
    if (spread.by_node) { // whatever the label says, and whether the node is meant or not
      spread.counter = {.topology = &each_node(),
                        .counts = std::vector<std::int64_t>(snapshot_.nodes().size())};
      continue;
    }
    for (std::size_t i = 0; i < snapshot_.nodes().size(); ++i)
      spread.counter.counted[i] = (!pods.own_spread || pods.soft_labels[i]) &&
                                  constraint.includes(pod, *snapshot_.nodes()[i].node);
  }
}

void Scheduler::prepare_affinity(PodClass& pods) {
  const PodInfo& pod = *pods.example;
  pods.namespace_labels = labels_of_namespace(snapshot_, pod);
  pods.affinity = resolved(snapshot_, pod.required_affinity);
  pods.anti_affinity = resolved(snapshot_, pod.required_anti_affinity);
  pods.matches_own_affinity = matches_all(pods.affinity, pod.pod);
  pods.preferred_affinity = pod.preferred_affinity;
  pods.preferred_anti_affinity = pod.preferred_anti_affinity;
  for (auto* terms : {&pods.preferred_affinity, &pods.preferred_anti_affinity})
    for (WeightedAffinityTerm& weighted : *terms) {
      resolve_namespaces(snapshot_, weighted.term);
      make_counter(pods.weights, weighted.term.topology_key);
    }
  for (const AffinityTerm& term : pods.affinity)
    make_counter(pods.matching_affinity, term.topology_key);
  for (const AffinityTerm& term : pods.anti_affinity)
    make_counter(pods.matching_anti_affinity, term.topology_key);
}

void Scheduler::make_counter(std::map<std::string, Counter, std::less<>>& counters,
                             const std::string& key) {
  if (counters.contains(key)) return;
  const Topology& by_label = topology(key);
  counters.emplace(
      key, Counter{.topology = &by_label, .counts = std::vector<std::int64_t>(by_label.domains)});
}

/// A pod of a class was bound, or lies there.
void Scheduler::apply(PodClass& pods, std::size_t bound_class, std::size_t node) {
  if (pods.effects.size() <= bound_class) pods.effects.resize(classes_.size());
  if (!pods.effects[bound_class]) {
    const PodInfo& bound = *classes_[bound_class].example;
    for (const AffinityTerm& term : bound.required_anti_affinity)
      make_counter(pods.existing_anti_affinity, term.topology_key);
    for (const auto* terms : {&bound.preferred_affinity, &bound.preferred_anti_affinity})
      for (const WeightedAffinityTerm& weighted : *terms)
        make_counter(pods.weights, weighted.term.topology_key);
    for (const AffinityTerm& term : bound.required_affinity)
      make_counter(pods.weights, term.topology_key);
    pods.effects[bound_class] =
        std::make_unique<const std::vector<Effect>>(effects_of(pods, bound));
  }
  for (const Effect& effect : *pods.effects[bound_class]) effect.counter->add(node, effect.by);
}

void Scheduler::bind(PodPtr pod, std::size_t node) {
  const std::size_t bound = class_of(*pod);
  snapshot_.bind(std::move(pod), snapshot_.nodes()[node].name());
  ++generations_[node];
  bound_classes_[node].push_back(bound);
  for (PodClass& pods : classes_)
    if (pods.ready && pods.is_simple) apply(pods, bound, node);
}

/// What the local plugins say of a node that has changed.
void Scheduler::refresh(PodClass& pods, std::size_t node) {
  const PodInfo& pod = *pods.example;
  const NodeInfo& info = snapshot_.nodes()[node];
  PodClass::Local& local = pods.nodes[node];
  local = {.generation = generations_[node], .admits = true, .fixed = 0};
  for (std::size_t i = 0; i < profile_.size() && local.admits; ++i)
    local.admits = pods.cycle[i].skip ||
                   profile_[i].plugin->filter(pods.cycle[i].state.get(), snapshot_, pod, info).ok();
  for (std::size_t i = 0; i < profile_.size() && local.admits; ++i) {
    if (!pods.scores[i]) continue;
    const std::int64_t score =
        profile_[i].plugin->score(pods.score_states[i].get(), snapshot_, pod, info);
    if (profile_[i].plugin->normalizes()) {
      pods.raw[i][node] = score;
      if (score != 0) pods.any_raw[i] = 1;
    } else
      local.fixed += profile_[i].weight * score;
  }
}

void Scheduler::collect(PodClass& pods, std::size_t enough) {
  const std::size_t nodes = snapshot_.nodes().size();
  const auto is_touched = [](const auto& entry) { return entry.second.touched; };
  const auto any_touched = [&](const PodClass::Counters& counters) {
    return std::any_of(counters.begin(), counters.end(), is_touched);
  };
  const bool has_spread = !pods.hard_spread.empty();
  const bool has_affinity = !pods.affinity.empty() || any_touched(pods.matching_anti_affinity) ||
                            any_touched(pods.existing_anti_affinity);
  std::size_t looked_at = 0;
  for (std::size_t node = start_; looked_at < nodes; ++looked_at) {
    if (pods.nodes[node].generation != generations_[node]) refresh(pods, node);
    if (pods.nodes[node].admits && (!has_spread || spread_admits(pods, node)) &&
        (!has_affinity || affinity_admits(pods, node))) {
      if (verdict_.feasible.size() == enough) break;
      verdict_.feasible.push_back(node);
    }
    if (++node == nodes) node = 0;
  }
  verdict_.evaluated = looked_at;
}

const Scheduler::Verdict& Scheduler::find(const PodInfo& pod) {
  verdict_.feasible.clear();
  verdict_.totals.clear();
  verdict_.evaluated = 0;
  PodClass& pods = classes_[class_of(pod)];
  if (!pods.ready) prepare(pods);
  const std::size_t nodes = snapshot_.nodes().size();
  if (!pods.is_simple || snapshot_.has_nominated()) {
    find_as_is(pod);
  } else {
    for (HardSpread& spread : pods.hard_spread) find_lowest(spread);
    collect(pods, feasible_nodes_to_find(nodes, percentage_));
    score(pods);
  }
  if (nodes > 0) start_ = (start_ + verdict_.evaluated) % nodes;
  return verdict_;
}

void Scheduler::find_as_is(const PodInfo& pod) {
  const Search found =
      search(framework_, snapshot_, pod, {.start = start_, .percentage = percentage_});
  for (const NodeInfo* node : found.feasible)
    verdict_.feasible.push_back(static_cast<std::size_t>(node - snapshot_.nodes().data()));
  verdict_.totals = framework_.score(snapshot_, pod, found.feasible).totals;
  verdict_.evaluated = found.evaluated;
}

void Scheduler::score(PodClass& pods) {
  const std::vector<std::size_t>& feasible = verdict_.feasible;
  verdict_.totals.resize(feasible.size());
  for (std::size_t i = 0; i < feasible.size(); ++i)
    verdict_.totals[i] = pods.nodes[feasible[i]].fixed;
  static const std::vector<const NodeInfo*> not_needed; // local plugins normalise scores alone
  for (std::size_t p = 0; p < profile_.size(); ++p) {
    const Plugin& plugin = *profile_[p].plugin;
    if (plugin.name() == spread_plugin) score_spread(pods, profile_[p].weight);
    if (plugin.name() == affinity_plugin) score_affinity(pods, profile_[p].weight);
    if (pods.raw[p].empty()) continue;
    if (!pods.any_raw[p]) { // all alike: one stands for them
      scratch_.assign(1, 0);
      plugin.normalize(pods.score_states[p].get(), not_needed, scratch_);
      const std::int64_t each = profile_[p].weight * scratch_[0];
      for (std::int64_t& total : verdict_.totals) total += each;
      continue;
    }
    scratch_.resize(feasible.size());
    for (std::size_t i = 0; i < feasible.size(); ++i) scratch_[i] = pods.raw[p][feasible[i]];
    plugin.normalize(pods.score_states[p].get(), not_needed, scratch_);
    for (std::size_t i = 0; i < feasible.size(); ++i)
      verdict_.totals[i] += profile_[p].weight * scratch_[i];
  }
}

void Scheduler::score_spread(PodClass& pods, std::int64_t weight) {
  if (pods.soft_spread.empty()) return;
  const std::vector<std::size_t>& feasible = verdict_.feasible;
  ignored_.assign(feasible.size(), 0);
  std::size_t kept = feasible.size();
  if (pods.own_spread)
    for (std::size_t i = 0; i < feasible.size(); ++i)
      if (!pods.soft_labels[feasible[i]]) {
        ignored_[i] = 1;
        --kept;
      }
  std::vector<double> costs(feasible.size(), 0.0);
  for (const SoftSpread& spread : pods.soft_spread) {
    const Counter& counter = spread.counter;
    std::size_t domains = kept;
    if (!spread.by_node) { // those of feasible nodes; nodes without the label make one
      std::vector<char> seen(counter.counts.size() + 1, 0);
      domains = 0;
      for (std::size_t i = 0; i < feasible.size(); ++i) {
        if (ignored_[i]) continue;
        char& place = seen[static_cast<std::size_t>(counter.topology->domain[feasible[i]] + 1)];
        if (!place) ++domains;
        place = 1;
      }
    }
    const double by = spread_weight(domains);
    for (std::size_t i = 0; i < feasible.size(); ++i)
      if (!ignored_[i] && counter.topology->domain[feasible[i]] >= 0)
        costs[i] += spread_cost(counter.at(feasible[i]), by, spread.constraint.max_skew);
  }
  scratch_.resize(feasible.size());
  for (std::size_t i = 0; i < feasible.size(); ++i) scratch_[i] = std::llround(costs[i]);
  normalize_spread(scratch_, ignored_);
  for (std::size_t i = 0; i < feasible.size(); ++i) verdict_.totals[i] += weight * scratch_[i];
}

void Scheduler::score_affinity(const PodClass& pods, std::int64_t weight) {
  const std::vector<std::size_t>& feasible = verdict_.feasible;
  bool any = false;
  scratch_.assign(feasible.size(), 0);
  for (const auto& [key, counter] : pods.weights) {
    if (!counter.touched) continue;
    any = true;
    for (std::size_t i = 0; i < feasible.size(); ++i) scratch_[i] += counter.at(feasible[i]);
  }
  if (!any) return;
  normalize_by_range(scratch_);
  for (std::size_t i = 0; i < feasible.size(); ++i) verdict_.totals[i] += weight * scratch_[i];
}

} // namespace windtunnel::scheduling
