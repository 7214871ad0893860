// Charts of the HTML page, each one JSON object that report.js hands to Chart.js; the numbers in
// them are those of a table in the same section. Colours are named by cause ("gemm_below_peak"), so
// one cause has one hue everywhere; the style sheet holds the hues for light and dark.
//
// Fields: "title" (also the text for screen readers), "type" and "data" as Chart.js has them, with
// "colours" (names) in each dataset; "x" and "y" say title and unit of the axes: "usd", "s",
// "days", "date" (days since "start", unix seconds), "count", "share".
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "scenarios/report/report.hpp"

namespace windtunnel::scenarios {

/// A labelled amount of one cause.
struct ChartPart {
  std::string label, cause;
  double value = 0;
};

/// Equal-width bins over all samples: `n` edges + 1, counts add up to the samples.
struct Histogram {
  std::vector<double> edges{};
  std::vector<int> counts{};
};
/// At most 30 bins; one bin when all samples are equal. Empty for no samples.
Histogram histogram(const std::vector<double>& samples);

/// Replications by value; `unit` "usd" or "s".
std::string histogram_chart(const std::string& title, const Histogram& bins,
                            const std::string& unit);
/// Floating bars from zero to the total, one a part, in order. `unit` as above.
std::string waterfall_chart(const std::string& title, const std::vector<ChartPart>& parts,
                            const std::string& unit);
/// One bar a part, side by side; parts may be negative.
std::string bars_chart(const std::string& title, const std::vector<ChartPart>& parts,
                       const std::string& unit);
/// One bar of stacked parts.
std::string stack_chart(const std::string& title, const std::vector<ChartPart>& parts,
                        const std::string& unit);
/// Stacked areas over time.
std::string area_chart(const std::string& title, const std::vector<Series>& series,
                       std::optional<std::int64_t> start);

/// A point of a sweep: finish in days, cost in dollars, its settings as text.
struct ScatterPoint {
  double days = 0, usd = 0;
  std::string label;
  bool highlighted = false;
};
std::string scatter_chart(const std::string& title, const std::vector<ScatterPoint>& points,
                          std::optional<std::int64_t> start);

} // namespace windtunnel::scenarios
