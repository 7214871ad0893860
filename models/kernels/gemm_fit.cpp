#include "models/kernels/gemm_fit.hpp"

#include <Eigen/Cholesky>
#include <algorithm>
#include <cmath>
#include <map>
#include <set>

#include "libsim/base/error.hpp"

namespace windtunnel::kernels {
namespace {

constexpr double octaves = 4;        ///< distance at which shapes are still alike
constexpr double same = 0.15;        ///< octaves within which n (or k) counts as equal
constexpr double equal_n = 0.3;      ///< variance shared by shapes of equal n, of that of all
constexpr double equal_k = 0.15;     ///< the same for equal k
constexpr double measurement = 0.05; ///< variance of one measurement
constexpr std::size_t fewest_sites = 8;

/// A weight shape with its measurements.
struct Site {
  double log_n = 0, log_k = 0;
  std::map<std::int64_t, double> log_ratio; ///< by m
};
using Shape = std::pair<std::int64_t, std::int64_t>; ///< n, k
using Sites = std::map<Shape, Site>;

Sites sites_of(std::span<const GemmSample> samples, const GemmRoofline& roofline) {
  Sites sites;
  for (const GemmSample& s : samples) {
    Site& site = sites[{s.n, s.k}];
    site.log_n = std::log2(static_cast<double>(s.n));
    site.log_k = std::log2(static_cast<double>(s.k));
    const double ideal = roofline.seconds(static_cast<double>(s.m), static_cast<double>(s.n),
                                          static_cast<double>(s.k));
    site.log_ratio[s.m] = std::log(s.seconds / ideal);
  }
  return sites;
}

double covariance(const Site& a, const Site& b) {
  const double dn = std::abs(a.log_n - b.log_n), dk = std::abs(a.log_k - b.log_k);
  const double distance = std::sqrt(3 * (dn * dn + dk * dk)) / octaves;
  return (1 + distance) * std::exp(-distance) // Matern 3/2
         + equal_n * std::exp(-dn / same - dk / octaves) +
         equal_k * std::exp(-dk / same - dn / octaves);
}

/// The log ratio of a site at `m`: measured, or linear in log m between its own measurements.
double along_m(const Site& site, std::int64_t m) {
  const auto above = site.log_ratio.lower_bound(m);
  if (above == site.log_ratio.end()) return std::prev(above)->second;
  if (above->first == m || above == site.log_ratio.begin()) return above->second;
  const auto below = std::prev(above);
  const double low = std::log(below->first), high = std::log(above->first);
  const double weight = (std::log(m) - low) / (high - low);
  return below->second + weight * (above->second - below->second);
}

/// Gaussian-process regression over weight shapes, a column an m.
class Regression {
public:
  Regression(const Sites& sites, std::vector<std::int64_t> m) {
    for (const auto& [shape, site] : sites) sites_.push_back(&site);
    const auto count = static_cast<Eigen::Index>(sites_.size());
    const auto columns = static_cast<Eigen::Index>(m.size());
    Eigen::MatrixXd values(count, columns), kernel(count, count);
    for (Eigen::Index i = 0; i < count; ++i)
      for (Eigen::Index j = 0; j < columns; ++j)
        values(i, j) = along_m(at(i), m[static_cast<std::size_t>(j)]);
    centre_.resize(columns);
    for (Eigen::Index j = 0; j < columns; ++j) {
      std::vector<double> column(values.col(j).begin(), values.col(j).end());
      const auto middle = column.begin() + static_cast<std::ptrdiff_t>(column.size() / 2);
      std::nth_element(column.begin(), middle, column.end());
      centre_(j) = *middle;
    }
    values.rowwise() -= centre_;
    for (Eigen::Index i = 0; i < count; ++i)
      for (Eigen::Index j = 0; j <= i; ++j) kernel(i, j) = kernel(j, i) = covariance(at(i), at(j));
    kernel.diagonal().array() += measurement;
    weights_ = kernel.llt().solve(values);
  }
  /// Log ratios of a shape, one for each m.
  Eigen::RowVectorXd predict(const Site& shape) const {
    Eigen::RowVectorXd alike(static_cast<Eigen::Index>(sites_.size()));
    for (Eigen::Index i = 0; i < alike.size(); ++i) alike(i) = covariance(shape, at(i));
    return centre_ + alike * weights_;
  }

private:
  const Site& at(Eigen::Index i) const { return *sites_[static_cast<std::size_t>(i)]; }
  std::vector<const Site*> sites_;
  Eigen::RowVectorXd centre_;
  Eigen::MatrixXd weights_;
};

std::vector<std::int64_t> values_of_m(std::span<const GemmSample> samples) {
  std::set<std::int64_t> all;
  for (const GemmSample& s : samples) all.insert(s.m);
  return {all.begin(), all.end()};
}

} // namespace

HeldOut score_held_out(std::span<const GemmSample> samples, const GemmRoofline& roofline,
                       std::uint64_t split_seed) {
  Sites fitted = sites_of(samples, roofline), held_out;
  HeldOut result;
  result.split_seed = split_seed;
  result.sites = fitted.size();
  for (auto site = fitted.begin(); site != fitted.end();) {
    const auto next = std::next(site);
    const auto [n, k] = site->first;
    if (is_held_out(std::to_string(n) + " x " + std::to_string(k), split_seed))
      held_out.insert(fitted.extract(site));
    site = next;
  }
  if (fitted.size() < fewest_sites || held_out.size() < fewest_sites)
    throw ModelError("too few weight shapes to hold a fifth of them out: " +
                     std::to_string(result.sites));
  result.held_out_sites = held_out.size();

  const std::vector<std::int64_t> m = values_of_m(samples);
  const Regression regression(fitted, m);
  std::vector<double> model, plain, in_sample;
  std::vector<std::vector<double>> logs;
  const auto score = [&](const Sites& sites, bool out) {
    for (const auto& [shape, site] : sites) {
      const auto [n, k] =
          std::pair(static_cast<double>(shape.first), static_cast<double>(shape.second));
      const Eigen::RowVectorXd predicted = regression.predict(site);
      if (out) logs.emplace_back();
      for (const auto& [rows, log_ratio] : site.log_ratio) {
        const auto column = std::lower_bound(m.begin(), m.end(), rows) - m.begin();
        const double ratio = std::exp(predicted(column) - log_ratio);
        if (!out) {
          in_sample.push_back(ratio);
          continue;
        }
        const auto rows_m = static_cast<double>(rows);
        const double measured = roofline.seconds(rows_m, n, k) * std::exp(log_ratio);
        model.push_back(ratio);
        plain.push_back(roofline.plain_seconds(rows_m, n, k) / measured);
        logs.back().push_back(log_ratio - predicted(column));
      }
    }
  };
  score(fitted, false);
  score(held_out, true);
  result.model = errors_of(std::move(model));
  result.roofline = errors_of(std::move(plain));
  result.in_sample = errors_of(std::move(in_sample));
  result.covered = cross_coverage(logs);
  std::vector<double> all;
  for (const std::vector<double>& site : logs) all.insert(all.end(), site.begin(), site.end());
  std::sort(all.begin(), all.end());
  result.p10 = quantile(all, 0.1);
  result.p90 = quantile(all, 0.9);
  return result;
}

GemmTable fit_gemm(std::span<const GemmSample> samples, const GemmRoofline& roofline,
                   std::uint64_t split_seed) {
  const HeldOut errors = score_held_out(samples, roofline, split_seed);
  const Sites sites = sites_of(samples, roofline);
  GemmGrid grid;
  grid.m = values_of_m(samples);
  std::set<std::int64_t> n, k;
  for (const auto& [shape, site] : sites) {
    n.insert(shape.first);
    k.insert(shape.second);
  }
  grid.n.assign(n.begin(), n.end());
  grid.k.assign(k.begin(), k.end());
  const std::size_t nodes = grid.n.size() * grid.k.size() * grid.m.size();
  grid.log_ratio.resize(nodes);
  grid.measured.resize(nodes);
  const Regression regression(sites, grid.m);
  for (std::size_t i_n = 0; i_n < grid.n.size(); ++i_n)
    for (std::size_t i_k = 0; i_k < grid.k.size(); ++i_k) {
      const auto found = sites.find({grid.n[i_n], grid.k[i_k]});
      const Site* const measured = found == sites.end() ? nullptr : &found->second;
      Eigen::RowVectorXd filled;
      if (!measured)
        filled = regression.predict({.log_n = std::log2(static_cast<double>(grid.n[i_n])),
                                     .log_k = std::log2(static_cast<double>(grid.k[i_k])),
                                     .log_ratio = {}});
      for (std::size_t i_m = 0; i_m < grid.m.size(); ++i_m) {
        const std::size_t node = grid.at(i_n, i_k, i_m);
        grid.log_ratio[node] = static_cast<float>(
            measured ? along_m(*measured, grid.m[i_m]) : filled(static_cast<Eigen::Index>(i_m)));
        grid.measured[node] = measured && measured->log_ratio.contains(grid.m[i_m]);
      }
    }
  return GemmTable(roofline, std::move(grid), LogBand{errors.p10, errors.p90});
}

} // namespace windtunnel::kernels
