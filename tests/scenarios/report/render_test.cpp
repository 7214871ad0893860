// Golden texts of each answer and format. After an intended change:
//   WINDTUNNEL_UPDATE_GOLDEN=1 build/release/bin/test_report
// then read the difference before committing it.
#include <cstdlib>
#include <fstream>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>
#include <sstream>

#include "libsim/base/unit_strings.hpp"
#include "scenarios/report/render_csv.hpp"
#include "tests/scenarios/report/sample_report.hpp"

namespace windtunnel::scenarios {
namespace {

void expect_golden(const std::string& name, const std::string& text) {
  const std::string path = std::string(SOURCE_DIR) + "/tests/scenarios/report/golden/" + name;
  if (std::getenv("WINDTUNNEL_UPDATE_GOLDEN")) {
    std::ofstream(path, std::ios::binary) << text;
    return;
  }
  std::ifstream file(path, std::ios::binary);
  ASSERT_TRUE(file) << path;
  std::stringstream golden;
  golden << file.rdbuf();
  EXPECT_EQ(golden.str(), text) << path;
}

template <class Answer> void expect_goldens(const std::string& name, const Answer& answer) {
  expect_golden(name + ".txt", render(answer, Format::table));
  expect_golden(name + ".json", render(answer, Format::json));
  expect_golden(name + ".csv", render(answer, Format::csv));
}

TEST(Render, Report) { expect_goldens("report", sample_report()); }
TEST(Render, Plan) { expect_goldens("plan", sample_plan()); }
TEST(Render, Comparison) { expect_goldens("comparison", sample_comparison()); }
TEST(Render, Sweep) { expect_goldens("sweep", sample_sweep()); }

TEST(Render, ReportWithoutStartSpeaksOfDurations) {
  Report report = sample_report();
  report.start.reset();
  const std::string text = render(report, Format::table);
  EXPECT_NE(text.find("Finishes in 25.1d"), std::string::npos) << text;
  EXPECT_EQ(text.find("2026-12"), std::string::npos);
}

TEST(Render, EmptyAnswersRender) {
  for (const Format format : {Format::table, Format::json, Format::csv, Format::html}) {
    EXPECT_FALSE(render(Report{}, format).empty());
    EXPECT_FALSE(render(PlanReport{}, format).empty());
    EXPECT_FALSE(render(Comparison{}, format).empty());
    EXPECT_FALSE(render(Sweep{}, format).empty());
  }
}

TEST(Render, Formats) {
  EXPECT_EQ(parse_format("table"), Format::table);
  EXPECT_EQ(parse_format("html"), Format::html);
  EXPECT_EQ(parse_format("HTML"), std::nullopt);
}

/// Nano-dollars of a dollar amount printed with nine decimals.
std::int64_t nano(const std::string& text) {
  const std::size_t dot = text.find('.');
  EXPECT_EQ(text.size() - dot, 10U) << text;
  return std::stoll(text.substr(0, dot) + text.substr(dot + 1));
}

TEST(Csv, TheLinesSumToTheBillExactly) {
  const Report report = sample_report();
  std::istringstream lines(render(report, Format::csv));
  std::string line;
  std::getline(lines, line);
  EXPECT_EQ(line, "path,quantity,unit,unit_price_usd,cost_usd,estimated");
  std::int64_t sum = 0;
  while (std::getline(lines, line)) {
    const std::size_t end = line.rfind(','), begin = line.rfind(',', end - 1);
    sum += nano(line.substr(begin + 1, end - begin - 1));
  }
  EXPECT_EQ(sum, report.bill.nano_dollars());
}

TEST(Csv, QuotesWhatNeedsIt) {
  CsvWriter table({"a", "b"});
  table.add({"x,y", "say \"hi\""}).add({"two\nlines", " plain "});
  EXPECT_EQ(table.text(), "a,b\n\"x,y\",\"say \"\"hi\"\"\"\n\"two\nlines\", plain \n");
}

TEST(Csv, EveryFileHasItsColumnsInEveryRow) {
  for (const auto& [name, text] : csv_files(sample_report())) {
    std::istringstream lines(text);
    std::string line;
    std::size_t columns = 0;
    while (std::getline(lines, line)) {
      std::size_t commas = 0;
      bool quoted = false;
      for (const char c : line) {
        if (c == '"') quoted = !quoted;
        commas += c == ',' && !quoted;
      }
      if (columns == 0) columns = commas;
      EXPECT_EQ(commas, columns) << name << ": " << line;
    }
    EXPECT_GT(columns, 0U) << name;
  }
}

TEST(Json, ParsesAndSums) {
  const Report report = sample_report();
  const auto json = nlohmann::json::parse(render(report, Format::json));
  EXPECT_EQ(json.at("formatVersion"), "1.0");
  EXPECT_EQ(json.at("finish_samples_s").size(), 40U);
  EXPECT_EQ(json.at("start"), "2026-12-01T00:00:00Z");
  double lines = 0, waterfall = 0, parts = 0;
  for (const auto& line : json.at("bill_lines")) lines += line.at("cost_usd").get<double>();
  for (const auto& item : json.at("waterfall")) waterfall += item.at("cost_usd").get<double>();
  const auto& step = json.at("jobs").at(0).at("step");
  for (const auto& part : step.at("parts_s")) parts += part.get<double>();
  EXPECT_NEAR(lines, json.at("bill_usd").get<double>(), 1e-6);
  EXPECT_NEAR(waterfall, json.at("bill_usd").get<double>(), 1e-6);
  EXPECT_NEAR(parts, step.at("step_s").get<double>(), 1e-9);
}

TEST(Json, MoneyKeepsItsNanoDollars) {
  Report report = sample_report();
  report.bill_lines[0].cost += nano_dollars(1);
  report.bill += nano_dollars(1);
  const std::string text = render(report, Format::json);
  EXPECT_NE(text.find("\"bill_usd\": " + exact_dollars(report.bill)), std::string::npos);
  EXPECT_NE(text.find("2119612.416000001"), std::string::npos);
}

TEST(Json, OtherAnswersParse) {
  const auto plan = nlohmann::json::parse(render(sample_plan(), Format::json));
  EXPECT_EQ(plan.at("jobs").at(1).at("memory").at("nearest_fit").at("recompute"), "full");
  const auto comparison = nlohmann::json::parse(render(sample_comparison(), Format::json));
  EXPECT_EQ(comparison.at("a").at("scenario"), "pretrain-llama3-70b-p5");
  const auto sweep = nlohmann::json::parse(render(sample_sweep(), Format::json));
  EXPECT_EQ(sweep.at("points").size(), 10U);
  EXPECT_TRUE(sweep.at("points").at(9).at("report").is_null());
}

} // namespace
} // namespace windtunnel::scenarios
