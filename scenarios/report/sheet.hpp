// Sheet: what a person reads of an answer, in order: headline, key figures, sections of tables and
// charts, warnings. A terminal gets it as text (to_text), a browser as one page (page.hpp), so both
// say the same. Charts are plain JSON values with a table twin in the same section; a terminal
// skips them.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "scenarios/compare.hpp"
#include "scenarios/plan.hpp"
#include "scenarios/report/table.hpp"

namespace windtunnel::scenarios {

/// One key figure of the page's first row: "MFU", "41.2%", "of 989TFLOPS".
struct KeyFigure {
  std::string label, value, note;
};

struct Section {
  std::string title{};
  std::vector<std::string> paragraphs{};
  std::vector<Table> tables{};
  std::vector<std::string> charts{}; ///< each one JSON object, see charts.hpp
  std::vector<std::string> notes{};  ///< below the tables
  bool page_only = false;            ///< too long or too graphical for a terminal
  bool terminal_only = false;        ///< a shorter form of a page_only section
};

struct Sheet {
  std::string title{};    ///< "pretrain-llama3-70b-p5"
  std::string subtitle{}; ///< region, version, seed, replications
  std::string headline{}; ///< the answer in one sentence
  std::vector<std::string> lines{};
  std::vector<KeyFigure> figures{};
  std::vector<Section> sections{};
  std::vector<std::string> warnings{};
  std::string json{}; ///< the same answer for machines, a download of the page
  std::vector<std::pair<std::string, std::string>> csv{}; ///< name, text; downloads of the page
};

Sheet sheet_of(const Report& report);
Sheet sheet_of(const PlanReport& report);
Sheet sheet_of(const Comparison& comparison);
Sheet sheet_of(const Sweep& sweep);

std::string to_text(const Sheet& sheet, const RenderOptions& options);

} // namespace windtunnel::scenarios
