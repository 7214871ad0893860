// distribution(): the report's Distribution of one figure, one sample a replication.
//
// Replications are nested: replications_per_prior (world.hpp) consecutive ones draw the same priors
// and differ in chance. The interval of the mean therefore rests on the means of those groups, and
// stats::variance_split tells what priors and chance contribute to the variance.
#pragma once

#include <vector>

#include "scenarios/report/report.hpp"

namespace windtunnel::scenarios {

/// Mean, quantiles and interval; `epistemic_share` is left absent.
Distribution distribution(const std::vector<double>& samples);

/// The same with the share of the variance that comes from priors, from ten draws of them on: even
/// there the 95 % interval of a share of one half reaches from 0 to 0.85.
Distribution distribution_with_share(const std::vector<double>& samples);

} // namespace windtunnel::scenarios
