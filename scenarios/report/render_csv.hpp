// The CSV files of a report (RFC 4180 quoting, "\n" line ends, full precision). One table a file,
// because a table is what spreadsheets and data frames read; render(report, Format::csv) is the
// first of them, the bill.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "scenarios/report/report.hpp"

namespace windtunnel::scenarios {

/// (name, text): bill.csv, waterfall.csv, jobs.csv, workloads.csv, samples.csv, series.csv,
/// assumptions.csv and cost.focus.csv. The last has the column names of the FinOps FOCUS
/// specification where our figures have that meaning and x_ columns for the rest; it is shaped like
/// FOCUS, and was not validated against it.
std::vector<std::pair<std::string, std::string>> csv_files(const Report& report);

/// Rows of one CSV table.
class CsvWriter {
public:
  explicit CsvWriter(const std::vector<std::string>& columns) { add(columns); }
  CsvWriter& add(const std::vector<std::string>& cells);
  const std::string& text() const { return text_; }

private:
  std::string text_;
};

} // namespace windtunnel::scenarios
