// check(): rules across the fields of a Scenario, and the hardware and prices its names stand for.
//
// Only check(), check_values() and require_valid() take any Scenario. The other functions want one
// whose names are known (check() with MemoryRule::ignore found nothing) and say so where they
// throw. Cost: check() computes the memory of each plan, and searches the plans near one that does
// not fit.
//
//   for (const Issue& issue : check(scenario, catalog))
//     std::printf("%s: %s\n", issue.pointer.c_str(), issue.message.c_str());
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "libsim/base/error.hpp"
#include "libsim/json/reader.hpp"
#include "models/catalog/catalog.hpp"
#include "models/training/memory.hpp"
#include "models/training/step_model.hpp"
#include "scenarios/scenario.hpp"

namespace windtunnel::scenarios {

enum class MemoryRule { must_fit, ignore }; ///< whether a plan must fit in GPU memory
/// Every problem found, with the JSON pointer it would have in a file: unknown instance types,
/// models, storages; GPUs not divisible by the plan; plans that do not fit in memory; prices that
/// are unknown and not given. Empty: the scenario can run.
///
/// `unread` are the problems reading found, when there were any: what follows from them is left
/// out, so that a field that could not be read is not complained of twice.
std::vector<Issue> check(const Scenario& scenario, const catalog::Catalog& catalog,
                         MemoryRule memory = MemoryRule::must_fit,
                         const std::vector<Issue>& unread = {});
/// The part of check() that looks at single fields: counts, choices, signs. A scenario with such
/// problems is not looked at further.
std::vector<Issue> check_values(const Scenario& scenario);
/// Throws InputError("scenario", check(...)) unless it is empty.
void require_valid(const Scenario& scenario, const catalog::Catalog& catalog);

/// The scenario of a document. When fields cannot be read, throws them all as InputError, together
/// with what check() finds in the rest.
Scenario read_checked(const json::Document& document, const catalog::Catalog& catalog,
                      MemoryRule memory = MemoryRule::must_fit);

/// "gpu, cpu": the names that were to choose from, for messages.
template <class Named> std::string names_of(const std::vector<Named>& items) {
  std::string text;
  for (const Named& item : items) text += (text.empty() ? "" : ", ") + item.name;
  return text.empty() ? "none is defined" : text;
}

/// GPUs and fabric of `nodes` nodes of an instance type. Throws ModelError when it has no GPU.
training::System system_of(const catalog::InstanceType& type, int nodes,
                           const catalog::Catalog& catalog);
/// Nodes the workload takes: its own number, else all of its pool's.
int nodes_of(const TrainingWorkload& workload, const Scenario& scenario);
/// Setup of the step model for a language-model workload (names must be valid).
training::StepSetup step_setup(const TrainingWorkload& workload, const Scenario& scenario,
                               const catalog::Catalog& catalog);
/// The same for a diffusion model.
training::DiffusionSetup diffusion_setup(const TrainingWorkload& workload, const Scenario& scenario,
                                         const catalog::Catalog& catalog);
/// Parameters of its model; 0 when the catalog has none of that name.
double parameters_of(const TrainingWorkload& workload, const catalog::Catalog& catalog);
/// Whether its model is a diffusion model of the catalog.
bool is_diffusion(const TrainingWorkload& workload, const catalog::Catalog& catalog);
/// The step, by the user's measurement, else by the model.
training::StepEstimate step_of(const TrainingWorkload& workload, const Scenario& scenario,
                               const catalog::Catalog& catalog);

/// Optimizer steps of a workload: its tokens or images over those of one step, rounded up.
double steps_of(const TrainingWorkload& workload, const catalog::Catalog& catalog);

/// A price the ledger uses, after discounts, and who says so.
struct ResolvedPrice {
  Money usd{};        ///< per `unit`
  std::string unit{}; ///< "instance-hour", "GB-month", "cluster-hour"
  std::string source{}, date{}, method{}, note{};
  bool estimated = false;
};
/// nullopt: unknown, and the scenario does not give it.
std::optional<ResolvedPrice> price_of(const NodePool& pool, const Scenario& scenario,
                                      const catalog::Catalog& catalog);
std::optional<ResolvedPrice> price_of(const Storage& storage, const Scenario& scenario,
                                      const catalog::Catalog& catalog);
std::optional<ResolvedPrice> control_plane_price(const Scenario& scenario,
                                                 const catalog::Catalog& catalog);

} // namespace windtunnel::scenarios
