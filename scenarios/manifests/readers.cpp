#include <fmt/format.h>

#include "libsim/base/unit_strings.hpp"
#include "scenarios/manifests/readers_impl.hpp"

namespace windtunnel::scenarios {
namespace {

using cluster::Operator;

cluster::Requirement read_requirement(const json::Value& value, bool of_nodes) {
  cluster::Requirement requirement;
  requirement.key = value["key"].text();
  const json::Value op = value["operator"];
  const std::optional<Operator> parsed = cluster::parse_operator(op.text());
  const bool compares = parsed == Operator::greater || parsed == Operator::less;
  if (!parsed || (compares && !of_nodes))
    op.fail(fmt::format("unknown operator '{}'; there are In, NotIn, Exists, DoesNotExist{}",
                        op.text(), of_nodes ? ", Gt, Lt" : ""));
  requirement.op = *parsed;
  requirement.values = read_texts(value["values"]);
  const bool exists = parsed == Operator::exists || parsed == Operator::does_not_exist;
  if (exists != requirement.values.empty())
    value.fail(exists ? "Exists and DoesNotExist take no values"
                      : "In, NotIn, Gt and Lt need values");
  if (compares && requirement.values.size() != 1) value.fail("Gt and Lt take one value");
  return requirement;
}

std::vector<cluster::Requirement> read_requirements(const json::Value& list, bool of_nodes) {
  std::vector<cluster::Requirement> requirements;
  for (const json::Value& value : list.elements())
    requirements.push_back(read_requirement(value, of_nodes));
  return requirements;
}

} // namespace

cluster::Quantity read_quantity(const json::Value& value) {
  const auto parsed = cluster::Quantity::parse(value.scalar());
  if (!parsed) value.fail(parsed.error());
  return *parsed;
}

cluster::ResourceList read_resources(const json::Value& list) {
  cluster::ResourceList resources;
  for (const auto& [name, value] : list.fields()) {
    const cluster::Quantity quantity = read_quantity(value);
    if (quantity < cluster::Quantity()) value.fail("an amount of a resource cannot be negative");
    resources.emplace(name, quantity);
  }
  return resources;
}

cluster::Labels read_labels(const json::Value& map) {
  cluster::Labels labels;
  for (const auto& [key, value] : map.fields()) labels.emplace(key, value.text());
  return labels;
}

std::vector<std::string> read_texts(const json::Value& list) {
  std::vector<std::string> texts;
  for (const json::Value& value : list.elements()) texts.push_back(value.text());
  return texts;
}

cluster::Instant read_instant(const json::Value& value) {
  const auto parsed = parse_instant(value.text());
  if (!parsed) value.fail("must be an instant such as 2026-06-01T10:00:00Z");
  return *parsed;
}

cluster::ObjectMeta read_meta(const json::Value& object) {
  const json::Value value = object["metadata"];
  cluster::ObjectMeta meta;
  meta.name = value["name"].text();
  meta.name_space = value["namespace"].text("");
  meta.uid = value["uid"].text("");
  meta.labels = read_labels(value["labels"]);
  meta.annotations = read_labels(value["annotations"]);
  meta.deleting = static_cast<bool>(value["deletionTimestamp"]);
  if (const json::Value creation = value["creationTimestamp"])
    meta.creation = read_instant(creation);
  for (const json::Value& owner : value["ownerReferences"].elements())
    meta.owner_references.push_back({.api_version = owner["apiVersion"].text(""),
                                     .kind = owner["kind"].text(""),
                                     .name = owner["name"].text(),
                                     .uid = owner["uid"].text(""),
                                     .controller = owner["controller"].boolean(false)});
  return meta;
}

std::optional<cluster::LabelSelector> read_label_selector(const json::Value& selector) {
  if (!selector) return std::nullopt;
  return cluster::LabelSelector{read_labels(selector["matchLabels"]),
                                read_requirements(selector["matchExpressions"], false)};
}

cluster::NodeSelectorTerm read_node_selector_term(const json::Value& term) {
  return {read_requirements(term["matchExpressions"], true),
          read_requirements(term["matchFields"], true)};
}

std::optional<cluster::NodeSelector> read_node_selector(const json::Value& selector) {
  if (!selector) return std::nullopt;
  cluster::NodeSelector result;
  for (const json::Value& term : selector["nodeSelectorTerms"].elements())
    result.terms.push_back(read_node_selector_term(term));
  return result;
}

std::int32_t read_int32(const json::Value& value, std::int32_t fallback, std::int32_t least,
                        std::int32_t most) {
  const std::int64_t number = value.integer(fallback);
  if (number < least || number > most)
    value.fail(fmt::format("must be in [{}, {}], got {}", least, most, number));
  return static_cast<std::int32_t>(number);
}

} // namespace windtunnel::scenarios
