// Table: rows of text with a title each column, printed box-free for a terminal: left text, right
// numbers, tree branches, bars. The same table becomes a <table> of the HTML page (page.hpp), so
// what a person reads is written once.
//
// Widths count code points (escape sequences and control characters of the input are replaced, so a
// scenario's name cannot drive the terminal). When a table is wider than the terminal, its `wrap`
// columns are narrowed, the widest first, down to 12, and their text continues on the next line.
//
//   Table t({{"NAME"}, {"COST", Align::right}});
//   t.add({"compute", "$12.00"}).add({"total", "$12.00"}, {.emphasis = Emphasis::total});
//   std::string text = t.text({.width = 80});
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "scenarios/report/report.hpp"

namespace windtunnel::scenarios {

enum class Align { left, right };

struct Column {
  std::string title;
  Align align = Align::left;
  bool wrap = false;
};

/// group: a heading with a subtotal; total: the last line; estimated: rests on an estimate.
enum class Emphasis { none, group, total, estimated };

struct RowStyle {
  Emphasis emphasis = Emphasis::none;
  int depth = 0;               ///< in the tree; 0 has no branch
  std::optional<double> bar{}; ///< 0..1, drawn in what width the columns leave
  std::string cause{};         ///< key of its colour on the page
};

struct Row {
  std::vector<std::string> cells;
  RowStyle style;
};

class Table {
public:
  explicit Table(std::vector<Column> columns, std::string caption = "")
      : columns_(std::move(columns)), caption_(std::move(caption)) {}
  /// `cells` are as many as the columns.
  Table& add(std::vector<std::string> cells, RowStyle style = {});

  std::string text(const RenderOptions& options = {}) const;

  const std::vector<Column>& columns() const { return columns_; }
  const std::vector<Row>& rows() const { return rows_; }
  const std::string& caption() const { return caption_; }
  bool empty() const { return rows_.empty(); }

private:
  std::vector<Column> columns_;
  std::string caption_;
  std::vector<Row> rows_;
};

/// "├─ ", "│  └─ ": the branch before each row of a tree given by depths, in order.
std::vector<std::string> tree_branches(const std::vector<int>& depths);
/// `share` (0..1) of `width` cells as block characters with eighths.
std::string bar_text(double share, int width);
/// Code points of UTF-8 text.
int display_width(std::string_view text);
/// Control characters become U+FFFD; newlines and tabs become spaces.
std::string printable(std::string_view text);
/// Lines of at most `width` code points, broken between words where possible.
std::vector<std::string> wrapped(std::string_view text, int width);

enum class Ink { plain, bold, dim, yellow, red };
/// `text` in ANSI colours when `colour`, else as it is.
std::string inked(const std::string& text, Ink ink, bool colour);

} // namespace windtunnel::scenarios
