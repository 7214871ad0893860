// warm_up(): how many values at the start of a series to discard, by MSER-5.
//
// A run that starts empty is biased until it forgets so. The marginal standard error rule (White,
// Simulation 69(6), 1997) cuts where the rest estimates its own mean best: with Y_1 .. Y_k the
// means of consecutive batches of five values (White, Cobb and Spratt, WSC 2000), it takes the d
// that minimises
//   MSER(d) = sum_{i > d} (Y_i - mean of Y_d+1 .. Y_k)^2 / (k - d)^2,
// d up to k - 5, for the statistic of fewer values is near zero by chance. The first of equal
// minima counts. A minimum beyond half the series means that no steady state was seen (Hoad,
// Robinson and Davies, JORS 61, 2010): there is no answer then, simulate longer. Linear in the
// length. Meant for one long run; of several replications give it the average of their series.
//
//   if (const auto cut = warm_up(series)) series.erase(series.begin(), series.begin() + *cut);
#pragma once

#include <cstddef>
#include <optional>
#include <span>

namespace windtunnel::stats {

/// Values to discard, a multiple of 5; absent when the transient does not end in the first half or
/// the series is shorter than 50.
std::optional<std::size_t> warm_up(std::span<const double> series);

} // namespace windtunnel::stats
