#include "scenarios/decide/kube_scheduler.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <numeric>
#include <set>

#include "models/scheduling/attempt.hpp"
#include "models/scheduling/go_sort.hpp"
#include "models/scheduling/preemption.hpp"
#include "scenarios/manifests/read_objects.hpp"

namespace windtunnel::scenarios {
namespace {

using json::Value;
using json::Writer;
using namespace scheduling;

constexpr int every_node = 100; ///< per cent of nodes to score

template <class T, class Read>
std::vector<T> read_list(const Value& question, const char* name, Read read) {
  std::vector<T> objects;
  std::set<std::string> keys;
  for (const Value& value : question[name].elements()) {
    objects.push_back(read(value));
    if (!keys.insert(objects.back().meta.key()).second)
      value.fail(fmt::format("the name {} stands twice", objects.back().meta.key()));
  }
  return objects;
}

Snapshot read_snapshot(const Value& q) {
  cluster::Objects o;
  o.nodes = read_list<cluster::Node>(q, "nodes", read_node);
  o.pods = read_list<cluster::Pod>(q, "pods", read_pod);
  o.namespaces = read_list<cluster::Namespace>(q, "namespaces", read_namespace);
  o.services = read_list<cluster::Service>(q, "services", read_service);
  o.replication_controllers = read_list<cluster::ReplicaController>(q, "replicationcontrollers",
                                                                    read_replication_controller);
  o.replica_sets = read_list<cluster::ReplicaController>(q, "replicasets", read_replica_controller);
  o.stateful_sets =
      read_list<cluster::ReplicaController>(q, "statefulsets", read_replica_controller);
  o.disruption_budgets = read_list<cluster::PodDisruptionBudget>(q, "pdbs", read_disruption_budget);
  o.volumes = read_list<cluster::PersistentVolume>(q, "pvs", read_persistent_volume);
  o.claims = read_list<cluster::PersistentVolumeClaim>(q, "pvcs", read_persistent_volume_claim);
  o.storage_classes = read_list<cluster::StorageClass>(q, "storageclasses", read_storage_class);
  o.csi_nodes = read_list<cluster::CsiNode>(q, "csinodes", read_csi_node);
  o.csi_drivers = read_list<cluster::CsiDriver>(q, "csidrivers", read_csi_driver);
  o.csi_capacities =
      read_list<cluster::CsiStorageCapacity>(q, "csistoragecapacities", read_csi_storage_capacity);
  o.attachments =
      read_list<cluster::VolumeAttachment>(q, "volumeattachments", read_volume_attachment);
  Snapshot snapshot(std::move(o));
  for (cluster::Pod& pod : read_list<cluster::Pod>(q, "nominated", read_pod)) {
    const std::string node_name = pod.nominated_node_name;
    snapshot.nominate(std::make_shared<const PodInfo>(std::move(pod)), node_name);
  }
  return snapshot;
}

void write_reasons(Writer& answer, std::vector<std::string> reasons) {
  std::sort(reasons.begin(), reasons.end());
  answer.begin_array("reasons");
  for (const std::string& reason : reasons) answer.element(reason);
  answer.end();
}

void refuse_contradictions(const Search& search) {
  const auto check = [](const Status& status) {
    if (status.code == Code::error)
      throw ModelError(fmt::format("{}: {}", status.plugin, status.reasons.front()));
  };
  check(search.pre_filtered.status);
  for (const auto& [node, status] : search.refused) check(status);
}

std::vector<std::string> best_nodes(const Search& search, const std::vector<std::int64_t>& totals) {
  std::vector<std::string> best;
  const std::int64_t top = totals.empty() ? 0 : *std::max_element(totals.begin(), totals.end());
  for (std::size_t i = 0; i < totals.size(); ++i)
    if (totals[i] == top) best.push_back(search.feasible[i]->name());
  std::sort(best.begin(), best.end());
  return best;
}

void write_pre_filter(Writer& answer, const PreFiltered& filtered) {
  answer.begin_object("prefilter").field("code", to_string(filtered.status.code));
  if (!filtered.status.ok()) {
    answer.field("plugin", filtered.status.plugin);
    write_reasons(answer, filtered.status.reasons);
  }
  if (filtered.status.ok() && filtered.node_names) {
    answer.begin_array("node_names");
    for (const std::string& name : *filtered.node_names) answer.element(name);
    answer.end();
  }
  answer.end();
}

void write_filter(Writer& answer, const Snapshot& snapshot, const Search& search) {
  answer.begin_object("filter");
  std::set<std::string> feasible;
  for (const NodeInfo* node : search.feasible) feasible.insert(node->name());
  for (const NodeInfo& node : snapshot.nodes()) {
    if (!search.pre_filtered.status.ok()) break; // nothing was filtered
    answer.begin_object(node.name()).field("ok", feasible.contains(node.name()));
    if (const auto refused = search.refused.find(node.name()); refused != search.refused.end()) {
      answer.field("plugin", refused->second.plugin).field("code", to_string(refused->second.code));
      write_reasons(answer, refused->second.reasons);
    } else if (!feasible.contains(node.name())) {
      answer.field("code", to_string(search.absent.code)).field("narrowed", true);
      write_reasons(answer, search.absent.reasons);
    }
    answer.end();
  }
  answer.end();
}

void answer_filter_score(const Value& question, Writer& answer) {
  const Snapshot snapshot = read_snapshot(question);
  const PodInfo pod(read_pod(question["pod"]));
  const Profile profile = default_profile();
  const Framework framework(profile);
  const Search found = search(framework, snapshot, pod, {.percentage = every_node});
  refuse_contradictions(found);
  answer.begin_object("outcome");
  write_pre_filter(answer, found.pre_filtered);
  write_filter(answer, snapshot, found);
  const Framework::Scores scores = framework.score(snapshot, pod, found.feasible);
  answer.begin_object("scores");
  for (std::size_t i = 0; i < found.feasible.size(); ++i) {
    answer.begin_object(found.feasible[i]->name());
    for (const auto& [plugin, values] : scores.by_plugin) answer.field(plugin, values[i]);
    answer.field("total", scores.totals[i]).end();
  }
  answer.end().begin_array("best");
  for (const std::string& name : best_nodes(found, scores.totals)) answer.element(name);
  answer.end().end();
}

void write_victims(Writer& answer, const Victims& victims) {
  answer.begin_array("victims");
  for (const PodPtr& pod : victims.pods) answer.element(pod->pod.meta.key());
  answer.end();
}

void answer_preemption(const Value& question, Writer& answer) {
  const Snapshot snapshot = read_snapshot(question);
  const PodInfo pod(read_pod(question["pod"]));
  const Profile profile = default_profile();
  const Framework framework(profile);
  const Search found = search(framework, snapshot, pod, {.percentage = every_node});
  refuse_contradictions(found);
  answer.begin_object("outcome").begin_object("preemption_candidates");
  for (const auto& [node, victims] :
       find_preemption_candidates(framework, snapshot, pod, found, 0).nodes) {
    answer.begin_object(node);
    write_victims(answer, victims);
    answer.field("pdb_violations", victims.budget_violations).end();
  }
  answer.end().begin_object("choice");
  const PreemptionChoice choice = choose_preemption(framework, snapshot, pod, found);
  if (choice.node.empty()) {
    answer.field("reason", choice.reason);
  } else {
    answer.field("node", choice.node);
    write_victims(answer, choice.victims);
  }
  answer.end().end();
}

/// Pods to schedule in a row, as they wait.
std::vector<PodPtr> read_pending(const Value& question) {
  std::vector<PodPtr> pending;
  for (cluster::Pod& pod : read_list<cluster::Pod>(question, "pending", read_pod))
    pending.push_back(std::make_shared<const PodInfo>(std::move(pod)));
  return pending;
}

struct Step {
  std::string pod;
  std::size_t feasible = 0;
  std::vector<std::string> best{};
  std::int64_t top = 0;
  std::map<std::string, std::int64_t> reasons{};
};

void write_step(Writer& answer, const Step& step) {
  answer.begin_object().field("pod", step.pod).field("feasible", step.feasible);
  if (step.best.empty()) {
    answer.begin_object("reasons");
    for (const auto& [reason, nodes] : step.reasons) answer.field(reason, nodes);
    answer.end();
  } else {
    answer.field("best_count", step.best.size()).field("top", step.top);
    answer.field("node", step.best.front());
  }
  answer.end();
}

void answer_sequence(const Value& question, Writer& answer) {
  Snapshot snapshot = read_snapshot(question);
  const Profile profile = default_profile();
  const Framework framework(profile);
  std::vector<Step> steps;
  for (const PodPtr& pod : read_pending(question)) {
    const Search found = search(framework, snapshot, *pod, {.percentage = every_node});
    refuse_contradictions(found);
    Step& step = steps.emplace_back();
    step.pod = pod->pod.meta.key();
    step.feasible = found.feasible.size();
    if (found.feasible.empty()) {
      step.reasons = reasons_of(found.refused, found.absent, snapshot.nodes().size());
      continue;
    }
    const Framework::Scores scores = framework.score(snapshot, *pod, found.feasible);
    step.best = best_nodes(found, scores.totals);
    step.top = *std::max_element(scores.totals.begin(), scores.totals.end());
    snapshot.bind(pod, step.best.front());
  }
  answer.begin_object("outcome").begin_array("nodes");
  for (const Step& step : steps) {
    if (step.best.empty())
      answer.null_element();
    else
      answer.element(step.best.front());
  }
  answer.end().begin_array("steps");
  for (const Step& step : steps) write_step(answer, step);
  answer.end().end();
}

void answer_sampling(const Value& question, Writer& answer) {
  Snapshot snapshot = read_snapshot(question);
  const Profile profile = default_profile();
  const Framework framework(profile);
  const std::vector<PodPtr> pending = read_pending(question);
  const std::vector<Value> bind_to = question["bind_to"].elements();
  if (bind_to.size() != pending.size())
    question["bind_to"].fail(
        fmt::format("names {} nodes for {} pending pods", bind_to.size(), pending.size()));
  std::vector<std::size_t> evaluated, feasible;
  std::size_t start = 0;
  for (std::size_t i = 0; i < pending.size(); ++i) {
    const Search found = search(framework, snapshot, *pending[i], {.start = start});
    refuse_contradictions(found);
    evaluated.push_back(found.evaluated);
    feasible.push_back(found.feasible.size());
    if (!snapshot.nodes().empty()) start = (start + found.evaluated) % snapshot.nodes().size();
    if (!bind_to[i]) continue;
    const std::string node = bind_to[i].text();
    if (!snapshot.node(node)) bind_to[i].fail("there is no node '" + node + "'");
    snapshot.bind(pending[i], node);
  }
  answer.begin_object("outcome");
  for (const auto& [name, counts] : {std::pair{"evaluated", &evaluated}, {"feasible", &feasible}}) {
    answer.begin_array(name);
    for (const std::size_t count : *counts) answer.element(count);
    answer.end();
  }
  answer.end();
}

void answer_go_sort_slice(const Value& question, Writer& answer) {
  std::vector<std::int64_t> keys;
  for (const Value& key : question["keys"].elements()) keys.push_back(key.integer());
  std::vector<std::size_t> order(keys.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  go_sort_slice(order, [&](std::size_t a, std::size_t b) { return keys[a] < keys[b]; });
  answer.begin_array("outcome");
  for (const std::size_t index : order) answer.element(index);
  answer.end();
}

} // namespace

void answer_kube_scheduler(const Value& question, Writer& answer) {
  static const std::vector<std::pair<std::string, AnswerCase>> answers{
      {"filter_score", answer_filter_score},
      {"preemption", answer_preemption},
      {"sequence", answer_sequence},
      {"sampling", answer_sampling},
      {"go_sort_slice", answer_go_sort_slice}};
  const Value kind = question["question"] ? question["question"] : question["family"];
  const std::string text = kind.text();
  for (const auto& [name, answer_case] : answers)
    if (name == text) return answer_case(question, answer);
  kind.fail(fmt::format("unknown question '{}'; there are filter_score, preemption, sequence, "
                        "sampling, go_sort_slice",
                        text));
}

} // namespace windtunnel::scenarios
