// sweep(): one run for each point of a cartesian grid over fields of a scenario file. All points
// use the scenario's seed, so they differ by what is varied and not by chance.
#pragma once

#include <string>
#include <vector>

#include "libsim/json/reader.hpp"
#include "scenarios/compare.hpp"
#include "scenarios/runner.hpp"

namespace windtunnel::scenarios {

struct SweepAxis {
  std::string pointer;             ///< JSON pointer into the scenario
  std::vector<std::string> values; ///< JSON, or plain strings
};

/// Points `index` with index % shards == shard are run, in cartesian order (last axis fastest). A
/// point that is invalid carries its error and does not stop the others; an axis that points
/// nowhere throws InputError.
Sweep sweep(const json::Document& base, const std::vector<SweepAxis>& axes,
            const catalog::Catalog& catalog, const RunOptions& options = {}, int shard = 0,
            int shards = 1);

} // namespace windtunnel::scenarios
