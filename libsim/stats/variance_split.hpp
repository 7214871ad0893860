// variance_split(): how much of the variance between replications comes from uncertain inputs
// (priors, the epistemic part) and how much from chance given the inputs (seeds, the aleatory
// part).
//
// Replications are nested: m groups of r; a group shares one draw of the priors and differs in
// seeds. By the law of total variance Var(X) = Var(E[X | prior]) + E[Var(X | prior)], estimated
// without bias by the analysis of variance with random effects (Searle, Casella and McCulloch,
// Variance Components, 1992, 3.6), MSB and MSW being the mean squares between and within groups:
//   seed = MSW,   prior = (MSB - MSW) / r,   prior's share = prior / (prior + seed),
// the intraclass correlation. `prior` is cut at zero. For normal effects the interval of the share
// is exact: with F = MSB / MSW and F_U, F_L the upper and lower quantiles of Fisher's
// F(m - 1, m (r - 1)),   (F / F_U - 1) / (F / F_U + r - 1)   to the same with F_L, both cut at
// zero.
//
// r = 2 spends a fixed number of replications best when nothing is known of the share. Fewer than
// two groups, or groups of fewer than two, throw ModelError; an incomplete last group is left out.
//
//   // replications 2 i and 2 i + 1 drew the same priors
//   const VarianceSplit split = variance_split(costs, 2);
//   if (const auto share = split.prior_share) print(share->estimate, share->lower, share->upper);
//   const Interval mean = nested_mean_interval(costs, 2);
#pragma once

#include <cstddef>
#include <optional>
#include <span>

#include "libsim/stats/intervals.hpp"

namespace windtunnel::stats {

struct VarianceSplit {
  double prior = 0, seed = 0;            ///< variances; they add up to that of one replication
  std::optional<Interval> prior_share{}; ///< in [0, 1]; absent when nothing varies
  std::size_t groups = 0;
};

/// `samples` in groups of `group_size` consecutive values with equal priors.
VarianceSplit variance_split(std::span<const double> samples, std::size_t group_size,
                             double confidence = 0.95);

/// The mean of nested samples: Student's interval over the means of the groups, which are
/// independent where the values within a group are not. mean_interval() of all values would be too
/// narrow, by sqrt(r) when priors cause all the variance. Infinite below two full groups.
Interval nested_mean_interval(std::span<const double> samples, std::size_t group_size,
                              double confidence = 0.95);

} // namespace windtunnel::stats
