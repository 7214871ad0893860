// run(): simulate a scenario's replications and gather the Report.
//
// Equal scenario, seed and catalog give an equal Report whatever the number of threads, as long as
// what the caller brings (a failure law, workloads) draws its random numbers from the streams it is
// given. Throws InputError when check() finds problems, SimulationError when a replication fails:
// it names the replication, the simulated time and the job or workload.
//
//   const Scenario scenario = load_scenario("pretrain.json"); // or built field by field
//   const Report report = run(scenario, catalog::Catalog::builtin(), {.threads = 2});
//   std::puts(render(report, Format::table).c_str());
#pragma once

#include <functional>
#include <stop_token>
#include <vector>

#include "libsim/trace/timeline.hpp"
#include "models/catalog/catalog.hpp"
#include "models/failures/failure_law.hpp"
#include "scenarios/report/report.hpp"
#include "scenarios/scenario.hpp"
#include "scenarios/workload.hpp"

namespace windtunnel::scenarios {

struct RunOptions {
  int threads = 0;                                     ///< 0: one a core
  std::function<void(int done, int total)> progress{}; ///< called from any thread, one at a time
  /// A failure law of one's own, in place of the scenario's; made once for each training job and
  /// replication, from any thread. The profile still says which class each failure is of.
  failures::LawFactory law{};
  /// Workloads of one's own, simulated beside the scenario's; see workload.hpp.
  std::vector<CustomWorkload> workloads{};
  std::stop_token stop{}; ///< a requested stop ends the run with SimulationError("stopped")
  trace::Timeline* timeline = nullptr; ///< records one replication when set; changes no result
  int timeline_replication = 0;        ///< which; InputError when there are not so many
};

/// Every problem of what the caller brings: unknown pools, names used twice, a row that makes
/// nothing, a law without failure classes to draw from, nothing to run. Pointers begin with
/// "/options". Empty: run() accepts it.
std::vector<Issue> check(const RunOptions& options, const Scenario& scenario);
Report run(const Scenario& scenario, const catalog::Catalog& catalog,
           const RunOptions& options = {});

} // namespace windtunnel::scenarios
