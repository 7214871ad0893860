// run(): simulate a scenario's replications and gather the Report.
//
// Equal scenario, seed and catalog give an equal Report whatever the number of threads. Throws
// InputError when check() finds problems, SimulationError when a replication fails.
#pragma once

#include <functional>
#include <stop_token>

#include "libsim/trace/timeline.hpp"
#include "models/catalog/catalog.hpp"
#include "models/failures/failure_law.hpp"
#include "scenarios/report/report.hpp"
#include "scenarios/scenario.hpp"

namespace windtunnel::scenarios {

struct RunOptions {
  int threads = 0;                                   ///< 0: one a core
  std::function<void(int done, int total)> progress; ///< called from any thread, one at a time
  failures::LawFactory law; ///< a failure law of one's own, in place of the scenario's
  std::stop_token stop;     ///< a requested stop ends the run with SimulationError("stopped")
  trace::Timeline* timeline = nullptr; ///< records one replication when set; changes no result
  int timeline_replication = 0;        ///< which; InputError when there are not so many
};

Report run(const Scenario& scenario, const catalog::Catalog& catalog,
           const RunOptions& options = {});

} // namespace windtunnel::scenarios
