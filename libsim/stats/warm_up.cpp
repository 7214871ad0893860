#include "libsim/stats/warm_up.hpp"

#include <limits>

#include "libsim/stats/tally.hpp"

namespace windtunnel::stats {

std::optional<std::size_t> warm_up(std::span<const double> series) {
  constexpr std::size_t batch = 5, last_ignored = 5, fewest_batches = 10;
  const std::size_t batches = series.size() / batch;
  if (batches < fewest_batches) return std::nullopt;
  // From the end, so that each d adds one batch mean to the tally of those kept.
  Tally kept;
  double best = std::numeric_limits<double>::infinity();
  std::size_t cut = 0;
  for (std::size_t d = batches; d-- > 0;) {
    double sum = 0;
    for (std::size_t i = 0; i < batch; ++i) sum += series[d * batch + i];
    kept.add(sum / batch);
    const auto n = static_cast<double>(kept.count());
    const double statistic = kept.variance() * (n - 1) / (n * n);
    if (kept.count() >= last_ignored && statistic <= best) {
      best = statistic;
      cut = d;
    }
  }
  if (cut > batches / 2) return std::nullopt;
  return cut * batch;
}

} // namespace windtunnel::stats
