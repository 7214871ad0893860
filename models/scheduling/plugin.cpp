#include "models/scheduling/plugin.hpp"

#include <algorithm>

namespace windtunnel::scheduling {

void normalize_by_highest(std::vector<std::int64_t>& scores, bool reverse) {
  std::int64_t highest = 0;
  for (const std::int64_t score : scores) highest = std::max(highest, score);
  for (std::int64_t& score : scores) {
    if (highest > 0) score = max_node_score * score / highest;
    if (reverse) score = max_node_score - score;
  }
}

void normalize_by_range(std::vector<std::int64_t>& scores) {
  if (scores.empty()) return;
  const auto [low, high] = std::minmax_element(scores.begin(), scores.end());
  const std::int64_t lowest = *low, range = *high - *low;
  for (std::int64_t& score : scores)
    score = range == 0 ? 0
                       : static_cast<std::int64_t>(
                             static_cast<double>(max_node_score) *
                             (static_cast<double>(score - lowest) / static_cast<double>(range)));
}

} // namespace windtunnel::scheduling
