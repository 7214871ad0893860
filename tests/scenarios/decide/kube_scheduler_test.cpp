// Decisions recorded from kube-scheduler 1.36.3 itself, in part: kube_scheduler/*.jsonl hold
// generated clusters and, under "outcomes", what the real program decided (several where it is
// undecided itself).
#include "scenarios/decide/kube_scheduler.hpp"

#include <gtest/gtest.h>

#include <fstream>
#include <map>
#include <nlohmann/json.hpp>
#include <sstream>

namespace windtunnel::scenarios {
namespace {

using Json = nlohmann::json;

/// Without what is empty, which may be written or left out.
Json without_empty(const Json& value) {
  if (value.is_array()) {
    Json list = Json::array();
    for (const Json& element : value) list.push_back(without_empty(element));
    return list;
  }
  if (!value.is_object()) return value;
  Json object = Json::object();
  for (const auto& [key, field] : value.items())
    if (!field.is_null() && !((field.is_object() || field.is_array()) && field.empty()))
      object[key] = without_empty(field);
  return object;
}

bool is_any_of(const Json& outcome, const Json& recorded) {
  for (const Json& other : recorded)
    if (without_empty(outcome) == without_empty(other)) return true;
  return false;
}

struct Answers {
  std::map<std::string, Json> by_id;
  int without_answer = 0;
  std::string problems;
};

Answers answer(std::istream& cases) {
  std::ostringstream answers, problems;
  Answers result;
  result.without_answer =
      answer_cases(cases, "cases.jsonl", answer_kube_scheduler, answers, problems);
  result.problems = problems.str();
  std::istringstream lines(answers.str());
  for (std::string line; std::getline(lines, line);) {
    const Json row = Json::parse(line);
    result.by_id[row.at("id")] = row.at("outcome");
  }
  return result;
}

class RecordedDecisions : public testing::TestWithParam<const char*> {};

TEST_P(RecordedDecisions, AreTakenAgain) {
  const std::string path =
      std::string(SOURCE_DIR) + "/tests/scenarios/decide/kube_scheduler/" + GetParam() + ".jsonl";
  std::ifstream cases(path);
  ASSERT_TRUE(cases) << path;
  const Answers answers = answer(cases);
  EXPECT_EQ(answers.problems, "");
  std::ifstream again(path);
  int count = 0;
  for (std::string line; std::getline(again, line); ++count) {
    const Json recorded = Json::parse(line);
    const Json& outcome = answers.by_id.at(recorded.at("id"));
    if (recorded.at("outcomes").is_array()) {
      EXPECT_TRUE(is_any_of(outcome, recorded.at("outcomes"))) << recorded.at("id");
      continue;
    }
    for (const auto& [part, outcomes] : recorded.at("outcomes").items())
      EXPECT_TRUE(is_any_of(outcome.at(part), outcomes))
          << recorded.at("id") << " " << part << ": want " << outcomes.dump() << " got "
          << outcome.at(part).dump();
  }
  EXPECT_GT(count, 0);
}

INSTANTIATE_TEST_SUITE_P(KubeScheduler, RecordedDecisions,
                         testing::Values("filter_score", "preemption", "sequence", "sampling",
                                         "go_sort_slice"));

TEST(DecideCases, NamesWhatIsBrokenAndAnswersTheRest) {
  std::istringstream cases(R"({"id": "good", "family": "go_sort_slice", "keys": [2, 1]}
{"id": "cut off", "family": "go_sort_
{"id": "no such question", "question": "what now"}

{"family": "go_sort_slice", "keys": []}
{"id": "bad quantity", "question": "filter_score", "pod": {"metadata": {"name": "p"}}, "nodes": [{"metadata": {"name": "n"}, "status": {"allocatable": {"cpu": "1e99Gi"}}}]}
{"id": "twice", "question": "filter_score", "pod": {"metadata": {"name": "p"}}, "nodes": [{"metadata": {"name": "n"}}, {"metadata": {"name": "n"}}]}
{"id": "bad operator", "question": "filter_score", "pod": {"metadata": {"name": "p"}, "spec": {"affinity": {"nodeAffinity": {"requiredDuringSchedulingIgnoredDuringExecution": {"nodeSelectorTerms": [{"matchExpressions": [{"key": "a", "operator": "Near", "values": ["b"]}]}]}}}}}}
{"id": "also good", "family": "go_sort_slice", "keys": []})");
  const Answers answers = answer(cases);
  EXPECT_EQ(answers.without_answer, 6);
  EXPECT_EQ(answers.by_id.size(), 2U);
  EXPECT_EQ(answers.by_id.at("good"), Json({1, 0}));
  for (const char* part :
       {"cases.jsonl:2: ",
        "cases.jsonl:3: no such question: /question: unknown question 'what now'",
        "cases.jsonl:5: /id: is missing",
        "cases.jsonl:6: bad quantity: /nodes/0/status/allocatable/cpu", "'1e99Gi'",
        "cases.jsonl:7: twice: /nodes/1: the name n stands twice",
        "/operator: unknown operator 'Near'"})
    EXPECT_NE(answers.problems.find(part), std::string::npos) << part << "\n" << answers.problems;
}

} // namespace
} // namespace windtunnel::scenarios
