// The cases of the suite, most valuable first, and fresh ones to score a fit with.
#pragma once

#include <cstdint>
#include <vector>

#include "case.hpp"

namespace windtunnel::calibration {

/// The grid: ordered by group, and within a group so that an interrupted run has something of every
/// operation. No key occurs twice.
std::vector<Case> all_cases();

/// Shapes near those of the grid but not in it, `share` of the number of cases of each operation
/// with sizes to vary, drawn by `seed`; split = fresh.
std::vector<Case> fresh_cases(const std::vector<Case>& grid, double share, std::uint64_t seed);

} // namespace windtunnel::calibration
