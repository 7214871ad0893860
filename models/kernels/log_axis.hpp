// LogAxis: one axis of a table, its nodes found by the logarithm of a value.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace windtunnel::kernels {

class LogAxis {
public:
  /// A place on the axis: between nodes `low` and `low + 1`, `weight` of the way in log2; outside,
  /// on an end node.
  struct Place {
    std::size_t low = 0;
    double weight = 0;
    double below = 0, above = 0; ///< octaves outside
    bool outside() const { return below > 0 || above > 0; }
  };
  /// Throws ModelError unless the values ascend from above zero and there is one.
  explicit LogAxis(std::vector<std::int64_t> values);
  /// Allocates nothing. `value` > 0.
  Place find(double value) const;
  std::size_t size() const { return values_.size(); }
  const std::vector<std::int64_t>& values() const { return values_; }
  /// log2 of the values.
  const std::vector<double>& logs() const { return logs_; }

private:
  std::vector<std::int64_t> values_;
  std::vector<double> logs_;
};

} // namespace windtunnel::kernels
