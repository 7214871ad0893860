#include <fmt/format.h>

#include "libsim/base/unit_strings.hpp"
#include "models/training/checkpoint.hpp"
#include "scenarios/check.hpp"
#include "scenarios/issues_impl.hpp"

namespace windtunnel::scenarios {
namespace {

/// The longest run that is simulated, without failures. Time has room for six times as much.
constexpr double most_years = 50;
/// Of 64-bit nano-dollars.
constexpr double most_dollars = 9.2e9;
/// The smallest FSx for Lustre file system, of all types on SSD (docs.aws.amazon.com/fsx,
/// "Managing storage and throughput capacity").
const Bytes smallest_lustre = gibibytes(1200);

} // namespace

// What traffic between zones would take and cost is not modelled.
void check_zones(Issues& issues, const std::string& at, const NodePool& pool, const Scenario& s) {
  if (pool.zones.size() > 1)
    issues.add(at, fmt::format("one zone at most, got {}: nodes of one pool in several zones are "
                               "not modelled",
                               pool.zones.size()));
  for (std::size_t i = 0; i < pool.zones.size(); ++i)
    if (!s.region.empty() && !pool.zones[i].starts_with(s.region))
      issues.add(fmt::format("{}/{}", at, i),
                 fmt::format("'{}' is no zone of {}; its zones are named like \"{}a\"",
                             pool.zones[i], s.region, s.region));
}

void check_duration(Issues& issues, const std::string& at, const TrainingWorkload& w,
                    const Scenario& s, const catalog::Catalog& catalog) {
  const std::string work = at + (w.tokens > 0 ? "/tokens" : "/images");
  const double hours = step_of(w, s, catalog).step.hours() * steps_of(w, catalog);
  const double years = hours / (365.25 * 24);
  const NodePool& pool = *s.node_pool(w.node_pool);
  if (const auto price = price_of(pool, s, catalog)) {
    const double usd = price->usd.dollars() * hours * pool.count;
    if (!(usd <= most_dollars))
      issues.add(work, fmt::format("would cost ${:.3g} without a failure; money is counted exactly "
                                   "up to ${:g}",
                                   usd, most_dollars));
  }
  if (!(years <= most_years))
    issues.add(work,
               fmt::format("would take {:.3g} years without a failure; at most {} are simulated",
                           years, most_years));
}

void check_capacity(Issues& issues, const Scenario& s, const catalog::Catalog& catalog) {
  for (std::size_t i = 0; i < s.storage.size(); ++i) {
    const Storage& storage = s.storage[i];
    if (storage.kind != "fsx-lustre" || issues.broken(fmt::format("/cluster/storage/{}", i)))
      continue;
    const std::string at = fmt::format("/cluster/storage/{}/capacity", i);
    if (storage.capacity < smallest_lustre) {
      issues.add(at, fmt::format("must be at least \"1200GiB\", the smallest FSx for Lustre file "
                                 "system, got {}",
                                 to_string(storage.capacity)));
      continue;
    }
    double kept = 0;
    for (const TrainingWorkload& w : s.workloads)
      if (w.checkpoint.to == storage.name)
        kept += training::checkpoint_bytes(parameters_of(w, catalog)) * w.checkpoint.keep;
    if (kept > storage.capacity.as_double())
      issues.add(at,
                 fmt::format("{} is too little for the checkpoints kept there, {:.4g} TiB (fewer "
                             "with 'keep')",
                             to_string(storage.capacity), kept / 1099511627776.0));
  }
}

} // namespace windtunnel::scenarios
