#include "libsim/base/csv_table.hpp"

#include <fmt/format.h>
#include <zlib.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <memory>

#include "libsim/base/error.hpp"

namespace windtunnel {
namespace {

/// Splits one record that begins at `at`; moves `at` past it. False: a quote was never closed.
bool take_record(std::string_view text, std::size_t& at, std::size_t& line,
                 std::vector<std::string>& cells) {
  cells.assign(1, "");
  bool quoted = false;
  for (; at < text.size(); ++at) {
    const char c = text[at];
    if (c == '\n') ++line;
    if (quoted) {
      if (c != '"')
        cells.back() += c;
      else if (at + 1 < text.size() && text[at + 1] == '"')
        cells.back() += text[++at];
      else
        quoted = false;
    } else if (c == '"') {
      quoted = true;
    } else if (c == ',') {
      cells.emplace_back();
    } else if (c == '\n') {
      ++at;
      break;
    } else if (c != '\r') {
      cells.back() += c;
    }
  }
  return !quoted;
}

} // namespace

CsvTable CsvTable::parse(std::string_view text, const std::string& name) {
  CsvTable table;
  table.name_ = name;
  std::vector<Issue> issues;
  std::vector<std::string> cells;
  std::size_t line = 1;
  if (text.starts_with("\xef\xbb\xbf")) text.remove_prefix(3);
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t begins = line;
    if (text[at] == '#' || text[at] == '\n') {
      at = std::min(text.find('\n', at), text.size() - 1) + 1;
      ++line;
      continue;
    }
    if (!take_record(text, at, line, cells)) {
      issues.push_back({fmt::format("{}:{}", name, begins), "a quote is never closed"});
      break;
    }
    if (table.columns_.empty()) {
      table.columns_ = cells;
    } else if (cells.size() != table.columns_.size()) {
      issues.push_back(
          {fmt::format("{}:{}", name, begins),
           fmt::format("{} cells under a header of {}", cells.size(), table.columns_.size())});
    } else {
      table.rows_.push_back(cells);
      table.lines_.push_back(begins);
    }
  }
  for (auto column = table.columns_.begin(); column != table.columns_.end(); ++column)
    if (!column->empty() && std::find(table.columns_.begin(), column, *column) != column)
      issues.push_back({name, "has two columns '" + *column + "'"});
  if (table.columns_.empty()) issues.push_back({name, "no header line"});
  if (!issues.empty()) throw InputError("CSV", std::move(issues));
  return table;
}

CsvTable CsvTable::load(const std::string& path) {
  const auto refuse = [&path](const char* why) { throw InputError("CSV", {{path, why}}); };
  // zlib reads what is not compressed as it is.
  const std::unique_ptr<gzFile_s, decltype(&gzclose)> file(gzopen(path.c_str(), "rb"), &gzclose);
  if (!file) refuse("cannot read the file");
  std::string text, block(std::size_t{1} << 16, '\0');
  int read = 0;
  while ((read = gzread(file.get(), block.data(), static_cast<unsigned>(block.size()))) > 0)
    text.append(block.data(), static_cast<std::size_t>(read));
  int error = Z_OK;
  gzerror(file.get(), &error);
  if (read < 0 || error == Z_BUF_ERROR) // which is how zlib tells of a file cut short
    refuse(error == Z_ERRNO ? "cannot read the file"
                            : "the compressed data is broken or cut short");
  return parse(text, path);
}

void CsvTable::require(const std::vector<std::string>& columns) const {
  std::vector<Issue> issues;
  for (const std::string& column : columns)
    if (!has(column)) issues.push_back({name_, "has no column '" + column + "'"});
  if (!issues.empty()) throw InputError("CSV", std::move(issues));
}

bool CsvTable::has(std::string_view column) const {
  return std::find(columns_.begin(), columns_.end(), column) != columns_.end();
}

const std::string& CsvTable::text(std::size_t row, std::string_view column) const {
  static const std::string blank;
  const auto found = std::find(columns_.begin(), columns_.end(), column);
  return found == columns_.end() ? blank
                                 : rows_[row][static_cast<std::size_t>(found - columns_.begin())];
}

std::optional<double> CsvTable::number(std::size_t row, std::string_view column) const {
  const std::string& cell = text(row, column);
  if (cell.empty()) return std::nullopt;
  double value = 0;
  const auto result = std::from_chars(cell.data(), cell.data() + cell.size(), value);
  if (result.ec != std::errc{} || result.ptr != cell.data() + cell.size() || !std::isfinite(value))
    throw InputError("CSV", {{fmt::format("{}:{}", name_, lines_[row]),
                              fmt::format("'{}' in column {} is no number", cell, column)}});
  return value;
}

} // namespace windtunnel
