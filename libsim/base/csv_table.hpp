// CsvTable: a CSV file with a header line, by column name. RFC 4180 quoting; lines that begin with
// '#' are remarks; a file may be compressed by gzip. Every cell is text; number() says which line
// is bad.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace windtunnel {

class CsvTable {
public:
  /// Throws InputError with every malformed line (unequal number of cells, open quotes).
  static CsvTable parse(std::string_view text, const std::string& name);
  static CsvTable load(const std::string& path);

  /// Throws InputError naming all columns that are missing.
  void require(const std::vector<std::string>& columns) const;
  const std::string& name() const { return name_; }
  std::size_t size() const { return rows_.size(); }
  /// Line of the file that a row begins on.
  std::size_t line(std::size_t row) const { return lines_[row]; }
  bool has(std::string_view column) const;
  /// The cell; empty when the table has no such column.
  const std::string& text(std::size_t row, std::string_view column) const;
  /// nullopt when blank. Throws InputError with file and line when it is no number.
  std::optional<double> number(std::size_t row, std::string_view column) const;

private:
  std::string name_;
  std::vector<std::string> columns_;
  std::vector<std::vector<std::string>> rows_;
  std::vector<std::size_t> lines_;
};

} // namespace windtunnel
