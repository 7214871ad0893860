#include "scenarios/distribution.hpp"

#include "libsim/stats/summary.hpp"
#include "libsim/stats/variance_split.hpp"
#include "scenarios/world.hpp"

namespace windtunnel::scenarios {

Distribution distribution(const std::vector<double>& samples) {
  const stats::Summary s = stats::summarise(samples);
  Distribution result{.mean = s.mean, .p10 = s.p10, .p50 = s.p50, .p90 = s.p90};
  // Two or three replications know one draw of the priors: their interval speaks of chance alone.
  result.half_width =
      samples.size() < 2 * replications_per_prior
          ? s.half_width
          : stats::nested_mean_interval(samples, replications_per_prior).half_width();
  return result;
}

Distribution distribution_with_share(const std::vector<double>& samples) {
  constexpr std::size_t fewest_priors = 10;
  Distribution result = distribution(samples);
  if (samples.size() < fewest_priors * replications_per_prior) return result;
  const stats::VarianceSplit split = stats::variance_split(samples, replications_per_prior);
  if (split.prior_share) result.epistemic_share = split.prior_share->estimate;
  return result;
}

} // namespace windtunnel::scenarios
