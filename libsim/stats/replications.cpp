#include "libsim/stats/replications.hpp"

#include <algorithm>
#include <atomic>
#include <exception>
#include <mutex>
#include <string>
#include <thread>

#include "libsim/base/error.hpp"

namespace windtunnel::stats {

void run_replications(int n, const ReplicationOptions& options,
                      const std::function<void(int index)>& run) {
  std::atomic<int> next{0};
  std::mutex mutex; // guards done, progress and failures
  int done = 0;
  std::vector<std::pair<int, std::exception_ptr>> failures;
  const auto work = [&] {
    for (int i = next++; i < n && !options.stop.stop_requested(); i = next++) {
      std::exception_ptr failure;
      try {
        run(i);
      } catch (...) {
        failure = std::current_exception();
      }
      const std::lock_guard lock(mutex);
      if (failure) failures.emplace_back(i, failure);
      ++done;
      if (options.progress) options.progress(done, n);
    }
  };
  int threads =
      options.threads > 0 ? options.threads : static_cast<int>(std::thread::hardware_concurrency());
  threads = std::clamp(threads, 1, std::max(n, 1));
  {
    std::vector<std::jthread> pool;
    for (int t = 1; t < threads; ++t) pool.emplace_back(work);
    work();
  }
  if (!failures.empty()) {
    const auto first = *std::min_element(failures.begin(), failures.end(),
                                         [](auto& a, auto& b) { return a.first < b.first; });
    try {
      std::rethrow_exception(first.second);
    } catch (const std::exception& error) {
      throw SimulationError("replication " + std::to_string(first.first) + ": " + error.what());
    }
  }
  if (done < n) throw SimulationError("stopped");
}

} // namespace windtunnel::stats
