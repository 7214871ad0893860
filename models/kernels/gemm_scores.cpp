#include "models/kernels/gemm_scores.hpp"

#include <algorithm>
#include <cmath>
#include <functional>
#include <set>

namespace windtunnel::kernels {
namespace {

/// Predictions beside measurements.
class Rows {
public:
  /// Adds the measured nodes of `table` that `scored(i_n, i_k, i_m)` names.
  void add(const GemmTable& predicted, const GemmTable& table, const auto& scored) {
    const GemmGrid& grid = table.grid();
    for (std::size_t i_n = 0; i_n < grid.n.size(); ++i_n)
      for (std::size_t i_k = 0; i_k < grid.k.size(); ++i_k)
        for (std::size_t i_m = 0; i_m < grid.m.size(); ++i_m) {
          const std::size_t node = grid.at(i_n, i_k, i_m);
          if (!grid.measured[node] || !scored(i_n, i_k, i_m)) continue;
          shapes_.emplace(i_n, i_k);
          const auto m = static_cast<double>(grid.m[i_m]), n = static_cast<double>(grid.n[i_n]),
                     k = static_cast<double>(grid.k[i_k]);
          const double measured = table.roofline().seconds(m, n, k) *
                                  std::exp(static_cast<double>(grid.log_ratio[node]));
          rows_.add(predicted.time(m, n, k), table.roofline().plain_seconds(m, n, k), measured);
        }
  }
  TableScore score() const { return rows_.score(shapes_.size()); }

private:
  ScoredRows rows_;
  std::set<std::pair<std::size_t, std::size_t>> shapes_;
};

using Keep = std::vector<std::size_t>; ///< nodes of an axis

Keep all_of(const std::vector<std::int64_t>& axis) {
  Keep keep;
  for (std::size_t i = 0; i < axis.size(); ++i) keep.push_back(i);
  return keep;
}

GemmTable part_of(const GemmTable& table, const Keep& m, const Keep& n, const Keep& k) {
  const GemmGrid& whole = table.grid();
  GemmGrid part;
  for (const std::size_t i : m) part.m.push_back(whole.m[i]);
  for (const std::size_t i : n) part.n.push_back(whole.n[i]);
  for (const std::size_t i : k) part.k.push_back(whole.k[i]);
  for (const std::size_t i_n : n)
    for (const std::size_t i_k : k)
      for (const std::size_t i_m : m) {
        part.log_ratio.push_back(whole.log_ratio[whole.at(i_n, i_k, i_m)]);
        part.measured.push_back(whole.measured[whole.at(i_n, i_k, i_m)]);
      }
  return GemmTable(table.roofline(), std::move(part), table.off_site());
}

} // namespace

TableScore score_between_shapes(const GemmTable& table) {
  const GemmGrid& grid = table.grid();
  Rows rows;
  for (const bool along_n : {true, false}) {
    const std::size_t size = (along_n ? grid.n : grid.k).size();
    const auto withheld = [&](std::size_t i) { return i % 2 == 1 && i + 1 < size; };
    Keep n = all_of(grid.n), k = all_of(grid.k);
    std::erase_if(along_n ? n : k, withheld);
    rows.add(part_of(table, all_of(grid.m), n, k), table,
             [&](std::size_t i_n, std::size_t i_k, std::size_t) {
               return withheld(along_n ? i_n : i_k);
             });
  }
  return rows.score();
}

TableScore score_between_m(const GemmTable& table) {
  const GemmGrid& grid = table.grid();
  Keep apart; // half an octave and more
  for (std::size_t i = 0; i < grid.m.size(); ++i)
    if (apart.empty() || grid.m[i] * grid.m[i] >= 2 * grid.m[apart.back()] * grid.m[apart.back()])
      apart.push_back(i);
  Keep kept;
  std::set<std::size_t> withheld;
  for (std::size_t i = 0; i < apart.size(); ++i)
    if (i % 2 == 1 && i + 1 < apart.size())
      withheld.insert(apart[i]);
    else
      kept.push_back(apart[i]);
  Rows rows;
  rows.add(part_of(table, kept, all_of(grid.n), all_of(grid.k)), table,
           [&](std::size_t, std::size_t, std::size_t i_m) { return withheld.contains(i_m); });
  return rows.score();
}

TableScore score_beyond_edges(const GemmTable& table) {
  const GemmGrid& grid = table.grid();
  const std::array<const std::vector<std::int64_t>*, 3> axes{&grid.m, &grid.n, &grid.k};
  Rows rows;
  for (std::size_t axis = 0; axis < 3; ++axis)
    for (const bool above : {false, true}) {
      const std::vector<std::int64_t>& values = *axes[axis];
      const auto withheld = [&](std::size_t i) {
        return above ? 2 * values[i] > values.back() : values[i] < 2 * values.front();
      };
      std::array<Keep, 3> keep{all_of(grid.m), all_of(grid.n), all_of(grid.k)};
      std::erase_if(keep[axis], withheld);
      if (keep[axis].empty()) continue;
      rows.add(part_of(table, keep[0], keep[1], keep[2]), table,
               [&](std::size_t i_n, std::size_t i_k, std::size_t i_m) {
                 return withheld(std::array{i_m, i_n, i_k}[axis]);
               });
    }
  return rows.score();
}

TableScore score_on(const GemmTable& predicted, const GemmTable& measured) {
  Rows rows;
  rows.add(predicted, measured, [](std::size_t, std::size_t, std::size_t) { return true; });
  return rows.score();
}

} // namespace windtunnel::kernels
