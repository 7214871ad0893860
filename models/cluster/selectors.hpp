// Selectors: which labels match. A LabelSelector (of pods) and a NodeSelectorTerm (of nodes) are
// what a manifest holds; a Selector is either of them made ready to match many times.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace windtunnel::cluster {

using Labels = std::map<std::string, std::string, std::less<>>;

enum class Operator : std::uint8_t { in, not_in, exists, does_not_exist, greater, less };
/// "In", "NotIn", "Exists", "DoesNotExist", "Gt", "Lt"; nullopt for any other word.
std::optional<Operator> parse_operator(std::string_view text);

struct Requirement {
  std::string key;
  Operator op = Operator::in;
  std::vector<std::string> values;

  bool matches(const Labels& labels) const;
};

/// A conjunction of requirements; without any it matches everything, nothing() matches nothing.
class Selector {
public:
  Selector() = default;
  explicit Selector(std::vector<Requirement> requirements)
      : requirements_(std::move(requirements)) {}
  static Selector nothing();
  static Selector of(const Labels& labels); ///< each label as it is given

  bool matches(const Labels& labels) const;
  bool empty() const { return !nothing_ && requirements_.empty(); } ///< matches everything
  const std::vector<Requirement>& requirements() const { return requirements_; }
  void add(const std::vector<Requirement>& more);

private:
  std::vector<Requirement> requirements_;
  bool nothing_ = false;
};

struct LabelSelector {
  Labels match_labels;
  std::vector<Requirement> match_expressions;

  Selector selector() const;
};
/// A label selector that is absent selects nothing, an empty one everything.
Selector selector_of(const std::optional<LabelSelector>& selector);

/// Requirements on a node's labels and on its fields (metadata.name alone). An empty term matches
/// no node.
struct NodeSelectorTerm {
  std::vector<Requirement> match_expressions;
  std::vector<Requirement> match_fields;

  bool matches(const std::string& node_name, const Labels& node_labels) const;
};

/// Terms are alternatives.
struct NodeSelector {
  std::vector<NodeSelectorTerm> terms;

  bool matches(const std::string& node_name, const Labels& node_labels) const;
};

} // namespace windtunnel::cluster
