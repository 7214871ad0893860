#include "libsim/stats/tally.hpp"

#include <algorithm>

namespace windtunnel::stats {

void Tally::add(double value) {
  if (count_++ == 0) {
    minimum_ = maximum_ = mean_ = value;
    return;
  }
  minimum_ = std::min(minimum_, value);
  maximum_ = std::max(maximum_, value);
  const double delta = value - mean_;
  mean_ += delta / static_cast<double>(count_);
  squares_ += delta * (value - mean_);
}

void Tally::merge(const Tally& other) {
  if (other.count_ == 0) return;
  if (count_ == 0) {
    *this = other;
    return;
  }
  const double here = static_cast<double>(count_), there = static_cast<double>(other.count_);
  const double delta = other.mean_ - mean_;
  mean_ += delta * (there / (here + there));
  squares_ += other.squares_ + delta * delta * (here * there / (here + there));
  count_ += other.count_;
  minimum_ = std::min(minimum_, other.minimum_);
  maximum_ = std::max(maximum_, other.maximum_);
}

double Tally::variance() const {
  return count_ < 2 ? 0 : squares_ / static_cast<double>(count_ - 1);
}

} // namespace windtunnel::stats
