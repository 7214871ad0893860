#include "scenarios/validation/library_runs.hpp"

#include <algorithm>
#include <cmath>
#include <span>

#include "libsim/base/embedded_file.hpp"
#include "scenarios/read_scenario.hpp"
#include "scenarios/runner.hpp"

namespace windtunnel::scenarios {
std::span<const EmbeddedFile> embedded_library_runs();

namespace {

/// A scenario of the library, and the rows of a table that tell of the same run.
struct LibraryRun {
  const char* file;
  const char* model; ///< begins the row's model name
  int gpus;
  const char* source;
};
constexpr LibraryRun library_runs[] = {{"pretrain-llama3.1-405b-p5.json", "Llama 3.1 405B", 16384,
                                        "Llama 3.1 405B (arXiv:2407.21783) by our scenario"}};

/// Simulated figures, and what was published of them.
ScoreRow compared(const LibraryRun& of, const char* group, double published,
                  const Distribution& simulated) {
  ScoreRow row = score({{of.source, group, published, simulated.p50, false}}).front();
  row.extra = {{"published", published},
               {"p10", simulated.p10},
               {"p50", simulated.p50},
               {"p90", simulated.p90},
               {"covered", simulated.p10 <= published && published <= simulated.p90 ? 1.0 : 0.0}};
  return row;
}

ScoreRow compared_at_least(const LibraryRun& of, const char* group, double published,
                           const Distribution& simulated) {
  ScoreRow row = compared(of, group, published, simulated);
  if (simulated.p50 >= published) row.mape = row.median_ape = row.p90_ape = row.bias = 0;
  row.extra.back() = {"reached", simulated.p50 >= published ? 1.0 : 0.0};
  return row;
}

/// The step model's own error as quantiles.
Distribution mfu_of(const training::StepEstimate& step) {
  constexpr double z90 = 1.2815515655446004;
  return {.mean = step.mfu,
          .p10 = step.mfu * std::exp(-z90 * step.sigma_ln),
          .p50 = step.mfu,
          .p90 = step.mfu * std::exp(z90 * step.sigma_ln)};
}

/// Interruptions are counted over the days the publication counted.
Distribution scaled(Distribution d, double factor) {
  for (double* value : {&d.mean, &d.p10, &d.p50, &d.p90, &d.half_width}) *value *= factor;
  return d;
}

void score_against(const LibraryRun& of, const PublishedRow& row, const JobReport& job,
                   std::vector<ScoreRow>& out) {
  const auto tokens = row.positive("tokens_b");
  if (const auto hours = row.positive("gpu_hours"); hours && tokens)
    out.push_back(
        compared(of, "gpu_hours", *hours, scaled(job.gpu_hours, *tokens * 1e9 / job.work)));
  if (const auto mfu = row.positive("mfu"))
    out.push_back(compared(of, "mfu", *mfu, mfu_of(job.step)));
  const auto days = row.positive("wall_days");
  if (const auto failed = row.positive("unexpected_failures"); failed && days)
    out.push_back(
        compared(of, "interruptions", *failed, scaled(job.interruptions_per_54_days, *days / 54)));
  if (const auto goodput = row.positive("goodput"))
    out.push_back(compared_at_least(of, "effective training time", *goodput, job.goodput));
}

} // namespace

std::vector<ScoreRow> score_library_runs(const CsvTable& table, const catalog::Catalog& catalog) {
  std::vector<ScoreRow> out;
  for (const LibraryRun& of : library_runs) {
    const auto file =
        std::ranges::find(embedded_library_runs(), std::string_view(of.file), &EmbeddedFile::name);
    std::optional<Report> report; // simulated for the first row that asks
    for (std::size_t i = 0; i < table.size(); ++i) {
      const PublishedRow row(table, i, catalog);
      const auto outcome = read_row([&] {
        const bool same = table.text(i, "model").starts_with(of.model) &&
                          row.count("n_gpus") == of.gpus && table.text(i, "kind") == "LLM";
        if (!same) return 0;
        if (!report)
          report = run(
              json::read(json::parse(std::string(file->text), of.file), "scenario", read_scenario),
              catalog);
        score_against(of, row, report->jobs.front(), out);
        return 1;
      });
      (void)outcome; // a row with an odd cell is refused where the suite reads it
    }
  }
  return out;
}

} // namespace windtunnel::scenarios
