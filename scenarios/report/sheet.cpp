#include "scenarios/report/sheet.hpp"

namespace windtunnel::scenarios {
namespace {

std::string indented(const std::string& text, const RenderOptions& options, Ink ink,
                     const std::string& first = "", const std::string& rest = "") {
  std::string out;
  for (const std::string& line : wrapped(printable(text), options.width - display_width(first)))
    out += inked((out.empty() ? first : rest) + line, ink, options.colour) + "\n";
  return out;
}

std::string section_text(const Section& section, const RenderOptions& options) {
  std::string out = "\n" + inked(printable(section.title), Ink::bold, options.colour) + "\n";
  for (const std::string& paragraph : section.paragraphs)
    out += indented(paragraph, options, Ink::plain);
  bool first = true;
  for (const Table& table : section.tables) {
    if (table.empty()) continue;
    if (!first) out += "\n";
    if (!table.caption().empty()) out += indented(table.caption(), options, Ink::bold);
    out += table.text(options);
    first = false;
  }
  for (const std::string& note : section.notes) out += indented(note, options, Ink::dim);
  return out;
}

} // namespace

std::string to_text(const Sheet& sheet, const RenderOptions& options) {
  std::string out = indented(sheet.title, options, Ink::bold);
  out += indented(sheet.subtitle, options, Ink::dim);
  out += "\n" + indented(sheet.headline, options, Ink::bold);
  for (const std::string& line : sheet.lines) out += indented(line, options, Ink::plain);
  for (const Section& section : sheet.sections)
    if (!section.page_only) out += section_text(section, options);
  if (!sheet.warnings.empty()) {
    out += "\n" + inked("Warnings", Ink::bold, options.colour) + "\n";
    for (const std::string& warning : sheet.warnings)
      out += indented(warning, options, Ink::yellow, "! ", "  ");
  }
  return out;
}

} // namespace windtunnel::scenarios
