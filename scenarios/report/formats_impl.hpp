// One function a format and kind of answer; render() chooses among them.
#pragma once

#include <string>

#include "scenarios/compare.hpp"
#include "scenarios/plan.hpp"
#include "scenarios/report/page.hpp"
#include "scenarios/report/report.hpp"
#include "scenarios/report/sheet.hpp"

namespace windtunnel::scenarios {

std::string to_json(const Report& report);
std::string to_json(const PlanReport& report);
std::string to_json(const Comparison& comparison);
std::string to_json(const Sweep& sweep);

std::string to_csv(const Report& report);
std::string to_csv(const PlanReport& report);
std::string to_csv(const Comparison& comparison);
std::string to_csv(const Sweep& sweep);

/// One step as stacked parts; twin of step_table().
std::string step_chart(const training::StepEstimate& step);
/// The assumptions in full on the page, without notes on the terminal.
void add_assumptions(Sheet& sheet, const std::vector<Assumption>& assumptions);

} // namespace windtunnel::scenarios
