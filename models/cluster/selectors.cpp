#include "models/cluster/selectors.hpp"

#include <algorithm>
#include <charconv>

namespace windtunnel::cluster {
namespace {

std::optional<std::int64_t> whole(const std::string& text) {
  std::string_view digits = text;
  if (digits.starts_with('+')) digits.remove_prefix(1);
  std::int64_t value = 0;
  const auto parsed = std::from_chars(digits.data(), digits.data() + digits.size(), value);
  if (parsed.ec != std::errc() || parsed.ptr != digits.data() + digits.size()) return std::nullopt;
  return value;
}

} // namespace

std::optional<Operator> parse_operator(std::string_view text) {
  if (text == "In") return Operator::in;
  if (text == "NotIn") return Operator::not_in;
  if (text == "Exists") return Operator::exists;
  if (text == "DoesNotExist") return Operator::does_not_exist;
  if (text == "Gt") return Operator::greater;
  if (text == "Lt") return Operator::less;
  return std::nullopt;
}

bool Requirement::matches(const Labels& labels) const {
  const auto found = labels.find(key);
  if (found == labels.end()) return op == Operator::not_in || op == Operator::does_not_exist;
  const auto listed = [&] {
    return std::find(values.begin(), values.end(), found->second) != values.end();
  };
  switch (op) {
  case Operator::in:
    return listed();
  case Operator::not_in:
    return !listed();
  case Operator::exists:
    return true;
  case Operator::does_not_exist:
    return false;
  case Operator::greater:
  case Operator::less:
    break;
  }
  const auto have = whole(found->second);
  const auto bound = values.size() == 1 ? whole(values.front()) : std::nullopt;
  if (!have || !bound) return false;
  return op == Operator::greater ? *have > *bound : *have < *bound;
}

Selector Selector::nothing() {
  Selector selector;
  selector.nothing_ = true;
  return selector;
}

Selector Selector::of(const Labels& labels) {
  Selector selector;
  for (const auto& [key, value] : labels)
    selector.requirements_.push_back({key, Operator::in, {value}});
  return selector;
}

bool Selector::matches(const Labels& labels) const {
  return !nothing_ && std::all_of(requirements_.begin(), requirements_.end(),
                                  [&](const Requirement& r) { return r.matches(labels); });
}

void Selector::add(const std::vector<Requirement>& more) {
  requirements_.insert(requirements_.end(), more.begin(), more.end());
}

Selector LabelSelector::selector() const {
  Selector selector = Selector::of(match_labels);
  selector.add(match_expressions);
  return selector;
}

Selector selector_of(const std::optional<LabelSelector>& selector) {
  return selector ? selector->selector() : Selector::nothing();
}

bool NodeSelectorTerm::matches(const std::string& node_name, const Labels& node_labels) const {
  if (match_expressions.empty() && match_fields.empty()) return false;
  const auto label_matches = [&](const Requirement& r) { return r.matches(node_labels); };
  if (!std::all_of(match_expressions.begin(), match_expressions.end(), label_matches)) return false;
  const Labels fields{{"metadata.name", node_name}};
  return std::all_of(match_fields.begin(), match_fields.end(), [&](const Requirement& r) {
    const bool supported = (r.op == Operator::in || r.op == Operator::not_in) &&
                           r.values.size() == 1; // the API server admits no other
    return supported && r.matches(fields);
  });
}

bool NodeSelector::matches(const std::string& node_name, const Labels& node_labels) const {
  return std::any_of(terms.begin(), terms.end(), [&](const NodeSelectorTerm& term) {
    return term.matches(node_name, node_labels);
  });
}

} // namespace windtunnel::cluster
