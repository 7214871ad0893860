#include "libsim/trace/timeline.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <nlohmann/json.hpp>

#include "libsim/base/error.hpp"

namespace windtunnel::trace {
namespace {

using Json = nlohmann::json;

/// Events of one phase ("B", "E", "i", "C", "M") in the order of the file.
std::vector<Json> events(const Timeline& timeline, const std::string& phase) {
  std::vector<Json> found;
  const Json file = Json::parse(timeline.chrome_json());
  for (const Json& event : file["traceEvents"])
    if (event["ph"] == phase) found.push_back(event);
  return found;
}

TEST(Timeline, TheWholeFileByteForByte) {
  Timeline timeline;
  const Lane run = lane_of(&timeline, "job a", "run");
  const Counter nodes = counter_of(&timeline, "pool p", "nodes", {"ready", "held"});
  nodes.set(Time{}, {1, 0});
  run.span("step", "useful", nanoseconds(1'000'001), nanoseconds(2'500'000),
           {{"nodes", 4}, {"mfu", 0.5}, {"plan", "TP8"}});
  run.instant("crash", "failure", nanoseconds(7));
  EXPECT_EQ(timeline.chrome_json({{"scenario", "s"}, {"seed", "1"}}),
            R"({"displayTimeUnit":"ms",
"otherData":{"scenario":"s","seed":"1"},
"traceEvents":[
{"ph":"M","name":"process_name","pid":1,"tid":0,"args":{"name":"job a"}},
{"ph":"M","name":"process_sort_index","pid":1,"tid":0,"args":{"sort_index":1}},
{"ph":"M","name":"process_name","pid":2,"tid":0,"args":{"name":"pool p"}},
{"ph":"M","name":"process_sort_index","pid":2,"tid":0,"args":{"sort_index":2}},
{"ph":"M","name":"thread_name","pid":1,"tid":1,"args":{"name":"run"}},
{"ph":"M","name":"thread_sort_index","pid":1,"tid":1,"args":{"sort_index":1}},
{"ph":"B","name":"step","cat":"useful","pid":1,"tid":1,"ts":1000.001,"args":{"nodes":4,"mfu":0.5,"plan":"TP8"}},
{"ph":"E","pid":1,"tid":1,"ts":2500.000},
{"ph":"i","name":"crash","cat":"failure","pid":1,"tid":1,"s":"t","ts":0.007},
{"ph":"C","name":"nodes","pid":2,"tid":0,"ts":0.000,"args":{"ready":1,"held":0}}
]}
)");
}

TEST(Timeline, AnEmptyOneIsStillAFile) {
  const Json file = Json::parse(Timeline().chrome_json());
  EXPECT_TRUE(file["traceEvents"].is_array());
  EXPECT_TRUE(file["traceEvents"].empty());
}

TEST(Timeline, NanosecondsAreExactAtAnyTime) {
  // As text: a double could not hold these.
  Timeline timeline;
  const Lane lane = timeline.lane("g", "l");
  lane.span("late", "c", nanoseconds(9'223'372'036'854'775'000), Time::max());
  lane.span("one", "c", nanoseconds(999), nanoseconds(1'000));
  const std::string text = timeline.chrome_json();
  for (const char* time : {"9223372036854775.000", "9223372036854775.807", "0.999", "1.000"})
    EXPECT_NE(text.find("\"ts\":" + std::string(time) + "}"), std::string::npos) << text;
}

TEST(Timeline, OuterSpansComeBeforeInnerOnesHoweverRecorded) {
  Timeline timeline;
  const Lane lane = timeline.lane("g", "l"), other = timeline.lane("g", "other");
  lane.span("inner", "", seconds(1), seconds(2));
  lane.span("same as outer", "", seconds(1), seconds(5));
  other.span("elsewhere", "", seconds(0), seconds(9));
  lane.span("next", "", seconds(5), seconds(6));
  lane.span("outer", "", seconds(1), seconds(5)); // recorded last: outside
  lane.span("before", "", seconds(0), seconds(1));
  std::vector<std::string> names;
  for (const Json& event : events(timeline, "B")) names.push_back(event["name"]);
  EXPECT_EQ(names, (std::vector<std::string>{"before", "outer", "same as outer", "inner", "next",
                                             "elsewhere"}));
}

TEST(Timeline, SpansStillNestForAViewerThatReadsDoublesAndCutsThem) {
  // Back to back, two inside one, at odd nanoseconds over two months.
  Timeline timeline;
  const Lane lane = timeline.lane("g", "l");
  Time now;
  constexpr int pairs = 3000;
  for (int i = 0; i < pairs; ++i) {
    const Time begin = now, middle = begin + nanoseconds(851'123'457'913 + i),
               end = middle + hours(0.3);
    lane.span("first", "", begin, middle);
    lane.span("second", "", middle, end);
    lane.span("both", "", begin, end);
    now = end;
  }
  std::vector<std::string> open;
  std::int64_t last = 0, ended = 0;
  const Json file = Json::parse(timeline.chrome_json());
  for (const Json& event : file["traceEvents"]) {
    if (event["ph"] == "M") continue;
    const auto ns = static_cast<std::int64_t>(event["ts"].get<double>() * 1000.0);
    EXPECT_GE(ns, last);
    last = ns;
    if (event["ph"] == "B") {
      EXPECT_EQ(open.size(), event["name"] == "both" ? 0u : 1u);
      open.push_back(event["name"]);
    } else {
      ASSERT_FALSE(open.empty());
      open.pop_back();
      ++ended;
    }
  }
  EXPECT_TRUE(open.empty());
  EXPECT_EQ(ended, 3 * pairs);
}

TEST(Timeline, SpansOfALaneThatOverlapAreRefusedByName) {
  Timeline timeline;
  const Lane lane = timeline.lane("g", "the lane");
  lane.span("first", "", seconds(0), seconds(3));
  lane.span("second", "", seconds(2), seconds(4));
  try {
    timeline.chrome_json();
    FAIL();
  } catch (const ModelError& error) {
    EXPECT_STREQ(error.what(), "lane 'the lane': 'first' ends at 3.00s within 'second', which "
                               "begins at 2.00s");
  }
}

TEST(Timeline, WhatCannotBeIsRefused) {
  Timeline timeline;
  const Lane lane = timeline.lane("g", "l");
  const Counter counter = timeline.counter("g", "c", {"a", "b"});
  EXPECT_THROW(lane.span("backwards", "", seconds(2), seconds(1)), ModelError);
  EXPECT_THROW(lane.span("early", "", seconds(-1), seconds(1)), ModelError);
  EXPECT_THROW(lane.instant("early", "", seconds(-1)), ModelError);
  EXPECT_THROW(counter.set(seconds(1), {1}), ModelError);
  EXPECT_TRUE(timeline.spans().empty());
}

TEST(Timeline, NamesAreEscapedAndBytesThatAreNoTextReplaced) {
  Timeline timeline;
  const std::string name = "a \"b\"\\\n\t\x01 \x7f µ 漢 😀";
  timeline.lane("group \"x\"", "lane\\").span(name, name, Time{}, seconds(1), {{name, name}});
  const Json span = events(timeline, "B").at(0);
  EXPECT_EQ(span["name"], name);
  EXPECT_EQ(span["cat"], name);
  EXPECT_EQ(span["args"][name], name);
  EXPECT_EQ(events(timeline, "M").at(0)["args"]["name"], "group \"x\"");

  // Truncated, overlong, surrogate, beyond U+10FFFF, a lone trail byte.
  for (const std::string bad :
       {"\xE6\xBC", "\xC0\xAF", "\xED\xA0\x80", "\xF4\x90\x80\x80", "\x80"}) {
    Timeline broken;
    broken.lane("g", "l").span("<" + bad + ">", "", Time{}, seconds(1));
    const std::string shown = events(broken, "B").at(0)["name"]; // the parser refuses bad UTF-8
    EXPECT_EQ(shown.front(), '<');
    EXPECT_EQ(shown.back(), '>');
    EXPECT_NE(shown.find("\xEF\xBF\xBD"), std::string::npos);
  }
}

TEST(Timeline, NumbersThatAreNoneBecomeNull) {
  Timeline timeline;
  timeline.lane("g", "l").span("s", "", Time{}, seconds(1),
                               {{"nan", std::nan("")},
                                {"infinite", std::numeric_limits<double>::infinity()},
                                {"tenth", 0.1},
                                {"most", std::numeric_limits<std::int64_t>::max()}});
  const Json args = events(timeline, "B").at(0)["args"];
  EXPECT_TRUE(args["nan"].is_null());
  EXPECT_TRUE(args["infinite"].is_null());
  EXPECT_EQ(args["tenth"].get<double>(), 0.1);
  EXPECT_EQ(args["most"].get<std::int64_t>(), std::numeric_limits<std::int64_t>::max());
}

TEST(Timeline, EqualNamesAreOneLaneAndOffIsNone) {
  Timeline timeline;
  timeline.lane("g", "l").span("a", "", Time{}, seconds(1));
  timeline.lane("g", "l").span("b", "", seconds(1), seconds(2));
  timeline.lane("h", "l").span("c", "", Time{}, seconds(1));
  EXPECT_EQ(timeline.lanes().size(), 2u);
  EXPECT_EQ(timeline.groups(), (std::vector<std::string>{"g", "h"}));

  const Lane off = lane_of(nullptr, "g", "l");
  const Counter no_counter = counter_of(nullptr, "g", "c", {"a"});
  EXPECT_FALSE(off);
  EXPECT_FALSE(no_counter);
  off.span("dropped", "", seconds(2), seconds(1)); // not even looked at
  off.instant("dropped", "", Time{});
  no_counter.set(Time{}, {1, 2, 3});
}

} // namespace
} // namespace windtunnel::trace
