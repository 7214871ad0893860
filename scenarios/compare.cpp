#include "scenarios/compare.hpp"

#include <algorithm>
#include <span>

#include "libsim/stats/summary.hpp"
#include "scenarios/distribution.hpp"

namespace windtunnel::scenarios {
namespace {

/// Paired differences by replication: their distribution is narrow because both runs drew the same
/// random numbers.
ComparedFigure figure(const char* name, const char* unit, const std::vector<double>& a,
                      const std::vector<double>& b) {
  const std::size_t pairs = std::min(a.size(), b.size());
  ComparedFigure result{.name = name, .unit = unit};
  result.a = stats::summarise(a).mean;
  result.b = stats::summarise(b).mean;
  result.difference =
      distribution(stats::paired_differences(std::span(a).first(pairs), std::span(b).first(pairs)));
  return result;
}

} // namespace

Comparison compare(const Report& a, const Report& b) {
  Comparison result{.a = a, .b = b};
  result.figures.push_back(figure("finish", "s", a.finish_samples_s, b.finish_samples_s));
  result.figures.push_back(figure("cost", "usd", a.cost_samples_usd, b.cost_samples_usd));
  for (const WaterfallItem& item : a.waterfall) {
    const auto match =
        std::find_if(b.waterfall.begin(), b.waterfall.end(),
                     [&](const WaterfallItem& other) { return other.cause == item.cause; });
    WaterfallItem none{item.cause, item.label};
    result.waterfall.emplace_back(item, match == b.waterfall.end() ? none : *match);
  }
  for (const WaterfallItem& item : b.waterfall)
    if (std::none_of(a.waterfall.begin(), a.waterfall.end(),
                     [&](const WaterfallItem& other) { return other.cause == item.cause; }))
      result.waterfall.emplace_back(WaterfallItem{item.cause, item.label}, item);
  return result;
}

void mark_pareto(Sweep& sweep) {
  const auto beats = [](const Report& x, const Report& y) {
    return x.cost_usd.mean <= y.cost_usd.mean && x.finish_s.mean <= y.finish_s.mean &&
           (x.cost_usd.mean < y.cost_usd.mean || x.finish_s.mean < y.finish_s.mean);
  };
  for (SweepPoint& point : sweep.points)
    point.pareto = point.error.empty() &&
                   std::none_of(sweep.points.begin(), sweep.points.end(), [&](const SweepPoint& p) {
                     return p.error.empty() && beats(p.report, point.report);
                   });
}

} // namespace windtunnel::scenarios
