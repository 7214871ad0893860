#include "libsim/base/alias_table.hpp"

#include <limits>

#include "libsim/base/error.hpp"

namespace windtunnel {
namespace {
__extension__ typedef unsigned __int128 UInt128;
}

AliasTable::AliasTable(const std::vector<double>& weights) : cells_(weights.size()) {
  double sum = 0;
  for (const double weight : weights) {
    detail::require_not_negative("weights: each", weight);
    sum += weight;
  }
  if (!(sum > 0 && sum < std::numeric_limits<double>::infinity()))
    detail::refuse_parameter("weights: their sum", "be positive and finite", sum);
  // Heights in cells: mean 1. The short ones are topped up from the tall ones.
  std::vector<double> height(weights.size());
  std::vector<std::size_t> shorts, talls;
  for (std::size_t i = 0; i < weights.size(); ++i) {
    height[i] = weights[i] / sum * static_cast<double>(weights.size());
    cells_[i].alias = i;
    (height[i] < 1 ? shorts : talls).push_back(i);
  }
  while (!shorts.empty() && !talls.empty()) {
    const std::size_t low = shorts.back(), high = talls.back();
    shorts.pop_back();
    cells_[low] = {static_cast<std::uint64_t>(height[low] * 0x1p64), high};
    height[high] -= 1 - height[low];
    if (height[high] < 1) {
      talls.pop_back();
      shorts.push_back(high);
    }
  }
  // What is left of either kind is 1 but for rounding: the whole cell is its own.
}

std::size_t AliasTable::draw(RandomStream& random) const {
  const UInt128 product = UInt128{random.bits()} * cells_.size();
  const auto index = static_cast<std::size_t>(product >> 64);
  const Cell& cell = cells_[index];
  return static_cast<std::uint64_t>(product) < cell.own ? index : cell.alias;
}

} // namespace windtunnel
