#include "libsim/json/reader.hpp"

#include <gtest/gtest.h>

#include "libsim/base/unit_strings.hpp"
#include "libsim/json/writer.hpp"

namespace windtunnel::json {
namespace {

struct Pool {
  std::string name;
  std::int64_t count = 0;
  Time boot{};
  std::string purchase;
  std::int64_t days = 0;
};
struct Cluster {
  std::vector<Pool> pools;
  std::optional<Money> budget;
};

Pool read_pool(Reader& r) {
  Pool p;
  p.name = r.text("name", "Its name.");
  p.count = r.integer("count", {.min = 1, .max = 10}, "Nodes.");
  p.boot = r.time("boot", seconds(60), "Boot time.");
  p.purchase =
      r.variant("purchase", "How it is bought.",
                {{"spot", [](Reader&) {}},
                 {"block", [&](Reader& o) { p.days = o.integer("days", {.min = 1}, "D."); }}});
  return p;
}

Cluster read_cluster(Reader& r) {
  Cluster c;
  r.objects("pools", 1, "Node pools.", [&](Reader& o) { c.pools.push_back(read_pool(o)); });
  r.optional_object("goals", "Goals.",
                    [&](Reader& o) { c.budget = o.optional_money("budget", "Budget."); });
  return c;
}

Cluster read_text(const std::string& text) {
  return read(parse(text, "test.json"), "cluster", read_cluster);
}

std::vector<Issue> issues_of(const std::string& text) {
  try {
    read_text(text);
  } catch (const InputError& error) {
    return error.issues();
  }
  return {};
}

/// The only issue is at `pointer` and says `words`.
void expect_issue(const std::string& text, const std::string& pointer, const std::string& words) {
  const std::vector<Issue> issues = issues_of(text);
  ASSERT_EQ(issues.size(), 1u) << text;
  EXPECT_EQ(issues[0].pointer, pointer);
  EXPECT_NE(issues[0].message.find(words), std::string::npos) << issues[0].message;
}

TEST(Reader, ReadsWhatIsThereAndDefaultsTheRest) {
  const Cluster c = read_text(R"({"pools": [{"name": "a", "count": 3, "purchase": "block",
                                  "days": 14}], "goals": {"budget": "$4M"}})");
  ASSERT_EQ(c.pools.size(), 1u);
  EXPECT_EQ(c.pools[0].count, 3);
  EXPECT_EQ(c.pools[0].boot, seconds(60));
  EXPECT_EQ(c.pools[0].days, 14);
  EXPECT_EQ(c.budget, dollars(4e6));
}

TEST(Reader, ReportsEveryProblemAtOnce) {
  const auto issues = issues_of(
      R"({"pools": [{"name": "a", "cuont": 3, "boot": 5, "purchase": "spto"}], "gaols": {}})");
  std::string all;
  for (const Issue& issue : issues) all += issue.pointer + " " + issue.message + "\n";
  EXPECT_NE(all.find("/pools/0 missing required field 'count'"), std::string::npos) << all;
  EXPECT_NE(all.find("/pools/0/boot must be a string with a unit"), std::string::npos) << all;
  EXPECT_NE(all.find("/pools/0/purchase must be one of spot, block"), std::string::npos) << all;
  EXPECT_NE(all.find("did you mean 'spot'?"), std::string::npos) << all;
  EXPECT_NE(all.find("/gaols unknown field (did you mean 'goals'?)"), std::string::npos) << all;
}

TEST(Reader, RefusesEachKindOfMistake) {
  const std::string ok = R"("purchase": "spot")";
  const auto pool = [&](const std::string& fields) {
    return R"({"pools": [{"name": "a", )" + fields + ", " + ok + "}]}";
  };
  expect_issue(pool(R"("count": 3.7)"), "/pools/0/count", "whole number");
  expect_issue(pool(R"("count": -1)"), "/pools/0/count", "in [1, 10], got -1");
  expect_issue(pool(R"("count": 1e99)"), "/pools/0/count", "whole number");
  expect_issue(pool(R"("count": 18446744073709551615)"), "/pools/0/count", "whole number");
  expect_issue(pool(R"("count": "3")"), "/pools/0/count", "whole number");
  expect_issue(pool(R"("count": 3, "boot": "5 parsecs")"), "/pools/0/boot", "duration");
  expect_issue(pool(R"("count": 3, "cost~/x": 1)"), "/pools/0/cost~0~1x", "unknown field");
  expect_issue(R"({"pools": {}})", "/pools", "must be an array, got an object");
  expect_issue(R"({"pools": [4]})", "/pools/0", "must be an object, got a number 4");
  expect_issue(R"({"pools": []})", "/pools", "at least 1");
  expect_issue("[]", "", "must be an object");
  expect_issue(R"({"pools": [{"name": "", "count": 1, "purchase": "spot"}]})", "/pools/0/name",
               "not empty");
}

TEST(Parse, SyntaxErrorsHaveLineAndColumn) {
  expect_issue("{\n  \"pools\": [\n", "", "line 3");
  expect_issue("", "", "line 1");
  expect_issue("{\"a\": nan}", "", "line 1, column 8");
  expect_issue("{\"a\": 1e999}", "", "number overflow");
  expect_issue("{\"a\": \"\xff\"}", "", "UTF-8");
}

TEST(Parse, DuplicateKeysAreNamedByPointer) {
  const auto issues = issues_of(R"({"a": [{"b": 1, "b": 2}], "a": 3})");
  ASSERT_EQ(issues.size(), 2u);
  EXPECT_EQ(issues[0].pointer, "/a/0/b");
  EXPECT_EQ(issues[1].pointer, "/a");
}

TEST(Parse, NestingAndSizeAreBounded) {
  expect_issue(std::string(10'000'000, '['), "", "deeper than 64");
  expect_issue(std::string(std::size_t{65} << 20, '['), "", "larger than 64 MiB");
}

TEST(Parse, MissingFileIsNamed) {
  try {
    parse_file("/does/not/exist.json");
    FAIL();
  } catch (const InputError& error) {
    EXPECT_NE(std::string(error.what()).find("/does/not/exist.json"), std::string::npos);
  }
}

TEST(Document, SetReplacesAddsAndAppends) {
  const Document d = parse(R"({"a": {"b": [1, 2]}, "c": "x"})", "t");
  EXPECT_EQ(set(d, "/a/b/0", "7").dump(), parse(R"({"a":{"b":[7,2]},"c":"x"})", "t").dump());
  EXPECT_EQ(set(d, "/a/b/-", "30m").dump(),
            parse(R"({"a":{"b":[1,2,"30m"]},"c":"x"})", "t").dump());
  EXPECT_EQ(set(d, "/a/n", "true").dump(),
            parse(R"({"a":{"b":[1,2],"n":true},"c":"x"})", "t").dump());
  for (const char* pointer : {"", "a", "/d/e", "/a/b/2", "/a/b/x", "/c/z"})
    EXPECT_THROW(set(d, pointer, "1"), InputError) << pointer;
}

TEST(Document, MergePatchFollowsRfc7396) {
  const Document base = parse(R"({"a": {"b": 1, "c": 2}, "d": [1]})", "t");
  const Document patch = parse(R"({"a": {"b": null, "e": 3}, "d": [2]})", "t");
  EXPECT_EQ(merge(base, patch).dump(), parse(R"({"a": {"c": 2, "e": 3}, "d": [2]})", "t").dump());
}

TEST(Describe, ExplainAndSchemaComeFromTheSameCalls) {
  const Schema schema = describe([](Reader& r) { read_cluster(r); });
  const std::string text = explain(schema, "pools");
  EXPECT_NE(text.find("FIELD: scenario.pools <[]object> required"), std::string::npos) << text;
  EXPECT_NE(text.find("in [1, 10]"), std::string::npos) << text;
  EXPECT_NE(text.find("(with purchase=block)"), std::string::npos) << text;
  EXPECT_THROW(explain(schema, "pools.nmae"), InputError);
  const std::string json = to_json_schema(schema, "t");
  EXPECT_NE(json.find("\"additionalProperties\": false"), std::string::npos);
  EXPECT_NE(json.find("\"1m0s\""), std::string::npos) << "a default is a unit string: " << json;
}

TEST(Writer, WritesInOrderWithShortestNumbers) {
  Writer w(0);
  w.begin_object().field("b", 0.1).field("a", "x\"y").field("m", nano_dollars(1500000001));
  w.begin_array("t").element(1).element(true).element(seconds(1.5)).end().null_field("n");
  EXPECT_EQ(w.end().str(),
            "{\"b\":0.1,\"a\":\"x\\\"y\",\"m\":1.500000001,\"t\":[1,true,1.5],\"n\":null}\n");
}

} // namespace
} // namespace windtunnel::json
