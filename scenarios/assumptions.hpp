// The assumptions table: every input an answer rests on, with its source and date.
#pragma once

#include <vector>

#include "models/catalog/catalog.hpp"
#include "scenarios/report/report.hpp"
#include "scenarios/scenario.hpp"

namespace windtunnel::scenarios {

/// Prices of pools, storages and the control plane, as the ledger uses them.
std::vector<Assumption> price_assumptions(const Scenario& scenario,
                                          const catalog::Catalog& catalog);
/// Dimensions, peaks and what the step model extrapolated.
void add_step_assumptions(const Scenario& scenario, const catalog::Catalog& catalog,
                          std::vector<Assumption>& assumptions);

/// Failure rates, recovery, bring-up and storage throughput.
void add_simulation_assumptions(const Scenario& scenario, std::vector<Assumption>& assumptions);

} // namespace windtunnel::scenarios
