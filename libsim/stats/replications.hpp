// Replications on threads: run(i) for i in [0, n), results by index.
//
// Nothing is shared between replications and results are handed out by index, so they do not depend
// on the number of threads. When replications throw, all others are still run and the exception of
// the smallest index is thrown, as a SimulationError naming it. A requested stop ends with
// SimulationError("stopped").
//
//   auto waits = replicate<double>(200, 0, [&](int i) { return simulate(seed, i); });
#pragma once

#include <functional>
#include <optional>
#include <stop_token>
#include <vector>

namespace windtunnel::stats {

struct ReplicationOptions {
  int threads = 0;                                     ///< 0: one a core
  std::function<void(int done, int total)> progress{}; ///< one call at a time, from any thread
  std::stop_token stop{};
};

/// The untyped core of replicate().
void run_replications(int n, const ReplicationOptions& options,
                      const std::function<void(int index)>& run);

template <class Result, class Run>
std::vector<Result> replicate(int n, const ReplicationOptions& options, Run&& run) {
  std::vector<std::optional<Result>> slots(static_cast<std::size_t>(n));
  run_replications(n, options, [&](int i) { slots[static_cast<std::size_t>(i)].emplace(run(i)); });
  std::vector<Result> results;
  results.reserve(slots.size());
  for (auto& slot : slots) results.push_back(std::move(*slot));
  return results;
}

} // namespace windtunnel::stats
