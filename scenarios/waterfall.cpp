#include "scenarios/waterfall.hpp"

#include <fmt/format.h>

#include <map>

#include "scenarios/check.hpp"
#include "scenarios/step_causes.hpp"

namespace windtunnel::scenarios {
namespace {

using usage::NodeUse;

struct UseCause {
  NodeUse use;
  const char* cause;
  const char* label;
};
/// Node time other than useful steps.
constexpr UseCause use_causes[] = {
    {NodeUse::checkpoint, "checkpoint", "Checkpoint stalls"},
    {NodeUse::lost_work, "lost_work", "Work lost to interruptions"},
    {NodeUse::detection, "detection", "Failures not yet noticed"},
    {NodeUse::restart, "restart", "Restarts"},
    {NodeUse::no_nodes, "no_nodes", "Waiting for replacement nodes"},
    {NodeUse::start, "start", "First start"},
    {NodeUse::bring_up, "bring_up", "Nodes coming up"},
    {NodeUse::waiting, "waiting", "Ready nodes waiting for the others"},
    {NodeUse::spare, "spare", "Spare nodes"},
    {NodeUse::idle, "idle", "Idle nodes"},
};

std::string purchase_label(const NodePool& pool) {
  return pool.instance_type + " " + pool.purchase.kind;
}

/// Jobs that cannot run side by side, and nodes no job can use.
void warn_of_crowded_pools(std::vector<std::string>& out, const Scenario& s) {
  for (const NodePool& pool : s.node_pools) {
    int asked = 0;
    std::string names;
    for (const TrainingWorkload& w : s.workloads)
      if (w.node_pool == pool.name) {
        asked += nodes_of(w, s);
        names += (names.empty() ? "" : ", ") + w.name;
      }
    if (asked > pool.count)
      out.push_back(
          fmt::format("{} ask for {} of the {} nodes of '{}': they are admitted in order, "
                      "and who finds too few waits for those before it to end",
                      names, asked, pool.count, pool.name));
    else if (asked > 0 && asked < pool.count)
      out.push_back(fmt::format("{} of the {} nodes of '{}' are asked for by no training job",
                                pool.count - asked, pool.count, pool.name));
  }
}

} // namespace

Int128 billed(const NodePool& pool, Time until) {
  const Time paid = pool.purchase.kind == "capacity-block"
                        ? cost::paid_capacity_block(until, pool.purchase.block_days)
                        : cost::paid_on_demand(until);
  return Int128{pool.count + pool.spares} * paid.ns();
}

cost::CostLedger price(const usage::Usage& usage, const Scenario& s,
                       const catalog::Catalog& catalog) {
  cost::CostLedger ledger;
  for (std::size_t p = 0; p < s.node_pools.size(); ++p) {
    const NodePool& pool = s.node_pools[p];
    ledger.charge_hours({"Compute", pool.name, purchase_label(pool)}, "instance-hours",
                        price_of(pool, s, catalog)->usd, billed(pool, usage.pools[p].until));
  }
  for (std::size_t i = 0; i < s.storage.size(); ++i)
    ledger.charge_gigabyte_months(
        {"Storage", s.storage[i].name, s.storage[i].kind + " " + s.storage[i].tier},
        price_of(s.storage[i], s, catalog)->usd, usage.storages[i].byte_ns);
  ledger.charge_hours({"Control plane", "EKS " + s.control_plane_tier + " support"},
                      "cluster-hours", control_plane_price(s, catalog)->usd,
                      Int128{usage.duration.ns()});
  return ledger;
}

std::vector<WaterfallItem> waterfall(const WorldResult& world, const cost::CostLedger& ledger,
                                     const WorldPlan& plan, const Scenario& s,
                                     const catalog::Catalog& catalog) {
  std::vector<WaterfallItem> items;
  std::map<std::string, std::size_t> index;
  const auto declare = [&](const std::string& cause, const std::string& label) {
    index[cause] = items.size();
    items.push_back({cause, label, {}, 0});
  };
  for (const StepCause& c : step_causes) declare(c.cause, c.label);
  for (const CustomWorkload& own : plan.workloads())
    declare("useful_" + own.name,
            own.useful_label.empty() ? "Useful work of " + own.name : own.useful_label);
  for (const UseCause& c : use_causes) declare(c.cause, c.label);
  declare("prepaid", "Paid for and not used");
  declare("storage", "Storage");
  declare("control_plane", "Control plane");

  std::vector<double> weights(items.size(), 0); // nano-dollars, to be made whole
  const auto add = [&](const std::string& cause, double node_ns, double usd_per_hour) {
    const std::size_t i = index.at(cause);
    items[i].node_hours += node_ns / 3.6e12;
    weights[i] += node_ns / 3.6e12 * usd_per_hour * 1e9;
  };
  for (std::size_t p = 0; p < s.node_pools.size(); ++p) {
    const NodePool& pool = s.node_pools[p];
    const usage::PoolUsage& used = world.usage.pools[p];
    const double usd = price_of(pool, s, catalog)->usd.dollars();
    const usage::NodeTime total = used.total();
    for (const UseCause& c : use_causes) add(c.cause, static_cast<double>(total[c.use]), usd);
    const Int128 unused = billed(pool, used.until) - total.total();
    add("prepaid", static_cast<double>(unused), usd);
    for (const usage::JobUsage& job : used.jobs) {
      const double useful = static_cast<double>(job.nodes[NodeUse::useful]);
      if (const auto own = index.find("useful_" + job.job); own != index.end())
        add(own->first, useful, usd);
      for (const JobSetup& setup : plan.jobs())
        if (setup.name == job.job)
          for (const StepCause& c : step_causes)
            add(c.cause, useful * ((setup.step.parts.*c.part) / setup.step.step), usd);
    }
  }
  for (const cost::LedgerLine& line : ledger.lines()) {
    if (line.path.front() == "Storage")
      weights[index.at("storage")] += static_cast<double>(line.amount.nano_dollars());
    if (line.path.front() == "Control plane")
      weights[index.at("control_plane")] += static_cast<double>(line.amount.nano_dollars());
  }
  double sum = 0;
  for (const double weight : weights) sum += weight;
  if (sum > 0) { // nothing costs anything when all prices are zero
    const std::vector<Money> parts = cost::apportion(ledger.total(), weights);
    for (std::size_t i = 0; i < items.size(); ++i) items[i].cost = parts[i];
  }
  return items;
}

bool is_estimated(const std::vector<std::string>& path, const Scenario& s,
                  const catalog::Catalog& catalog) {
  if (path.front() == "Compute") return price_of(*s.node_pool(path[1]), s, catalog)->estimated;
  if (path.front() == "Storage") return price_of(*s.storage_named(path[1]), s, catalog)->estimated;
  return control_plane_price(s, catalog)->estimated;
}

std::vector<std::string> warnings(const Scenario& s, const catalog::Catalog& catalog,
                                  const WorldPlan& plan) {
  std::vector<std::string> out;
  for (const NodePool& pool : s.node_pools) {
    if (price_of(pool, s, catalog)->estimated)
      out.push_back("the " + pool.purchase.kind + " price of " + pool.instance_type +
                    " is an estimate (*)");
    if (pool.purchase.kind == "spot")
      out.push_back("spot reclaims of " + pool.instance_type +
                    " follow the Spot Advisor's monthly share, node by node; times without any "
                    "capacity are not modelled");
    bool used = false;
    for (const TrainingWorkload& w : s.workloads) used |= w.node_pool == pool.name;
    for (const CustomWorkload& own : plan.workloads()) used |= own.node_pool == pool.name;
    if (!used)
      out.push_back("no workload uses node pool '" + pool.name +
                    "': it is billed, idle, until the last workload ends");
    if (pool.purchase.kind == "capacity-block")
      out.push_back("node pool '" + pool.name +
                    "' is paid for in whole capacity blocks, one after another; the change from "
                    "one to the next, which ends its instances, is not modelled");
  }
  for (const Storage& storage : s.storage)
    if (price_of(storage, s, catalog)->estimated)
      out.push_back("the price of " + storage.kind + " " + storage.tier + " is an estimate (*)");
  for (std::size_t i = 0; i < plan.jobs().size(); ++i) {
    const JobSetup& job = plan.jobs()[i];
    for (const std::string& text : job.step.assumptions)
      if (text.find("extrapolated") != std::string::npos) out.push_back(job.name + ": " + text);
    const auto& every = s.workloads[i].checkpoint.every;
    if (every && *every < job.checkpoint.persist)
      out.push_back(
          fmt::format("{}: a checkpoint takes {:.0f} s to persist, longer than the {:.0f} "
                      "s between two: training waits for the storage",
                      job.name, job.checkpoint.persist.seconds(), every->seconds()));
  }
  if (s.failures.law == "weibull" && s.failures.weibull_shape != 1)
    out.push_back(fmt::format(
        "failures: weibull of shape {:g} starts with every node new, so that a run much shorter "
        "than a node's life sees {} failures than the profile's long-run rate says",
        s.failures.weibull_shape, s.failures.weibull_shape < 1 ? "more" : "fewer"));
  warn_of_crowded_pools(out, s);
  return out;
}

} // namespace windtunnel::scenarios
