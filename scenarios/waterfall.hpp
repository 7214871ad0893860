// From usage to money: the ledger, and the dollar waterfall that says what each inefficiency cost.
#pragma once

#include <string>
#include <vector>

#include "models/cost/ledger.hpp"
#include "scenarios/report/report.hpp"
#include "scenarios/world.hpp"

namespace windtunnel::scenarios {

/// Node-nanoseconds a pool is billed for when its nodes are held from the start until `until`: the
/// time itself, or the whole capacity blocks.
Int128 billed(const NodePool& pool, Time until);
/// Every pool, storage and the control plane, priced.
cost::CostLedger price(const usage::Usage& usage, const Scenario& scenario,
                       const catalog::Catalog& catalog);
/// The ledger's total by cause, adding up to it exactly. Useful time of training is split by the
/// parts of the step, that of each workload of the caller's own is one cause ("useful_<name>");
/// other node time by what the nodes did; then what is not node time. All causes are listed, in one
/// order, those of zero too.
std::vector<WaterfallItem> waterfall(const WorldResult& world, const cost::CostLedger& ledger,
                                     const WorldPlan& plan, const Scenario& scenario,
                                     const catalog::Catalog& catalog);
/// Whether the price of this bill line is an estimate.
bool is_estimated(const std::vector<std::string>& path, const Scenario& scenario,
                  const catalog::Catalog& catalog);
/// What the user should know before believing the figures.
std::vector<std::string> warnings(const Scenario& scenario, const catalog::Catalog& catalog,
                                  const WorldPlan& plan);

} // namespace windtunnel::scenarios
