#include "scenarios/report/table.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <numeric>

#include "libsim/base/check.hpp"

namespace windtunnel::scenarios {
namespace {

constexpr int column_gap = 2;
constexpr int narrowest_wrap = 12;
constexpr int widest_bar = 20;
constexpr int narrowest_bar = 6; ///< a shorter one says nothing: none is drawn

bool starts_code_point(char c) { return (static_cast<unsigned char>(c) & 0xC0) != 0x80; }

/// Bytes of the first `count` code points.
std::size_t bytes_of(std::string_view text, int count) {
  std::size_t i = 0;
  for (; i < text.size(); ++i)
    if (starts_code_point(text[i]) && count-- == 0) break;
  return i;
}

std::string padded(const std::string& text, int width, Align align) {
  const int missing = std::max(0, width - display_width(text));
  const std::string space(static_cast<std::size_t>(missing), ' ');
  return align == Align::left ? text + space : space + text;
}

Ink ink_of(Emphasis emphasis) {
  switch (emphasis) {
  case Emphasis::group:
  case Emphasis::total:
    return Ink::bold;
  case Emphasis::estimated:
    return Ink::yellow;
  case Emphasis::none:
    break;
  }
  return Ink::plain;
}

/// One table being printed: cells as they will appear and the widths they get.
class Layout {
public:
  Layout(const Table& table, const RenderOptions& options) : table_(table), options_(options) {
    std::vector<int> depths;
    for (const Row& row : table.rows()) depths.push_back(row.style.depth);
    const std::vector<std::string> branches = tree_branches(depths);
    for (std::size_t r = 0; r < table.rows().size(); ++r) {
      std::vector<std::string> cells;
      for (const std::string& cell : table.rows()[r].cells) cells.push_back(printable(cell));
      if (!cells.empty()) cells[0] = branches[r] + cells[0];
      cells_.push_back(std::move(cells));
    }
    measure();
    narrow();
  }

  std::string text() const {
    std::vector<std::string> titles;
    for (const Column& column : table_.columns()) titles.push_back(column.title);
    const bool titled =
        std::any_of(titles.begin(), titles.end(), [](const auto& t) { return !t.empty(); });
    std::string out;
    if (titled) out += lines(titles, {}, Ink::bold);
    for (std::size_t r = 0; r < cells_.size(); ++r)
      out += lines(cells_[r], table_.rows()[r].style.bar, ink_of(table_.rows()[r].style.emphasis));
    return out;
  }

private:
  void measure() {
    for (const Column& column : table_.columns()) widths_.push_back(display_width(column.title));
    for (const auto& cells : cells_)
      for (std::size_t c = 0; c < cells.size(); ++c)
        widths_[c] = std::max(widths_[c], display_width(cells[c]));
  }

  int total_width() const {
    return std::accumulate(widths_.begin(), widths_.end(), 0) +
           column_gap * (static_cast<int>(widths_.size()) - 1);
  }

  void narrow() {
    for (int excess = total_width() - options_.width; excess > 0; --excess) {
      int* widest = nullptr;
      for (std::size_t c = 0; c < widths_.size(); ++c)
        if (table_.columns()[c].wrap && widths_[c] > narrowest_wrap &&
            (!widest || widths_[c] > *widest))
          widest = &widths_[c];
      if (!widest) break;
      --*widest;
    }
    bar_width_ = std::min(widest_bar, options_.width - total_width() - column_gap);
  }

  std::string lines(const std::vector<std::string>& cells, std::optional<double> bar,
                    Ink ink) const {
    std::vector<std::vector<std::string>> columns;
    std::size_t height = 1;
    for (std::size_t c = 0; c < cells.size(); ++c) {
      columns.push_back(table_.columns()[c].wrap ? wrapped(cells[c], widths_[c])
                                                 : std::vector<std::string>{cells[c]});
      height = std::max(height, columns.back().size());
    }
    std::string out;
    for (std::size_t line = 0; line < height; ++line) {
      std::string text;
      for (std::size_t c = 0; c < columns.size(); ++c) {
        if (c > 0) text += std::string(column_gap, ' ');
        const std::string cell = line < columns[c].size() ? columns[c][line] : "";
        text += padded(cell, widths_[c], table_.columns()[c].align);
      }
      if (bar && line == 0 && bar_width_ >= narrowest_bar)
        text += std::string(column_gap, ' ') + bar_text(*bar, bar_width_);
      text.erase(text.find_last_not_of(' ') + 1);
      out += inked(text, ink, options_.colour) + "\n";
    }
    return out;
  }

  const Table& table_;
  const RenderOptions& options_;
  std::vector<std::vector<std::string>> cells_;
  std::vector<int> widths_;
  int bar_width_ = 0;
};

} // namespace

Table& Table::add(std::vector<std::string> cells, RowStyle style) {
  WT_CHECK(cells.size() == columns_.size(), "a row has as many cells as the table has columns");
  rows_.push_back({std::move(cells), std::move(style)});
  return *this;
}

std::string Table::text(const RenderOptions& options) const {
  return Layout(*this, options).text();
}

std::vector<std::string> tree_branches(const std::vector<int>& depths) {
  std::vector<std::string> branches(depths.size());
  // From the bottom up: open[d] says that a later row hangs at depth d of the same parent.
  std::vector<bool> open;
  for (std::size_t i = depths.size(); i-- > 0;) {
    const auto depth = static_cast<std::size_t>(std::max(0, depths[i]));
    open.resize(depth + 1, false);
    for (std::size_t d = 1; d < depth; ++d) branches[i] += open[d] ? "│  " : "   ";
    if (depth > 0) branches[i] += open[depth] ? "├─ " : "└─ ";
    open[depth] = true;
  }
  return branches;
}

std::string bar_text(double share, int width) {
  static constexpr std::array<const char*, 8> eighths{"", "▏", "▎", "▍", "▌", "▋", "▊", "▉"};
  if (!(share > 0)) return "";
  const auto steps = static_cast<int>(std::lround(std::min(share, 1.0) * width * 8));
  std::string text;
  for (int i = 0; i < steps / 8; ++i) text += "█";
  return text + eighths[static_cast<std::size_t>(steps % 8)];
}

int display_width(std::string_view text) {
  return static_cast<int>(std::count_if(text.begin(), text.end(), starts_code_point));
}

std::string printable(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const auto c = static_cast<unsigned char>(text[i]);
    // U+0080..U+009F, the C1 controls, are 0xC2 0x80..0x9F.
    const bool c1 =
        c == 0xC2 && i + 1 < text.size() && static_cast<unsigned char>(text[i + 1]) < 0xA0;
    if (c == '\n' || c == '\t')
      out += ' ';
    else if (c < 0x20 || c == 0x7F || c1)
      out += "\xEF\xBF\xBD";
    else
      out += text[i];
    if (c1) ++i;
  }
  return out;
}

std::vector<std::string> wrapped(std::string_view text, int width) {
  std::vector<std::string> lines;
  while (display_width(text) > width && width > 0) {
    const std::size_t fits = bytes_of(text, width);
    // The space may stand right behind the last code point that fits.
    std::size_t cut = text.rfind(' ', fits);
    if (cut == std::string_view::npos || cut == 0) cut = fits;
    lines.emplace_back(text.substr(0, cut));
    text.remove_prefix(cut);
    text.remove_prefix(std::min(text.find_first_not_of(' '), text.size()));
  }
  lines.emplace_back(text);
  return lines;
}

std::string inked(const std::string& text, Ink ink, bool colour) {
  if (!colour || ink == Ink::plain || text.empty()) return text;
  const char* code = ink == Ink::bold  ? "\x1b[1m"
                     : ink == Ink::dim ? "\x1b[2m"
                     : ink == Ink::red ? "\x1b[31m"
                                       : "\x1b[33m";
  return code + text + "\x1b[0m";
}

} // namespace windtunnel::scenarios
