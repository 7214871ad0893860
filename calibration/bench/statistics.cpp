#include "statistics.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <stdexcept>

namespace windtunnel::calibration {
namespace {

/// The largest r with P(Binomial(n, 1/2) < r) <= 2.5 %: the 95 % interval of the median runs from
/// the r-th smallest to the r-th largest sample. 0 when there is none.
std::size_t interval_rank(std::size_t n) {
  double term = std::pow(0.5, double(n)), below = 0;
  if (term == 0) // n above 1074: the normal approximation has long been good
    return static_cast<std::size_t>(double(n) / 2 - 0.98 * std::sqrt(double(n)));
  std::size_t rank = 0;
  while (rank < n / 2 && below + term <= 0.025) {
    below += term;
    term *= double(n - rank) / double(rank + 1);
    ++rank;
  }
  return rank;
}

} // namespace

Summary summarize(std::vector<double> samples) {
  if (samples.empty()) throw std::invalid_argument("no samples to summarize");
  std::sort(samples.begin(), samples.end());
  const std::size_t n = samples.size();
  Summary summary;
  summary.repeats = n;
  summary.median = n % 2 == 1 ? samples[n / 2] : (samples[n / 2 - 1] + samples[n / 2]) / 2;
  summary.min = samples.front();
  summary.p95 = samples[static_cast<std::size_t>(std::ceil(0.95 * double(n))) - 1];
  const std::size_t rank = interval_rank(n);
  summary.ci = rank == 0 ? std::numeric_limits<double>::infinity()
                         : (samples[n - rank] - samples[rank - 1]) / 2 / summary.median;
  return summary;
}

} // namespace windtunnel::calibration
