#include "models/kernels/log_axis.hpp"

#include <cmath>

#include "libsim/base/error.hpp"

namespace windtunnel::kernels {

LogAxis::LogAxis(std::vector<std::int64_t> values) : values_(std::move(values)) {
  for (const std::int64_t value : values_) {
    if (value <= 0 || (!logs_.empty() && std::log2(value) <= logs_.back()))
      throw ModelError("an axis of a kernel table does not ascend from above zero");
    logs_.push_back(std::log2(value));
  }
  if (logs_.empty()) throw ModelError("an axis of a kernel table is empty");
}

LogAxis::Place LogAxis::find(double value) const {
  const double log = std::log2(value);
  if (log <= logs_.front()) return {0, 0, logs_.front() - log, 0};
  if (log >= logs_.back()) return {logs_.size() - 1, 0, 0, log - logs_.back()};
  // Bisection without branches, which no processor could predict.
  std::size_t low = 0;
  for (std::size_t length = logs_.size(); length > 1;) {
    const std::size_t half = length / 2;
    low += static_cast<std::size_t>(logs_[low + half] <= log) * half;
    length -= half;
  }
  return {low, (log - logs_[low]) / (logs_[low + 1] - logs_[low]), 0, 0};
}

} // namespace windtunnel::kernels
