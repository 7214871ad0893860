// The bill as it grows: mean cumulative cost of each pool, each storage and the control plane.
//
// A capacity block is paid when it begins, everything else as time passes. The last value of each
// series is its line of the bill, and no series falls.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "models/catalog/catalog.hpp"
#include "models/usage/usage.hpp"
#include "scenarios/report/report.hpp"
#include "scenarios/scenario.hpp"

namespace windtunnel::scenarios {

/// `usages` are those of the replications (not empty). Sampled at the ends of the billing periods
/// and evenly between; named "Compute / gpu", "Storage / checkpoints", "Control plane".
std::vector<Series> cost_over_time(const std::vector<const usage::Usage*>& usages,
                                   const Scenario& scenario, const catalog::Catalog& catalog);

/// Ends of the billing periods before `until_s`, in seconds from the start: midnights UTC before
/// the first of each calendar month when the scenario has a start, else every 730 hours.
std::vector<double> period_ends(std::optional<std::int64_t> start, double until_s);

/// The series' value at `time_s`, between points by a straight line, after the last its last.
double value_at(const Series& series, double time_s);

} // namespace windtunnel::scenarios
