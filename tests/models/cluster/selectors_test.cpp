#include "models/cluster/selectors.hpp"

#include <gtest/gtest.h>

namespace windtunnel::cluster {
namespace {

const Labels node{{"zone", "a"}, {"gen", "7"}, {"odd", "7x"}};

TEST(Requirement, MatchesAsKubernetesDoes) {
  EXPECT_TRUE((Requirement{"zone", Operator::in, {"b", "a"}}.matches(node)));
  EXPECT_FALSE((Requirement{"zone", Operator::not_in, {"a"}}.matches(node)));
  EXPECT_TRUE((Requirement{"rack", Operator::not_in, {"a"}}.matches(node))); // absent: not in
  EXPECT_FALSE((Requirement{"rack", Operator::in, {""}}.matches(node)));
  EXPECT_TRUE((Requirement{"zone", Operator::exists, {}}.matches(node)));
  EXPECT_TRUE((Requirement{"rack", Operator::does_not_exist, {}}.matches(node)));
  EXPECT_TRUE((Requirement{"gen", Operator::greater, {"6"}}.matches(node)));
  EXPECT_FALSE((Requirement{"gen", Operator::greater, {"7"}}.matches(node)));
  EXPECT_TRUE((Requirement{"gen", Operator::less, {"8"}}.matches(node)));
  EXPECT_FALSE((Requirement{"odd", Operator::less, {"8"}}.matches(node)));  // no number
  EXPECT_FALSE((Requirement{"rack", Operator::less, {"8"}}.matches(node))); // absent
}

TEST(Selector, AbsentMatchesNothingAndEmptyEverything) {
  EXPECT_FALSE(selector_of(std::nullopt).matches(node));
  EXPECT_FALSE(selector_of(std::nullopt).empty());
  EXPECT_TRUE(selector_of(LabelSelector{}).matches(node));
  EXPECT_TRUE(selector_of(LabelSelector{}).empty());
  EXPECT_TRUE(selector_of(LabelSelector{{{"zone", "a"}}, {}}).matches(node));
  EXPECT_FALSE(selector_of(LabelSelector{{{"zone", "a"}}, {{"gen", Operator::does_not_exist, {}}}})
                   .matches(node));
}

TEST(NodeSelector, TermsAreAlternativesAndAnEmptyOneMatchesNoNode) {
  const NodeSelectorTerm zone_b{{{"zone", Operator::in, {"b"}}}, {}};
  const NodeSelectorTerm by_name{{}, {{"metadata.name", Operator::in, {"n1"}}}};
  EXPECT_FALSE(NodeSelector{}.matches("n1", node));
  EXPECT_FALSE((NodeSelector{{NodeSelectorTerm{}}}.matches("n1", node)));
  EXPECT_TRUE((NodeSelector{{zone_b, by_name}}.matches("n1", node)));
  EXPECT_FALSE((NodeSelector{{zone_b, by_name}}.matches("n2", node)));
}

} // namespace
} // namespace windtunnel::cluster
