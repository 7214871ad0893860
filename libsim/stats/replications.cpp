#include "libsim/stats/replications.hpp"

#include <algorithm>
#include <atomic>
#include <exception>
#include <mutex>
#include <thread>

namespace windtunnel::stats {
namespace {

/// What run(i) threw, in words; nothing when it did not.
std::optional<std::string> message_of(const std::function<void(int index)>& run, int i) {
  try {
    run(i);
    return std::nullopt;
  } catch (const std::exception& error) {
    return error.what();
  } catch (...) {
    return "an exception that is not a std::exception";
  }
}

int threads_for(const ReplicationOptions& options, int n) {
  const int wanted =
      options.threads > 0 ? options.threads : static_cast<int>(std::thread::hardware_concurrency());
  return std::clamp(wanted, 1, std::max(n, 1));
}

} // namespace

std::vector<ReplicationFailure> attempt_replications(int first, int n,
                                                     const ReplicationOptions& options,
                                                     const std::function<void(int index)>& run) {
  std::atomic<int> next{0};
  std::atomic<bool> broken{false}; // progress() threw
  std::mutex mutex;                // guards all below
  int done = 0;
  std::vector<bool> ran(static_cast<std::size_t>(n));
  std::vector<ReplicationFailure> failures;
  std::exception_ptr progress_error;
  const auto work = [&] {
    for (int i = next++; i < n && !options.stop.stop_requested() && !broken; i = next++) {
      const std::optional<std::string> message = message_of(run, first + i);
      const std::lock_guard lock(mutex);
      ran[static_cast<std::size_t>(i)] = true;
      if (message) failures.push_back({first + i, *message});
      ++done;
      if (!options.progress || broken) continue;
      try {
        options.progress(done, n);
      } catch (...) {
        progress_error = std::current_exception();
        broken = true;
      }
    }
  };
  {
    std::vector<std::jthread> pool;
    for (int t = threads_for(options, n); t > 1; --t) pool.emplace_back(work);
    work();
  }
  if (progress_error) std::rethrow_exception(progress_error);
  for (int i = 0; i < n; ++i)
    if (!ran[static_cast<std::size_t>(i)]) failures.push_back({first + i, "stopped", true});
  std::sort(failures.begin(), failures.end(), [](auto& a, auto& b) { return a.index < b.index; });
  return failures;
}

void throw_first(const std::vector<ReplicationFailure>& failures) {
  if (failures.empty()) return;
  const auto thrown =
      std::find_if(failures.begin(), failures.end(), [](auto& f) { return !f.stopped; });
  if (thrown == failures.end()) throw SimulationError("stopped");
  throw SimulationError("replication " + std::to_string(thrown->index) + ": " + thrown->message);
}

void run_replications(int n, const ReplicationOptions& options,
                      const std::function<void(int index)>& run) {
  throw_first(attempt_replications(0, n, options, run));
}

} // namespace windtunnel::stats
