#include "libsim/stats/batch_means.hpp"

#include <cmath>

namespace windtunnel::stats {
namespace {

/// Means of consecutive pairs; an odd last one is left out.
std::vector<double> paired_means(const std::vector<double>& means) {
  std::vector<double> pairs;
  for (std::size_t i = 0; i + 1 < means.size(); i += 2)
    pairs.push_back(means[i] + (means[i + 1] - means[i]) / 2);
  return pairs;
}

Tally tally_of(const std::vector<double>& values) {
  Tally tally;
  for (const double value : values) tally.add(value);
  return tally;
}

/// No positive correlation between neighbours at the one-sided 5 % level (von Neumann's ratio).
bool look_independent(const std::vector<double>& values) {
  constexpr double normal_95 = 1.6448536269514722; // 95 % quantile of the standard normal
  const auto k = static_cast<double>(values.size());
  const double squares = tally_of(values).variance() * (k - 1);
  if (squares == 0) return true;
  double steps = 0;
  for (std::size_t i = 1; i < values.size(); ++i)
    steps += (values[i] - values[i - 1]) * (values[i] - values[i - 1]);
  return 1 - steps / (2 * squares) <= normal_95 * std::sqrt((k - 2) / (k * k - 1));
}

} // namespace

void BatchMeans::add(double value) {
  ++count_;
  open_.add(value);
  if (static_cast<std::int64_t>(open_.count()) < batch_size_) return;
  means_.push_back(open_.mean());
  open_ = {};
  if (means_.size() < capacity) return;
  means_ = paired_means(means_);
  batch_size_ *= 2;
}

std::optional<BatchMeans::Result> BatchMeans::result(double confidence) const {
  if (means_.size() < capacity / 2) return std::nullopt;
  const std::vector<double> batches = paired_means(means_);
  return Result{.mean = mean_interval(tally_of(batches), confidence),
                .batches = static_cast<int>(batches.size()),
                .batch_size = 2 * batch_size_,
                .independent = look_independent(means_)};
}

} // namespace windtunnel::stats
