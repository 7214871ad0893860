#include "scenarios/report/page.hpp"

#include <cctype>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

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

/// Is the "//" at `at` the address in src="https://..", href=//.., url(http://..) and the like?
bool refers_to(const std::string& page, std::size_t at) {
  std::string_view before = std::string_view(page).substr(0, at);
  const auto drop = [&](std::string_view word) {
    if (before.ends_with(word)) before.remove_suffix(word.size());
  };
  const auto drop_spaces = [&] {
    while (!before.empty() && std::isspace(static_cast<unsigned char>(before.back())))
      before.remove_suffix(1);
  };
  drop("http:");
  drop("https:");
  drop_spaces();
  drop("\"");
  drop("'");
  drop_spaces();
  if (!before.ends_with('=') && !before.ends_with('(')) return false;
  before.remove_suffix(1);
  drop_spaces();
  for (const std::string_view name : {"src", "href", "action", "url"})
    if (before.ends_with(name)) return true;
  return false;
}

TEST(Page, NamesNoOtherHost) {
  for (const std::string& page : sample_pages()) {
    for (std::size_t at = page.find("//"); at != std::string::npos; at = page.find("//", at + 1))
      EXPECT_FALSE(refers_to(page, at)) << page.substr(at < 80 ? 0 : at - 80, 160);
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
