#include "libsim/stats/intervals.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <boost/math/distributions/binomial.hpp>
#include <boost/math/distributions/students_t.hpp>
#include <cmath>
#include <limits>
#include <numeric>

#include "libsim/base/error.hpp"
#include "libsim/stats/summary.hpp"

namespace windtunnel::stats {
namespace {

constexpr double infinity = std::numeric_limits<double>::infinity();

void require_probability(double p, const char* what) {
  if (!(p > 0 && p < 1)) throw ModelError(fmt::format("{} of {} is not inside (0, 1)", what, p));
}

void require_pairs(std::span<const double> a, std::span<const double> b) {
  if (a.size() != b.size())
    throw ModelError(fmt::format("{} and {} values do not make pairs", a.size(), b.size()));
}

double ratio(double numerator, double denominator) {
  if (denominator == 0) throw ModelError("the denominators of a ratio add up to zero");
  return numerator / denominator;
}

} // namespace

double student_t(double confidence, double degrees) {
  require_probability(confidence, "a confidence");
  const boost::math::students_t distribution(degrees);
  return boost::math::quantile(distribution, 0.5 + confidence / 2);
}

Interval mean_interval(const Tally& tally, double confidence) {
  require_probability(confidence, "a confidence");
  double half = infinity;
  if (tally.count() > 1) {
    const double n = static_cast<double>(tally.count());
    half = student_t(confidence, n - 1) * std::sqrt(tally.variance() / n);
  }
  return {tally.mean(), tally.mean() - half, tally.mean() + half, confidence};
}

Interval mean_interval(std::span<const double> samples, double confidence) {
  Tally tally;
  for (const double value : samples) tally.add(value);
  return mean_interval(tally, confidence);
}

Interval quantile_interval(std::span<const double> samples, double p, double confidence) {
  require_probability(p, "a quantile");
  require_probability(confidence, "a confidence");
  if (samples.empty()) throw ModelError("the quantile of no values");
  std::vector<double> sorted(samples.begin(), samples.end());
  std::sort(sorted.begin(), sorted.end());
  const auto n = static_cast<int>(sorted.size());
  const boost::math::binomial_distribution<double> below(n, p);
  const auto cumulative = [&](int rank) { return rank < 0 ? 0 : boost::math::cdf(below, rank); };
  const double tail = (1 - confidence) / 2;
  // Smallest rank in [0, n] whose cumulative probability makes `enough` true; it is monotone.
  const auto first_rank = [&](auto enough) {
    int low = 0, high = n;
    while (low < high) {
      const int middle = low + (high - low) / 2;
      if (enough(cumulative(middle)))
        high = middle;
      else
        low = middle + 1;
    }
    return low;
  };
  const int lower = first_rank([&](double f) { return f > tail; });          // F(l - 1) <= tail
  const int upper = first_rank([&](double f) { return f >= 1 - tail; }) + 1; // F(u - 1) >= 1 - tail
  Interval result;
  result.estimate = sorted_quantile(sorted, p);
  result.lower = lower < 1 ? -infinity : sorted[static_cast<std::size_t>(lower - 1)];
  result.upper = upper > n ? infinity : sorted[static_cast<std::size_t>(upper - 1)];
  result.confidence = (upper > n ? 1 : cumulative(upper - 1)) - cumulative(lower - 1);
  return result;
}

Interval ratio_interval(std::span<const double> numerators, std::span<const double> denominators,
                        double confidence) {
  require_probability(confidence, "a confidence");
  require_pairs(numerators, denominators);
  const double above = std::accumulate(numerators.begin(), numerators.end(), 0.0);
  const double below = std::accumulate(denominators.begin(), denominators.end(), 0.0);
  const double all = ratio(above, below);
  const auto n = static_cast<double>(numerators.size());
  if (numerators.size() < 2) return {all, -infinity, infinity, confidence};
  Tally pseudo_values;
  for (std::size_t i = 0; i < numerators.size(); ++i)
    pseudo_values.add(n * all - (n - 1) * ratio(above - numerators[i], below - denominators[i]));
  return mean_interval(pseudo_values, confidence);
}

std::vector<double> paired_differences(std::span<const double> a, std::span<const double> b) {
  require_pairs(a, b);
  std::vector<double> differences(a.size());
  std::transform(b.begin(), b.end(), a.begin(), differences.begin(), std::minus<>{});
  return differences;
}

Interval paired_interval(std::span<const double> a, std::span<const double> b, double confidence) {
  return mean_interval(paired_differences(a, b), confidence);
}

} // namespace windtunnel::stats
