#include "libsim/stats/histogram.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <functional>

#include "libsim/base/error.hpp"

namespace windtunnel::stats {
namespace {

void require_bins(double low, double high, int bins) {
  if (!(low < high) || bins < 1)
    throw ModelError(fmt::format("a histogram of {} bins from {} to {}", bins, low, high));
}

} // namespace

Histogram Histogram::linear(double low, double high, int bins) {
  require_bins(low, high, bins);
  std::vector<double> edges;
  for (int i = 0; i <= bins; ++i) edges.push_back(low + (high - low) * i / bins);
  edges.back() = high;
  return Histogram(std::move(edges));
}

Histogram Histogram::logarithmic(double low, double high, int bins) {
  require_bins(low, high, bins);
  if (low <= 0) throw ModelError(fmt::format("a logarithmic histogram from {}", low));
  std::vector<double> edges;
  for (int i = 0; i <= bins; ++i)
    edges.push_back(low * std::pow(high / low, static_cast<double>(i) / bins));
  edges.back() = high;
  return Histogram(std::move(edges));
}

Histogram::Histogram(std::vector<double> edges) : edges_(std::move(edges)) {
  const bool rising = std::adjacent_find(edges_.begin(), edges_.end(), [](double a, double b) {
                        return !(a < b);
                      }) == edges_.end();
  if (edges_.size() < 2 || !rising || !std::isfinite(edges_.front()) ||
      !std::isfinite(edges_.back()))
    throw ModelError("a histogram's edges are two or more finite numbers, each above the last");
  counts_.resize(edges_.size() - 1);
}

void Histogram::add(double value, std::uint64_t count) {
  if (std::isnan(value)) throw ModelError("a histogram was given a NaN");
  total_ += count;
  if (value < edges_.front())
    underflow_ += count;
  else if (value >= edges_.back())
    overflow_ += count;
  else {
    const auto above = std::upper_bound(edges_.begin(), edges_.end(), value);
    counts_[static_cast<std::size_t>(above - edges_.begin()) - 1] += count;
  }
}

void Histogram::merge(const Histogram& other) {
  if (edges_ != other.edges_) throw ModelError("histograms of different edges do not merge");
  std::transform(counts_.begin(), counts_.end(), other.counts_.begin(), counts_.begin(),
                 std::plus<>{});
  underflow_ += other.underflow_;
  overflow_ += other.overflow_;
  total_ += other.total_;
}

} // namespace windtunnel::stats
