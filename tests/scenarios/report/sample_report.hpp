// Answers made by hand for the renderers: the figures are invented, but they hang together (lines
// and waterfall sum to the bill, parts to the step) as the runner's do.
#pragma once

#include "scenarios/compare.hpp"
#include "scenarios/plan.hpp"

namespace windtunnel::scenarios {

Report sample_report();
PlanReport sample_plan();
Comparison sample_comparison();
Sweep sample_sweep();

} // namespace windtunnel::scenarios
