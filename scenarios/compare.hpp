// `windtunnel compare A B` and `windtunnel sweep`: differences with common random numbers, and the
// Pareto set of cost and time.
//
// Reports that are compared should come from runs with equal seed and replications: replication i
// of both then drew the same random numbers, and only what differs in the scenarios differs.
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
  std::string name, unit;    ///< "finish", "s" or "cost", "usd"
  double a = 0, b = 0;       ///< means, in `unit`
  Distribution difference{}; ///< B - A, in `unit`
};

struct Comparison {
  Report a, b;
  std::vector<ComparedFigure> figures{};
  std::vector<std::pair<WaterfallItem, WaterfallItem>> waterfall{}; ///< matched by cause
};

/// Pairs of replications up to the shorter of the two; a waterfall item that one lacks is zero
/// there.
Comparison compare(const Report& a, const Report& b);
std::string render(const Comparison& comparison, Format format, const RenderOptions& options = {});

struct SweepPoint {
  std::vector<std::pair<std::string, std::string>> settings; ///< pointer, value
  Report report;
  std::string error;   ///< why this point could not run; report is empty then
  bool pareto = false; ///< no other point is both cheaper and earlier (means)
};

struct Sweep {
  std::string scenario;
  std::vector<SweepPoint> points; ///< in cartesian order, the last axis fastest
};

/// Marks the Pareto set of (mean cost, mean finish).
void mark_pareto(Sweep& sweep);
std::string render(const Sweep& sweep, Format format, const RenderOptions& options = {});

} // namespace windtunnel::scenarios
