#include "models/kernels/log_axis.hpp"

#include <algorithm>
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
  if (log <= logs_.front()) return {0, 0, log < logs_.front()};
  if (log >= logs_.back()) return {logs_.size() - 1, 0, log > logs_.back()};
  const auto above = std::upper_bound(logs_.begin(), logs_.end(), log);
  const auto low = static_cast<std::size_t>(above - logs_.begin()) - 1;
  return {low, (log - logs_[low]) / (logs_[low + 1] - logs_[low]), false};
}

} // namespace windtunnel::kernels
