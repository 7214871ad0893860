#include "scenarios/report/charts.hpp"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>
#include <numeric>

#include "scenarios/cost_over_time.hpp"
#include "scenarios/read_scenario.hpp"
#include "scenarios/runner.hpp"
#include "tests/scenarios/report/sample_report.hpp"

namespace windtunnel::scenarios {
namespace {

using nlohmann::json;

Report run_library(const std::string& file, const std::vector<Setting>& settings = {}) {
  std::vector<Setting> all{{"/run/replications", "8"}};
  all.insert(all.end(), settings.begin(), settings.end());
  return run(load_scenario(std::string(SOURCE_DIR) + "/scenarios/library/" + file, all),
             catalog::Catalog::builtin());
}

TEST(Histogram, CountsEverySampleOnce) {
  for (const std::vector<double>& samples :
       {std::vector<double>{}, {5.0}, {5.0, 5.0, 5.0}, {1, 2, 3, 4, 100}, {-3, 0, 1e9, 7}}) {
    const Histogram h = histogram(samples);
    EXPECT_EQ(std::accumulate(h.counts.begin(), h.counts.end(), 0),
              static_cast<int>(samples.size()));
    if (!samples.empty()) {
      ASSERT_EQ(h.edges.size(), h.counts.size() + 1);
      EXPECT_EQ(h.edges.front(), *std::min_element(samples.begin(), samples.end()));
      EXPECT_EQ(h.edges.back(), *std::max_element(samples.begin(), samples.end()));
    }
  }
}

TEST(Charts, WaterfallEndsInTheBill) {
  const Report r = sample_report();
  std::vector<ChartPart> parts;
  for (const WaterfallItem& item : r.waterfall)
    parts.push_back({item.label, item.cause, item.cost.dollars()});
  const json chart = json::parse(waterfall_chart("t", parts, "usd"));
  const json& bars = chart.at("data").at("datasets").at(0).at("data");
  ASSERT_EQ(bars.size(), r.waterfall.size());
  EXPECT_EQ(bars.front().at(0), 0);
  for (std::size_t i = 1; i < bars.size(); ++i) EXPECT_EQ(bars[i].at(0), bars[i - 1].at(1));
  EXPECT_NEAR(bars.back().at(1).get<double>(), r.bill.dollars(), 1e-6 * r.bill.dollars());
}

TEST(Charts, EachIsOneObjectWithTitleAndData) {
  const std::vector<ChartPart> parts{{"a \"quoted\"", "x", 1}, {"b", "y", -2}};
  const Series series{"pool", "usd", {0, 86400}, {0, 5}};
  for (const std::string& text :
       {histogram_chart("t", histogram({1, 2}), "s"), bars_chart("t", parts, "usd"),
        stack_chart("t", parts, "s"), area_chart("t", {series}, 0),
        scatter_chart("t", {{1, 2, "x", true}}, std::nullopt)}) {
    const json chart = json::parse(text);
    EXPECT_EQ(chart.at("title"), "t");
    EXPECT_TRUE(chart.at("data").at("datasets").is_array()) << text;
  }
}

TEST(CostOverTime, RisesToTheLinesOfTheBill) {
  for (const char* file : {"pretrain-llama3-70b-p5.json", "pretrain-sd2-p4de.json"}) {
    const Report r = run_library(file);
    ASSERT_EQ(r.series.size(), r.bill_lines.size());
    for (std::size_t i = 0; i < r.series.size(); ++i) {
      const Series& s = r.series[i];
      EXPECT_LE(s.time_s.size(), 2000U);
      EXPECT_TRUE(std::is_sorted(s.time_s.begin(), s.time_s.end()));
      EXPECT_TRUE(std::is_sorted(s.value.begin(), s.value.end())) << s.name;
      const double line = r.bill_lines[i].cost.dollars();
      EXPECT_NEAR(s.value.back(), line, 1e-9 * line + 1e-8) << s.name;
    }
  }
}

TEST(CostOverTime, CapacityBlocksArePaidWhenTheyBegin) {
  const Report r =
      run_library("pretrain-llama3-8b-p5.json",
                  {{"/cluster/nodePools/0/purchase", R"({"kind": "capacity-block", "days": 7})"}});
  const Series& compute = r.series.front();
  EXPECT_GT(compute.value.front(), 0); // a whole block on the first day
  EXPECT_NEAR(compute.value.back(), r.bill_lines.front().cost.dollars(), 1e-3);
}

TEST(PeriodEnds, AreMonthsOfTheCalendarOrOf730Hours) {
  const std::int64_t december_15 = 1797292800; // 2026-12-15T00:00:00Z
  const std::vector<double> ends = period_ends(december_15, 60 * 86400.0);
  ASSERT_EQ(ends.size(), 2U);
  EXPECT_EQ(ends[0], 17 * 86400.0);        // 2027-01-01
  EXPECT_EQ(ends[1], (17 + 31) * 86400.0); // 2027-02-01
  EXPECT_EQ(period_ends(std::nullopt, 3e6), std::vector<double>{730 * 3600.0});
  EXPECT_TRUE(period_ends(std::nullopt, 10).empty());
}

TEST(ValueAt, IsLinearBetweenPointsAndFlatOutside) {
  const Series s{"", "", {0, 10, 20}, {1, 3, 4}};
  EXPECT_EQ(value_at(s, -5), 1);
  EXPECT_EQ(value_at(s, 5), 2);
  EXPECT_EQ(value_at(s, 10), 3);
  EXPECT_EQ(value_at(s, 99), 4);
}

} // namespace
} // namespace windtunnel::scenarios
