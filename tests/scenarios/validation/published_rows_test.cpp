// Tables of other hands: whatever stands in a cell, a row is scored with a finite number or refused
// with a reason, and rules for blank cells leave few refused.
#include <gtest/gtest.h>

#include <map>

#include <cmath>
#include <fstream>
#include <iterator>

#include "libsim/base/random.hpp"
#include "scenarios/validation/library_runs.hpp"
#include "scenarios/validation/published_row.hpp"
#include "scenarios/validation/runs_suite.hpp"
#include "scenarios/validation/training_suite.hpp"

namespace windtunnel::scenarios {
namespace {

using Cells = std::vector<std::string>;

const catalog::Catalog& builtin() { return catalog::Catalog::builtin(); }

std::string carried(const std::string& name) {
  std::ifstream stream(SOURCE_DIR "/scenarios/validation/data/" + name, std::ios::binary);
  return std::string(std::istreambuf_iterator<char>(stream), {});
}

/// Header and every `stride`-th row of a carried table, as cells.
std::vector<Cells> cells_of(const std::string& name, std::size_t stride) {
  const std::string text = carried(name);
  const CsvTable table = CsvTable::parse(text, name);
  std::vector<Cells> all;
  const std::string header = text.substr(0, text.find('\n'));
  all.emplace_back();
  for (std::size_t at = 0; at <= header.size();) {
    const std::size_t end = std::min(header.find(',', at), header.size());
    all.front().push_back(header.substr(at, end - at));
    at = end + 1;
  }
  for (std::size_t row = 0; row < table.size(); row += stride) {
    all.emplace_back();
    for (const std::string& column : all.front()) all.back().push_back(table.text(row, column));
  }
  return all;
}

CsvTable table_of(const std::vector<Cells>& rows) {
  std::string text;
  for (const Cells& cells : rows) {
    for (std::size_t c = 0; c < cells.size(); ++c) {
      std::string quoted = c > 0 ? ",\"" : "\"";
      for (const char letter : cells[c]) quoted += letter == '"' ? "\"\"" : std::string(1, letter);
      text += quoted + "\"";
    }
    text += "\n";
  }
  return CsvTable::parse(text, "test");
}

int expect_all_accounted(const ValidationResult& result, std::size_t rows) {
  EXPECT_EQ(result.lines.size(), rows);
  int scored = 0, refused = 0;
  for (const ScoredLine& line : result.lines) {
    EXPECT_NE(line.scored.empty(), line.refused.empty()) << line.line;
    for (const Scored& one : line.scored) {
      EXPECT_TRUE(std::isfinite(one.predicted) && one.predicted > 0) << line.line;
      EXPECT_TRUE(std::isfinite(one.measured) && one.measured > 0) << line.line;
    }
    scored += line.scored.empty() ? 0 : 1;
  }
  for (const auto& [reason, n] : result.refused) {
    EXPECT_FALSE(reason.empty());
    refused += n;
  }
  EXPECT_EQ(static_cast<std::size_t>(scored + refused), rows);
  return scored;
}

using Suite = ValidationResult (*)(const CsvTable&, const catalog::Catalog&);

void perturb(const char* table, std::size_t stride, Suite suite) {
  const std::vector<std::string> odd{"",
                                     "0",
                                     "-1",
                                     "n/a",
                                     "1e400",
                                     "nan",
                                     "7",
                                     "1e9",
                                     "2.5",
                                     "999999999",
                                     "many",
                                     "fp8 hybrid",
                                     "??",
                                     "3000",
                                     "(x)",
                                     "\"quoted\"",
                                     "12345678901234567890x400G",
                                     std::string(400, '9') + " Gb/s per node",
                                     "64",
                                     "none",
                                     "Llama-3-8B",
                                     "B200",
                                     "\xff\xfe",
                                     "1,024"};
  const std::vector<Cells> rows = cells_of(table, stride);
  RandomStream random(7, 0, "perturbation");
  const auto below = [&](std::size_t n) {
    return std::min(n - 1, static_cast<std::size_t>(random.uniform() * static_cast<double>(n)));
  };
  for (int round = 0; round < 6; ++round) {
    std::vector<Cells> changed = rows;
    for (std::size_t r = 1; r < changed.size(); ++r)
      for (int k = 0; k <= round; ++k)
        changed[r][below(changed[r].size())] = odd[below(odd.size())];
    expect_all_accounted(suite(table_of(changed), builtin()), changed.size() - 1);
  }
}

TEST(PublishedRows, OddCellsOfTrainingRowsAreScoredOrRefused) {
  perturb("training.csv", 7, validate_training);
}

TEST(PublishedRows, OddCellsOfRunsAreScoredOrRefused) { perturb("runs.csv", 2, validate_runs); }

TEST(PublishedRows, OneBlankCellRefusesFewRows) {
  const std::vector<Cells> rows = cells_of("training.csv", 7);
  const Cells& header = rows.front();
  for (std::size_t column = 0; column < header.size(); ++column) {
    if (header[column] == "gpu") continue; // nothing says on what it was measured
    std::vector<Cells> changed = rows;
    for (std::size_t r = 1; r < changed.size(); ++r) changed[r][column].clear();
    const int scored =
        expect_all_accounted(validate_training(table_of(changed), builtin()), changed.size() - 1);
    EXPECT_GE(scored, 0.9 * static_cast<double>(changed.size() - 1)) << header[column];
  }
}

TEST(PublishedRows, AMachineIsPredictedFromItsDescription) {
  const Cells header{"source",       "model_name",   "gpu",        "n_gpus", "gpus_per_node",
                     "interconnect", "dtype",        "seq_len",    "tp",     "pp",
                     "micro_batch",  "global_batch", "step_time_s"};
  const auto predicted = [&](const char* gpu, const char* interconnect, const char* dtype) {
    const Cells row{"s",   "Llama-3.1-70B", gpu, "64", "8", interconnect,
                    dtype, "8192",          "1", "1",  "1", "64",
                    "10"};
    const ValidationResult result = validate_training(table_of({header, row}), builtin());
    EXPECT_TRUE(result.refused.empty());
    return result.lines.at(0).scored.at(0).predicted;
  };
  const double named = predicted("H100-SXM-80", "8x400G IB", "bf16");
  for (const char* gpu : {"NVIDIA H100 80GB HBM3", "8x H100 SXM", "DGX H100", "h100-sxm5"})
    EXPECT_EQ(predicted(gpu, "8x400G IB", "bfloat16"), named) << gpu;
  EXPECT_GT(predicted("H100", "2x100G RoCE", "bf16"), named);
  EXPECT_GT(predicted("H100", "a network nobody knows", "bf16"), 0);
  EXPECT_LT(predicted("H100", "8x400G IB", "fp8-hybrid"), named);
  EXPECT_EQ(predicted("H100", "8x400G IB", "fp4"), predicted("H100", "8x400G IB", "fp8"));
}

TEST(PublishedRows, AModelOfKnownSizeOnlyIsShapedLikeItsNearest) {
  const Cells header{"source", "model_name", "params_b", "gpu"};
  const auto model = [&](const char* name, const char* billions) {
    const CsvTable table = table_of({header, {"s", name, billions, "H100"}});
    return PublishedRow(table, 0, builtin()).language_model();
  };
  EXPECT_NEAR(model("Our-Model-7B", "").parameters(), 7e9, 0.3e9);
  EXPECT_NEAR(model("secret", "33.5").parameters(), 33.5e9, 1e9);
  EXPECT_THROW(model("secret", ""), Refusal);
  EXPECT_THROW(model("Secret-30B-A3B", ""), Refusal);
  EXPECT_EQ(model("Llama 3.1 405B (MLPerf) pretraining", "").layers, 126);
}

TEST(LibraryRuns, Llama405BIsScoredAgainstWhatWasPublished) {
  const CsvTable table = CsvTable::parse(carried("runs.csv"), "runs.csv");
  const std::vector<ScoreRow> rows = score_library_runs(table, builtin());
  std::map<std::string, double> covered;
  for (const ScoreRow& row : rows) covered[row.group] = row.extra.back().second;
  ASSERT_EQ(covered.size(), 4U);
  // The published 30.84 M GPU-hours lie at the edge of the interval: whether it covers them is
  // printed, and depends on the seed.
  EXPECT_TRUE(covered.contains("gpu_hours"));
  EXPECT_EQ(covered["mfu"], 1.0);
  EXPECT_EQ(covered["interruptions"], 1.0);
  EXPECT_EQ(covered["effective training time"], 1.0) << "above 90 %";
}

TEST(LibraryRuns, TablesWithoutTheRunHaveNoSuchRows) {
  const CsvTable table = table_of({{"model", "kind", "gpu"}, {"Llama 3 8B", "LLM", "H100"}});
  EXPECT_TRUE(score_library_runs(table, builtin()).empty());
}

TEST(Validate, AFileScoresLikeTheSameTableBuiltIn) {
  for (const std::string suite : {"training", "runs"}) {
    ValidationResult own = validate(suite, std::nullopt, builtin());
    ValidationResult file =
        validate(suite, SOURCE_DIR "/scenarios/validation/data/" + suite + ".csv", builtin());
    EXPECT_GT(own.scored, 200);
    EXPECT_EQ(to_csv(own), to_csv(file));
    file.truth = own.truth;
    EXPECT_EQ(to_json(own), to_json(file));
    EXPECT_EQ(to_json(own).find("nan"), std::string::npos);
  }
}

TEST(Validate, EveryRowOfTheTableHasItsLine) {
  const ValidationResult result = validate("training", std::nullopt, builtin());
  int refused = 0;
  for (const auto& [reason, n] : result.refused) refused += n;
  EXPECT_EQ(result.scored + refused, result.total);
  EXPECT_EQ(static_cast<int>(result.lines.size()), result.total);
}

TEST(Validate, AnUnknownSuiteNamesThoseThereAre) {
  EXPECT_THROW(validate("nothing", std::nullopt, builtin()), InputError);
}

} // namespace
} // namespace windtunnel::scenarios
