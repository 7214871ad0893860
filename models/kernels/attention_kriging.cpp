#include "models/kernels/attention_kriging.hpp"

#include <Eigen/Cholesky>
#include <algorithm>
#include <cmath>
#include <limits>
#include <map>

namespace windtunnel::kernels {
namespace {

/// Octaves within which launches are alike.
struct Reach {
  double count, group, batch, head_dim;
};
/// Of unit variance: Matern 3/2 along blocks. Added to it, at shares of that variance, exponential
/// ones along blocks, nearly whatever the batch, and along query heads: steps of whole waves.
struct Covariance {
  Reach smooth;
  double blocks_share;
  Reach blocks;
  double heads_share;
  Reach heads;
};
constexpr Covariance prefill{{1, 12, 1.5, 0.4}, 0.5, {1.5, 5, 30, 2}, 0.05, {0.5, 10, 3, 1}};
constexpr Covariance decode{{2.5, 10, 2, 0.6}, 0.1, {1.5, 5, 30, 2}, 0, {1, 1, 1, 1}};
constexpr double measurement = 0.01; ///< variance of one measurement
constexpr std::size_t most_alike = 64;

AttentionKriging::Launch launch(const AttentionShape& shape, std::int64_t batch) {
  const auto log = [](std::int64_t value) { return std::log2(static_cast<double>(value)); };
  return {log(batch * shape.kv_heads), log(shape.heads) - log(shape.kv_heads), log(batch),
          log(shape.head_dim)};
}

} // namespace

AttentionKriging::AttentionKriging(const AttentionGrid& grid, AttentionPhase phase)
    : phase_(phase) {
  for (const AttentionShape& shape : grid.shapes)
    for (const std::int64_t batch : grid.batch) launches_.push_back(launch(shape, batch));
  std::map<std::vector<std::size_t>, std::size_t> known;
  for (std::size_t length = 0; length < grid.length.size(); ++length) {
    std::vector<std::size_t> measured;
    for (std::size_t i = 0; i < launches_.size(); ++i)
      if (!std::isnan(grid.log_ratio[i * grid.length.size() + length])) measured.push_back(i);
    if (measured.empty()) continue;
    const auto [at, is_new] = known.try_emplace(measured, columns_.size());
    if (is_new) {
      Launch low = launches_[measured.front()], high = low;
      for (const std::size_t i : measured)
        for (const auto member : {&Launch::blocks, &Launch::group, &Launch::head_dim}) {
          low.*member = std::min(low.*member, launches_[i].*member);
          high.*member = std::max(high.*member, launches_[i].*member);
        }
      columns_.push_back({{}, std::move(measured), low, high});
    }
    columns_[at->second].lengths.push_back(length);
  }
}

double AttentionKriging::covariance(const Launch& a, const Launch& b) const {
  const Covariance& c = phase_ == AttentionPhase::prefill ? prefill : decode;
  const double blocks = std::abs(a.blocks - b.blocks), group = std::abs(a.group - b.group),
               batch = std::abs(a.batch - b.batch), dim = std::abs(a.head_dim - b.head_dim);
  const auto squared = [](double x) { return x * x; };
  const double distance =
      std::sqrt(3 * (squared(blocks / c.smooth.count) + squared(group / c.smooth.group) +
                     squared(batch / c.smooth.batch) + squared(dim / c.smooth.head_dim)));
  const auto rough = [&](double share, double count, const Reach& reach) {
    if (share == 0) return 0.0;
    return share * std::exp(-count / reach.count - group / reach.group - batch / reach.batch -
                            dim / reach.head_dim);
  };
  const double heads = std::abs(a.blocks + a.group - b.blocks - b.group);
  return (1 + distance) * std::exp(-distance) + rough(c.blocks_share, blocks, c.blocks) +
         rough(c.heads_share, heads, c.heads);
}

void AttentionKriging::solve(const AttentionGrid& grid, const Columns& columns,
                             const Launch& target, std::vector<Node>& row) const {
  std::vector<std::pair<double, std::size_t>> alike; // negated, so that ties go by the order
  alike.reserve(columns.launches.size());
  for (const std::size_t i : columns.launches)
    alike.emplace_back(-covariance(target, launches_[i]), i);
  const std::size_t count = std::min(most_alike, alike.size());
  std::ranges::partial_sort(alike, alike.begin() + static_cast<std::ptrdiff_t>(count));

  const auto n = static_cast<Eigen::Index>(count);
  const auto lengths = static_cast<Eigen::Index>(columns.lengths.size());
  const auto index = [](Eigen::Index i) { return static_cast<std::size_t>(i); };
  Eigen::MatrixXd kernel(n, n), values(n, lengths + 1);
  Eigen::VectorXd to_target(n);
  for (Eigen::Index i = 0; i < n; ++i) {
    const auto& [negated, at] = alike[index(i)];
    to_target(i) = -negated;
    for (Eigen::Index j = 0; j <= i; ++j)
      kernel(i, j) = covariance(launches_[at], launches_[alike[index(j)].second]);
    kernel(i, i) += measurement;
    for (Eigen::Index j = 0; j < lengths; ++j)
      values(i, j) = grid.log_ratio[at * grid.length.size() + columns.lengths[index(j)]];
    values(i, lengths) = 1;
  }
  const Eigen::MatrixXd solved = kernel.selfadjointView<Eigen::Lower>().llt().solve(values);
  const Eigen::RowVectorXd sums = solved.colwise().sum();
  const Eigen::RowVectorXd predicted = to_target.transpose() * solved;
  bool inside = true;
  for (const auto member : {&Launch::blocks, &Launch::group, &Launch::head_dim})
    inside =
        inside && columns.low.*member <= target.*member && target.*member <= columns.high.*member;
  for (Eigen::Index j = 0; j < lengths; ++j) {
    const double mean = sums(j) / sums(lengths); // generalised least squares
    row[columns.lengths[index(j)]] = {predicted(j) + mean * (1 - predicted(lengths)), inside};
  }
}

std::vector<AttentionKriging::Node> AttentionKriging::predict(const AttentionGrid& grid,
                                                              const AttentionShape& shape) const {
  constexpr double none = std::numeric_limits<double>::quiet_NaN();
  const std::size_t batches = grid.batch.size(), lengths = grid.length.size();
  std::vector<Node> nodes;
  for (std::size_t b = 0; b < batches; ++b) {
    std::vector<Node> row(lengths);
    for (const Columns& columns : columns_) solve(grid, columns, launch(shape, grid.batch[b]), row);
    for (std::size_t l = 0; l < lengths; ++l) {
      bool measured = false;
      for (std::size_t s = 0; s < grid.shapes.size() && !measured; ++s)
        measured = !std::isnan(grid.log_ratio[grid.at(s, b, l)]);
      if (!measured) row[l] = {none, false};
    }
    nodes.insert(nodes.end(), row.begin(), row.end());
  }
  return nodes;
}

} // namespace windtunnel::kernels
