#include "libsim/stats/variance_split.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <boost/math/distributions/fisher_f.hpp>

#include "libsim/base/error.hpp"

namespace windtunnel::stats {

VarianceSplit variance_split(std::span<const double> samples, std::size_t group_size,
                             double confidence) {
  const std::size_t groups = group_size < 2 ? 0 : samples.size() / group_size;
  if (groups < 2 || !(confidence > 0 && confidence < 1))
    throw ModelError(fmt::format("variance of {} values split by groups of {} at confidence {}",
                                 samples.size(), group_size, confidence));
  Tally means, within;
  for (std::size_t g = 0; g < groups; ++g) {
    Tally group;
    for (const double value : samples.subspan(g * group_size, group_size)) group.add(value);
    means.add(group.mean());
    within.add(group.variance());
  }
  const auto m = static_cast<double>(groups), r = static_cast<double>(group_size);
  const double mean_square_between = r * means.variance(), mean_square_within = within.mean();
  VarianceSplit split;
  split.groups = groups;
  split.seed = mean_square_within;
  split.prior = std::max(0.0, (mean_square_between - mean_square_within) / r);
  const double total = split.prior + split.seed;
  if (total <= 0) return split;
  // (F / q - 1) / (F / q + r - 1), both sides multiplied by q MSW so that MSW = 0 is no exception.
  const auto share = [&](double q) {
    const double scaled = q * mean_square_within;
    return std::clamp((mean_square_between - scaled) / (mean_square_between + (r - 1) * scaled),
                      0.0, 1.0);
  };
  const boost::math::fisher_f distribution(m - 1, m * (r - 1));
  const double tail = (1 - confidence) / 2;
  split.prior_share = Interval{.estimate = split.prior / total,
                               .lower = share(boost::math::quantile(distribution, 1 - tail)),
                               .upper = share(boost::math::quantile(distribution, tail)),
                               .confidence = confidence};
  return split;
}

Interval nested_mean_interval(std::span<const double> samples, std::size_t group_size,
                              double confidence) {
  if (group_size == 0) throw ModelError("the mean of samples in groups of none");
  Tally means;
  for (; samples.size() >= group_size; samples = samples.subspan(group_size)) {
    Tally group;
    for (const double value : samples.first(group_size)) group.add(value);
    means.add(group.mean());
  }
  return mean_interval(means, confidence);
}

} // namespace windtunnel::stats
