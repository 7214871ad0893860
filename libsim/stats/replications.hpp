// Replications on threads: run(i) for i in [0, n), results by index.
//
// One Simulation each: build it inside run(i) from (seed, i). Nothing is shared between
// replications and results are handed out by index, so they do not depend on the number of threads.
//
// When replications throw, all others are still run. try_replicate() then gives each replication's
// result or its failure; replicate() throws the failure of the smallest index as a SimulationError
// naming it. A requested stop lets running replications finish and starts no more: those are
// failures with `stopped` set, and replicate() ends with SimulationError("stopped"). An exception
// from progress() stops likewise and is thrown to the caller of either once the threads have ended.
//
//   auto waits = replicate<double>(200, {}, [&](int i) { return simulate(seed, i); });
//   for (const auto& outcome : try_replicate<double>(200, {}, run))
//     if (!outcome) report(outcome.error().index, outcome.error().message);
#pragma once

#include <functional>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

#include "libsim/base/error.hpp"

namespace windtunnel::stats {

struct ReplicationOptions {
  int threads = 0;                                     ///< 0: one a core
  std::function<void(int done, int total)> progress{}; ///< one call at a time, from any thread
  std::stop_token stop{};
};

/// Why a replication has no result.
struct ReplicationFailure {
  int index = 0;
  std::string message;  ///< what() of its exception; "stopped" when it was never run
  bool stopped = false; ///< never run, because a stop was requested
  friend bool operator==(const ReplicationFailure&, const ReplicationFailure&) = default;
};

/// The untyped core: run(i) for i in [first, first + n); the failures, by index.
std::vector<ReplicationFailure> attempt_replications(int first, int n,
                                                     const ReplicationOptions& options,
                                                     const std::function<void(int index)>& run);

/// The same for i in [0, n), throwing as replicate() does.
void run_replications(int n, const ReplicationOptions& options,
                      const std::function<void(int index)>& run);

/// Throws SimulationError for the first of the failures, if any: "replication 7: ..." where one
/// threw, else "stopped".
void throw_first(const std::vector<ReplicationFailure>& failures);

/// Replications [first, first + n), for adding to those already run.
template <class T, class Run>
std::vector<T> replicate_from(int first, int n, const ReplicationOptions& options, Run&& run) {
  std::vector<std::optional<T>> slots(static_cast<std::size_t>(n));
  throw_first(attempt_replications(first, n, options, [&](int i) {
    slots[static_cast<std::size_t>(i - first)].emplace(run(i));
  }));
  std::vector<T> results;
  results.reserve(slots.size());
  for (auto& slot : slots) results.push_back(std::move(*slot));
  return results;
}

template <class T, class Run>
std::vector<T> replicate(int n, const ReplicationOptions& options, Run&& run) {
  return replicate_from<T>(0, n, options, run);
}

template <class T, class Run> std::vector<Result<T, ReplicationFailure>>
try_replicate(int n, const ReplicationOptions& options, Run&& run) {
  std::vector<std::optional<T>> slots(static_cast<std::size_t>(n));
  std::vector<ReplicationFailure> failures = attempt_replications(
      0, n, options, [&](int i) { slots[static_cast<std::size_t>(i)].emplace(run(i)); });
  std::vector<Result<T, ReplicationFailure>> outcomes;
  outcomes.reserve(slots.size());
  auto failure = failures.begin();
  for (auto& slot : slots)
    if (slot)
      outcomes.emplace_back(std::move(*slot));
    else
      outcomes.emplace_back(tl::unexpect, std::move(*failure++));
  return outcomes;
}

} // namespace windtunnel::stats
