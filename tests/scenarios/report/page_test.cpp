#include "scenarios/report/page.hpp"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>
#include <regex>

#include "tests/scenarios/report/sample_report.hpp"

namespace windtunnel::scenarios {
namespace {

std::vector<std::string> sample_pages() {
  return {render(sample_report(), Format::html), render(sample_plan(), Format::html),
          render(sample_comparison(), Format::html), render(sample_sweep(), Format::html)};
}

std::size_t count(const std::string& text, const std::string& what) {
  std::size_t n = 0;
  for (std::size_t at = text.find(what); at != std::string::npos; at = text.find(what, at + 1)) ++n;
  return n;
}

nlohmann::json data_of(const std::string& page) {
  const std::string open = "id=\"data\">";
  const std::size_t begin = page.find(open) + open.size();
  return nlohmann::json::parse(page.substr(begin, page.find("</script>", begin) - begin));
}

TEST(Page, NamesNoOtherHost) {
  const std::regex reference("(src|href|action|url)\\s*[=(]\\s*[\"']?\\s*(https?:)?//",
                             std::regex::icase);
  for (const std::string& page : sample_pages()) {
    // The chart library is one long line; std::regex recurses once a character.
    std::size_t begin = 0;
    while (begin < page.size()) {
      const std::size_t end = std::min(page.find('\n', begin), page.size());
      for (std::size_t at = begin; at < end; at += 2000) {
        const std::string part = page.substr(at, std::min<std::size_t>(2100, end - at));
        EXPECT_FALSE(std::regex_search(part, reference)) << part;
      }
      begin = end + 1;
    }
    EXPECT_NE(page.find("default-src 'none'"), std::string::npos);
    EXPECT_EQ(page.find("@@"), std::string::npos);
  }
}

TEST(Page, TagsAreClosed) {
  for (const std::string& page : sample_pages())
    for (const char* tag : {"html", "head", "body", "main", "section", "table", "thead", "tbody",
                            "tr", "td", "script", "style", "div", "dl", "h2", "ul", "li"}) {
      const std::string name = tag;
      const std::size_t opened = count(page, "<" + name + ">") + count(page, "<" + name + " ");
      EXPECT_EQ(opened, count(page, "</" + name + ">")) << tag;
      EXPECT_TRUE(opened > 0 || name == "dl" || name == "ul" || name == "li") << tag;
    }
}

TEST(Page, SaysItsHeadlineAndTotal) {
  const std::string page = render(sample_report(), Format::html);
  EXPECT_NE(page.find("<h1>Finishes 2026-12-2"), std::string::npos);
  EXPECT_NE(page.find("OVERALL TOTAL"), std::string::npos);
}

TEST(Page, TextIsEscapedEverywhere) {
  const std::string evil = "</script><script>alert(1)</script>\"'<b>&";
  Report report = sample_report();
  report.scenario = report.region = evil;
  report.bill_lines[0].path[1] = evil;
  report.waterfall[0].label = report.waterfall[0].cause = evil;
  report.jobs[0].name = report.jobs[0].model = report.jobs[0].failures[0].name = evil;
  report.assumptions[0].note = report.warnings[0] = report.series[0].name = evil;
  const std::string page = render(report, Format::html);
  EXPECT_EQ(page.find("alert(1)</script>"), std::string::npos);
  EXPECT_EQ(page.find("<script>alert"), std::string::npos);
  EXPECT_EQ(page.find("<b>"), std::string::npos);
  EXPECT_EQ(count(page, "</script>"), count(sample_pages()[0], "</script>"));
  EXPECT_NE(page.find("&lt;script&gt;alert(1)"), std::string::npos);
  EXPECT_NO_THROW(data_of(page));
}

TEST(Page, OffersTheSameFilesAsTheCommandLine) {
  const auto data = data_of(render(sample_report(), Format::html));
  ASSERT_FALSE(data.at("files").empty());
  bool json = false;
  for (const auto& file : data.at("files"))
    if (file.at("name") == "report.json") {
      json = true;
      EXPECT_EQ(file.at("text"), render(sample_report(), Format::json));
    }
  EXPECT_TRUE(json);
}

} // namespace
} // namespace windtunnel::scenarios
