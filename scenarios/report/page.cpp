#include "scenarios/report/page.hpp"

#include <algorithm>
#include <cctype>
#include <fmt/format.h>
#include <functional>
#include <span>

#include "libsim/base/check.hpp"
#include "libsim/base/embedded_file.hpp"
#include "libsim/json/writer.hpp"

namespace windtunnel::scenarios {

std::span<const windtunnel::EmbeddedFile> page_files(); // made by windtunnel_embed

namespace {

constexpr const char* no_charts =
    "This build was made without Chart.js, so the page has tables only: install Debian's "
    "libjs-chart.js, or set WINDTUNNEL_CHARTJS to another copy, and build again.";

std::string_view file(std::string_view name) {
  for (const EmbeddedFile& f : page_files())
    if (f.name == name) return f.text;
  return {};
}

/// The chart library is whatever was embedded beside our own files; empty when there is none.
std::string_view chart_library() {
  for (const EmbeddedFile& f : page_files())
    if (!f.name.starts_with("report.")) return f.text;
  return {};
}

std::string replaced(std::string text, std::string_view what, std::string_view with) {
  for (std::size_t at = 0; (at = text.find(what, at)) != std::string::npos; at += with.size())
    text.replace(at, what.size(), with);
  return text;
}

std::string element(std::string_view tag, std::string_view text, std::string_view attributes = "") {
  return fmt::format("<{0}{1}{2}>{3}</{0}>\n", tag, attributes.empty() ? "" : " ", attributes,
                     escape_html(text));
}

/// Keys become class names: anything else than letters, digits and _ would leave the attribute.
std::string key_text(const std::string& key) {
  std::string text;
  for (const char c : key)
    text += std::isalnum(static_cast<unsigned char>(c)) || c == '_' ? c : '_';
  return text;
}

std::string cell_html(const Column& column, const std::string& text, const RowStyle& style,
                      bool first) {
  std::string classes = column.align == Align::right ? "n" : "";
  std::string inner = escape_html(printable(text));
  if (first) {
    if (style.depth > 0) classes += fmt::format("{}d{}", classes.empty() ? "" : " ", style.depth);
    if (!style.cause.empty())
      inner = fmt::format("<i class=\"swatch\" style=\"background:var(--{}, var(--other))\"></i>{}",
                          key_text(style.cause), inner);
    return fmt::format("<th scope=\"row\"{}>{}</th>",
                       classes.empty() ? "" : " class=\"" + classes + "\"", inner);
  }
  return fmt::format("<td{}>{}</td>", classes.empty() ? "" : " class=\"" + classes + "\"", inner);
}

std::string bar_html(const RowStyle& style) {
  if (!style.bar) return "<td class=\"bar\"></td>";
  const double share = std::clamp(*style.bar, 0.0, 1.0) * 100;
  return fmt::format(
      "<td class=\"bar\"><i style=\"width:{:.1f}%;background:var(--{}, var(--accent))\"></i></td>",
      share, style.cause.empty() ? "accent" : key_text(style.cause));
}

std::string table_html(const Table& table) {
  if (table.empty()) return "";
  const bool bars = std::any_of(table.rows().begin(), table.rows().end(),
                                [](const Row& row) { return row.style.bar.has_value(); });
  std::string out = "<div class=\"scroll\"><table>\n";
  if (!table.caption().empty()) out += element("caption", table.caption());
  out += "<thead><tr>";
  for (const Column& column : table.columns())
    out +=
        fmt::format("<th scope=\"col\"{}>{}</th>",
                    column.align == Align::right ? " class=\"n\"" : "", escape_html(column.title));
  out += bars ? "<th class=\"bar\" aria-hidden=\"true\"></th></tr></thead>\n<tbody>\n"
              : "</tr></thead>\n<tbody>\n";
  for (const Row& row : table.rows()) {
    const Emphasis e = row.style.emphasis;
    out += e == Emphasis::group       ? "<tr class=\"group\">"
           : e == Emphasis::total     ? "<tr class=\"total\">"
           : e == Emphasis::estimated ? "<tr class=\"estimated\">"
                                      : "<tr>";
    for (std::size_t c = 0; c < row.cells.size(); ++c)
      out += cell_html(table.columns()[c], row.cells[c], row.style, c == 0);
    out += (bars ? bar_html(row.style) : "") + "</tr>\n";
  }
  return out + "</tbody></table></div>\n";
}

std::string figures_html(const std::vector<KeyFigure>& figures) {
  if (figures.empty()) return "";
  std::string out = "<dl class=\"figures\">\n";
  for (const KeyFigure& f : figures)
    out += fmt::format("<div><dt>{}</dt><dd>{}</dd><dd class=\"note\">{}</dd></div>\n",
                       escape_html(f.label), escape_html(f.value), escape_html(f.note));
  return out + "</dl>\n";
}

std::string sections_html(const Sheet& sheet) {
  std::string out;
  int chart = 0;
  for (const Section& section : sheet.sections) {
    if (section.terminal_only) continue;
    out += "<section>\n" + element("h2", section.title);
    for (const std::string& paragraph : section.paragraphs) out += element("p", paragraph);
    if (!chart_library().empty())
      for (std::size_t i = 0; i < section.charts.size(); ++i)
        out += fmt::format("<div class=\"chart\"><canvas data-chart=\"{}\" role=\"img\"></canvas>"
                           "</div>\n",
                           chart++);
    const bool folded = section.page_only && !section.charts.empty();
    if (folded) out += "<details><summary>The numbers</summary>\n";
    for (const Table& table : section.tables) out += table_html(table);
    if (folded) out += "</details>\n";
    for (const std::string& note : section.notes) out += element("p", note, "class=\"note\"");
    out += "</section>\n";
  }
  return out;
}

std::string warnings_html(const std::vector<std::string>& warnings) {
  if (warnings.empty()) return "";
  std::string out = "<section class=\"warnings\">\n<h2>Warnings</h2>\n<ul>\n";
  for (const std::string& warning : warnings) out += element("li", warning);
  return out + "</ul>\n</section>\n";
}

std::string lines_html(const Sheet& sheet) {
  std::string out;
  for (const std::string& line : sheet.lines) out += element("p", line);
  return out;
}

/// The one data block: charts to draw, files to offer.
std::string data_json(const Sheet& sheet) {
  json::Writer w(0);
  w.begin_object();
  std::string charts = "[";
  for (const Section& section : sheet.sections)
    for (const std::string& chart : section.charts) // a terminal_only section has none
      charts += (charts.size() > 1 ? "," : "") + chart;
  w.raw_field("charts", charts + "]").begin_array("files");
  for (const auto& [name, text] : sheet.csv)
    w.begin_object().field("name", name).field("text", text).end();
  if (!sheet.json.empty())
    w.begin_object().field("name", "report.json").field("text", sheet.json).end();
  w.end().end();
  return w.str();
}

std::string filled(std::string_view pattern,
                   const std::function<std::string(std::string_view)>& value_of) {
  std::string out;
  for (;;) {
    const std::size_t open = pattern.find("@@");
    if (open == std::string_view::npos) return out += pattern;
    const std::size_t close = pattern.find("@@", open + 2);
    WT_CHECK(close != std::string_view::npos, "a placeholder of report.html is not closed");
    out += pattern.substr(0, open);
    out += value_of(pattern.substr(open + 2, close - open - 2));
    pattern.remove_prefix(close + 2);
  }
}

} // namespace

std::string to_page(const Sheet& sheet) {
  return filled(file("report.html"), [&](std::string_view name) -> std::string {
    if (name == "title") return escape_html(sheet.title);
    if (name == "subtitle") return escape_html(sheet.subtitle);
    if (name == "headline") return escape_html(sheet.headline);
    if (name == "lines") return lines_html(sheet);
    if (name == "figures") return figures_html(sheet.figures);
    if (name == "warnings") return warnings_html(sheet.warnings);
    if (name == "sections") return sections_html(sheet);
    if (name == "no_charts")
      return chart_library().empty() ? element("p", no_charts, "class=\"note\"") : "";
    if (name == "data") return json_for_script(data_json(sheet));
    if (name == "style") return std::string(file("report.css"));
    if (name == "script") return std::string(file("report.js"));
    WT_CHECK(name == "chart_library", "report.html has an unknown placeholder");
    return replaced(std::string(chart_library()), "</script", "<\\/script");
  });
}

std::string escape_html(std::string_view text) {
  std::string out;
  for (const char c : text) {
    switch (c) {
    case '&':
      out += "&amp;";
      break;
    case '<':
      out += "&lt;";
      break;
    case '>':
      out += "&gt;";
      break;
    case '"':
      out += "&quot;";
      break;
    case '\'':
      out += "&#39;";
      break;
    default:
      out += c;
    }
  }
  return out;
}

std::string json_for_script(std::string_view json) {
  return replaced(std::string(json), "<", "\\u003c");
}

} // namespace windtunnel::scenarios
