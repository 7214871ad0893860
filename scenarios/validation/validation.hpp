// validate(): how far the models are from published measurements, source by source.
//
// Suites: "training" (step times), "runs" (whole training runs), "collectives" (NCCL calls),
// "oracles" (closed forms, and the same simulated), "steps" (inference steps summed from kernels).
// By default on rows carried in the project, each with its source; or on any CSV with the columns
// of the suite. A row is scored or refused with a reason, never dropped. Blank cells are filled by
// the rules of published_row.hpp and training_suite.hpp; `assumed` counts the rows that used one.
//
// Errors are fractions: (predicted - measured) / measured. Throws InputError for an unknown suite,
// an unreadable file or missing columns.
#pragma once

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "libsim/base/csv_table.hpp"
#include "models/catalog/catalog.hpp"

namespace windtunnel::scenarios {

/// One scored measurement, and its row.
struct Scored {
  std::string source, group;
  double measured = 0, predicted = 0;
  bool assumed = false;
  std::string what{}; ///< the model's name, or the system
  /// What else tells this measurement's score row from others: system, band ...
  std::vector<std::pair<std::string, std::string>> labels{};
  std::optional<double> disagreement{}; ///< of independent sources on the same
};

/// What came of one row of the table: measurements scored, or the reason it was refused.
struct ScoredLine {
  std::size_t line = 0; ///< of the file, the header is line 1
  std::string refused;
  std::vector<Scored> scored;
};

/// Errors of one source, group and labels.
struct ScoreRow {
  std::string source, group;
  std::vector<std::pair<std::string, std::string>> labels;
  int n = 0;
  double mape = 0, median_ape = 0, p90_ape = 0, bias = 0;
  int assumed = 0;
  /// Share of pairs ordered as measured; absent where there are no pairs to order.
  std::optional<double> pair_order;
  /// Further figures of the suite, by name (oracles: value, simulated, z ...).
  std::vector<std::pair<std::string, double>> extra;
};

/// Errors of all rows of one band, by what they were predicted from (suite "collectives").
struct BandScore {
  std::string band, basis;
  int n = 0;
  double median_ape = 0, p90_ape = 0;
};

struct ValidationResult {
  std::string suite, truth; ///< truth: file, or "built in"
  std::vector<ScoreRow> rows;
  std::vector<ScoredLine> lines; ///< row by row; empty for oracles
  std::vector<std::pair<std::string, int>> refused;
  std::vector<BandScore> bands;
  int scored = 0, total = 0;
  double weighted_median_ape = 0; ///< medians weighted by the rows they stand for
};

/// The rows carried for a suite, by the name of their file.
CsvTable built_in_truth(const std::string& file_name);

/// What the suite "collectives" keeps from the fit that predicts a row.
enum class LeaveOut { source, size };

ValidationResult validate(const std::string& suite, const std::optional<std::string>& truth_file,
                          const catalog::Catalog& catalog, LeaveOut leave_out = LeaveOut::source);
std::string to_table(const ValidationResult& result);
std::string to_json(const ValidationResult& result);
/// Row by row: line of the table, what was measured, predicted and by how much it is off.
std::string to_csv(const ValidationResult& result);

/// Rows by source, group and labels, in order of first appearance.
std::vector<ScoreRow> score(const std::vector<Scored>& scored);

} // namespace windtunnel::scenarios
