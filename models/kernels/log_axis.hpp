// LogAxis: one axis of a table, its nodes found by the logarithm of a value.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace windtunnel::kernels {

class LogAxis {
public:
  /// A place on the axis: between nodes `low` and `low + 1`, `weight` of the way in log2; on an end
  /// node when `outside`.
  struct Place {
    std::size_t low = 0;
    double weight = 0;
    bool outside = false;
  };
  /// Throws ModelError unless the values ascend from above zero and there is one.
  explicit LogAxis(std::vector<std::int64_t> values);
  /// Allocates nothing. `value` > 0.
  Place find(double value) const;
  std::size_t size() const { return values_.size(); }
  const std::vector<std::int64_t>& values() const { return values_; }

private:
  std::vector<std::int64_t> values_;
  std::vector<double> logs_;
};

} // namespace windtunnel::kernels
