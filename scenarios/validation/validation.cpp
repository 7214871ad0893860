#include "scenarios/validation/validation.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <span>

#include "libsim/base/embedded_file.hpp"
#include "libsim/base/error.hpp"
#include "libsim/json/writer.hpp"
#include "scenarios/report/report.hpp"
#include "scenarios/validation/collectives_suite.hpp"
#include "scenarios/validation/oracle_suite.hpp"
#include "scenarios/validation/runs_suite.hpp"
#include "scenarios/validation/steps_suite.hpp"
#include "scenarios/validation/training_suite.hpp"

namespace windtunnel::scenarios {
std::span<const EmbeddedFile> embedded_truth();

CsvTable built_in_truth(const std::string& file_name) {
  for (const EmbeddedFile& file : embedded_truth())
    if (file.name == file_name) return CsvTable::parse(file.text, file_name);
  throw Error("the table " + file_name + " is missing from this build");
}

namespace {

struct Suite {
  const char* name;
  const char* table;
  ValidationResult (*run)(const CsvTable&, const catalog::Catalog&); ///< null: collectives
};
constexpr Suite suites[] = {
    {"training", "training.csv", validate_training}, {"runs", "runs.csv", validate_runs},
    {"collectives", "collectives.csv", nullptr},     {"oracles", "oracles.csv", validate_oracles},
    {"steps", "steps.csv", validate_steps},
};

} // namespace

ValidationResult validate(const std::string& name, const std::optional<std::string>& truth_file,
                          const catalog::Catalog& catalog, LeaveOut leave_out) {
  for (const Suite& suite : suites)
    if (name == suite.name) {
      const CsvTable table = truth_file ? CsvTable::load(*truth_file) : built_in_truth(suite.table);
      ValidationResult result =
          suite.run ? suite.run(table, catalog)
                    : validate_collectives(table, built_in_truth(suite.table), catalog, leave_out);
      std::vector<Scored> all;
      for (const ScoredLine& line : result.lines)
        all.insert(all.end(), line.scored.begin(), line.scored.end());
      const std::vector<ScoreRow> scored_rows = score(all);
      result.rows.insert(result.rows.begin(), scored_rows.begin(), scored_rows.end());
      result.suite = name;
      result.truth = truth_file.value_or("built in");
      result.total = static_cast<int>(table.size());
      double weight = 0, sum = 0;
      for (const ScoreRow& row : result.rows) {
        if (row.source == "identities") continue;
        weight += row.n;
        sum += row.n * row.median_ape;
      }
      const auto lines = std::ranges::count_if(
          result.lines, [](const ScoredLine& l) { return !l.scored.empty(); });
      result.scored = result.lines.empty() ? static_cast<int>(weight) : static_cast<int>(lines);
      if (truth_file && result.scored == 0) {
        std::vector<Issue> issues;
        for (const auto& [reason, n] : result.refused)
          issues.push_back({*truth_file, fmt::format("{} rows refused: {}", n, reason)});
        if (issues.empty()) issues.push_back({*truth_file, "has no rows"});
        throw InputError("truth table: no row can be scored", std::move(issues));
      }
      result.weighted_median_ape = weight > 0 ? sum / weight : 0;
      return result;
    }
  std::string names = "kernels";
  for (const Suite& suite : suites) names += std::string(", ") + suite.name;
  throw InputError("validation suite",
                   {{"", fmt::format("unknown suite '{}'; there are {}", name, names)}});
}

std::string to_json(const ValidationResult& result) {
  json::Writer w;
  w.begin_object().field("formatVersion", report_format_version).field("suite", result.suite);
  w.field("truth", result.truth).field("total", result.total).field("scored", result.scored);
  w.field("weighted_median_ape", result.weighted_median_ape).begin_array("rows");
  for (const ScoreRow& row : result.rows) {
    w.begin_object().field("source", row.source).field("group", row.group);
    for (const auto& [key, value] : row.labels) w.field(key, value);
    w.field("n", row.n);
    w.field("mape", row.mape).field("median_ape", row.median_ape).field("p90_ape", row.p90_ape);
    w.field("bias", row.bias).field("assumed", row.assumed);
    if (row.pair_order) w.field("pair_order", *row.pair_order);
    for (const auto& [key, value] : row.extra) w.field(key, value);
    w.end();
  }
  w.end();
  if (!result.bands.empty()) {
    w.begin_array("bands");
    for (const BandScore& b : result.bands)
      w.begin_object()
          .field("band", b.band)
          .field("basis", b.basis)
          .field("n", b.n)
          .field("median_ape", b.median_ape)
          .field("p90_ape", b.p90_ape)
          .end();
    w.end();
  }
  w.begin_array("refused");
  for (const auto& [reason, n] : result.refused)
    w.begin_object().field("reason", reason).field("n", n).end();
  return w.end().end().str();
}

std::string to_csv(const ValidationResult& result) {
  std::string out = "line,source,group,model,measured,predicted,error,assumed,refused\n";
  const auto cell = [](const std::string& text) {
    if (text.find_first_of(",\"\n") == std::string::npos) return text;
    std::string quoted = "\"";
    for (const char c : text) quoted += c == '"' ? "\"\"" : std::string(1, c);
    return quoted + "\"";
  };
  for (const ScoredLine& line : result.lines) {
    if (line.scored.empty()) out += fmt::format("{},,,,,,,,{}\n", line.line, cell(line.refused));
    for (const Scored& one : line.scored)
      out += fmt::format("{},{},{},{},{:.6g},{:.6g},{:.4f},{},\n", line.line, cell(one.source),
                         cell(one.group), cell(one.what), one.measured, one.predicted,
                         one.predicted / one.measured - 1, one.assumed ? 1 : 0);
  }
  return out;
}

std::string to_table(const ValidationResult& result) {
  const auto percent = [](double share) { return fmt::format("{:.1f}%", 100 * share); };
  std::string out =
      fmt::format("{:<58} {:<28} {:>5} {:>8} {:>8} {:>8} {:>8} {:>8} {:>7}\n", "SOURCE", "GROUP",
                  "N", "MAPE", "MEDIAN", "P90", "BIAS", "ASSUMED", "ORDER");
  for (const ScoreRow& row : result.rows) {
    std::string source = row.source;
    if (source.size() > 58)
      source = source.substr(0, 28) + "..." + source.substr(source.size() - 27);
    out += fmt::format("{:<58} {:<28} {:>5} {:>8} {:>8} {:>8} {:>8} {:>8} {:>7}\n", source,
                       row.group, row.n, percent(row.mape), percent(row.median_ape),
                       percent(row.p90_ape), fmt::format("{:+.1f}%", 100 * row.bias), row.assumed,
                       row.pair_order ? percent(*row.pair_order) : "");
    if (!row.extra.empty() || !row.labels.empty()) {
      out += "   ";
      for (const auto& [key, value] : row.labels)
        if (key == "system" || key == "basis") out += fmt::format(" {} {}", key, value);
      for (const auto& [key, value] : row.extra) out += fmt::format(" {} {:.8g}", key, value);
      out += "\n";
    }
  }
  out +=
      fmt::format("\n{} of {} rows scored ({}); median error weighted by rows {}\n", result.scored,
                  result.total, result.truth, percent(result.weighted_median_ape));
  if (!result.bands.empty())
    out +=
        fmt::format("\n{:<14} {:<14} {:>6} {:>8} {:>8}\n", "BAND", "BASIS", "N", "MEDIAN", "P90");
  for (const BandScore& b : result.bands)
    out += fmt::format("{:<14} {:<14} {:>6} {:>8} {:>8}\n", b.band, b.basis, b.n,
                       percent(b.median_ape), percent(b.p90_ape));
  for (const auto& [reason, n] : result.refused)
    out += fmt::format("refused {:>4}: {}\n", n, reason);
  return out;
}

} // namespace windtunnel::scenarios
