// `windtunnel compare A B` and `windtunnel sweep`: differences with common random numbers, and the
// Pareto set of cost and time.
#pragma once

#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "models/catalog/catalog.hpp"
#include "scenarios/report/report.hpp"
#include "scenarios/scenario.hpp"

namespace windtunnel::scenarios {

/// B - A of one figure; `difference` is over pairs of replications with the same random numbers.
struct ComparedFigure {
  std::string name, unit; ///< "finish", "s"
  double a = 0, b = 0;    ///< means
  Distribution difference{};
};

struct Comparison {
  Report a, b;
  std::vector<ComparedFigure> figures{};
  std::vector<std::pair<WaterfallItem, WaterfallItem>> waterfall{}; ///< matched by cause
};

Comparison compare(const Report& a, const Report& b);
std::string render(const Comparison& comparison, Format format, const RenderOptions& options = {});

struct SweepPoint {
  std::vector<std::pair<std::string, std::string>> settings; ///< pointer, value
  Report report;
  std::string error;   ///< why this point could not run; report is empty then
  bool pareto = false; ///< no other point is both cheaper and earlier (P50)
};

struct Sweep {
  std::string scenario;
  std::vector<SweepPoint> points; ///< in cartesian order, the last axis fastest
};

/// Marks the Pareto set of (P50 cost, P50 finish).
void mark_pareto(Sweep& sweep);
std::string render(const Sweep& sweep, Format format, const RenderOptions& options = {});

} // namespace windtunnel::scenarios
