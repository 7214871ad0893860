#include "models/kernels/memory_fit.hpp"

#include <fmt/format.h>

#include <Eigen/Cholesky>
#include <algorithm>
#include <array>
#include <cmath>
#include <map>
#include <set>

#include "libsim/base/error.hpp"

namespace windtunnel::kernels {
namespace {

constexpr double steps = 2;              ///< nodes of an octave
constexpr double octaves_of_rows = 2;    ///< distance at which residuals are still alike
constexpr double octaves_of_width = 4;   ///< the same in width
constexpr double shared_noise = 0.05;    ///< variance of the average at one width, of that of all
constexpr double one_measurement = 0.05; ///< variance of one measurement
/// A parameter off its default by a factor e weighs as much as an error of two per cent everywhere.
constexpr double prior = 0.02;
constexpr std::size_t fewest_sites = 8;

using Samples = std::vector<MemorySample>;
using Parameters = Eigen::Vector<double, 5>; ///< logarithms

Parameters to_parameters(const MemoryLaw& law) {
  Parameters p;
  p << std::log(law.start), std::log(law.row_rate), std::log(law.cache_share),
      std::log(law.memory_share), std::log(law.knee);
  return p;
}
MemoryLaw to_law(const Parameters& p) {
  return {std::exp(p(0)), std::exp(p(1)), std::exp(p(2)), std::exp(p(3)), std::exp(p(4))};
}

/// Levenberg-Marquardt with derivatives by differences.
class LawFit {
public:
  LawFit(const Samples& samples, const catalog::GpuSpec& gpu, double element_bytes)
      : samples_(samples), gpu_(gpu), element_bytes_(element_bytes) {}

  MemoryLaw run() const {
    const Parameters typical = to_parameters({});
    Parameters at = typical;
    double damping = 1e-3, best = objective(at, typical);
    for (int iteration = 0; iteration < 100 && damping < 1e6; ++iteration) {
      const auto [normal, gradient] = linearised(at, typical);
      Eigen::Matrix<double, 5, 5> damped = normal;
      damped.diagonal() *= 1 + damping;
      const Parameters next = at - damped.ldlt().solve(gradient);
      const double value = objective(next, typical);
      if (!(value < best)) {
        damping *= 4;
        continue;
      }
      const bool done = best - value < 1e-12 * best;
      at = next;
      best = value;
      damping /= 4;
      if (done) break;
    }
    return to_law(at);
  }

private:
  double residual(const MemorySample& s, const MemoryLaw& law) const {
    const double row_bytes = element_bytes_ * s.op->passes * static_cast<double>(s.width);
    return std::log(law.seconds(static_cast<double>(s.rows), row_bytes, gpu_) / s.seconds);
  }
  double weight() const { return prior * prior * static_cast<double>(samples_.size()); }
  double objective(const Parameters& p, const Parameters& typical) const {
    const MemoryLaw law = to_law(p);
    double sum = weight() * (p - typical).squaredNorm();
    for (const MemorySample& s : samples_) sum += std::pow(residual(s, law), 2);
    return sum;
  }
  std::pair<Eigen::Matrix<double, 5, 5>, Parameters> linearised(const Parameters& p,
                                                                const Parameters& typical) const {
    constexpr double h = 1e-5;
    const MemoryLaw law = to_law(p);
    std::array<MemoryLaw, 5> stepped;
    for (int i = 0; i < 5; ++i) {
      Parameters shifted = p;
      shifted(i) += h;
      stepped[static_cast<std::size_t>(i)] = to_law(shifted);
    }
    Eigen::Matrix<double, 5, 5> normal = weight() * Eigen::Matrix<double, 5, 5>::Identity();
    Parameters gradient = weight() * (p - typical);
    for (const MemorySample& s : samples_) {
      const double here = residual(s, law);
      Parameters slope;
      for (int i = 0; i < 5; ++i)
        slope(i) = (residual(s, stepped[static_cast<std::size_t>(i)]) - here) / h;
      normal += slope * slope.transpose();
      gradient += here * slope;
    }
    return {normal, gradient};
  }

  const Samples& samples_;
  const catalog::GpuSpec& gpu_;
  double element_bytes_;
};

/// The average residual of some rows at one width.
struct Cell {
  double log_rows = 0, log_width = 0, log_ratio = 0, count = 0;
};

double covariance(double octaves_rows, double octaves_width) {
  const double distance = std::sqrt(3 * (std::pow(octaves_rows / octaves_of_rows, 2) +
                                         std::pow(octaves_width / octaves_of_width, 2)));
  return (1 + distance) * std::exp(-distance); // Matern 3/2
}

int nearest_node(double value) { return static_cast<int>(std::lround(std::log2(value) * steps)); }
std::int64_t node_value(int node) { return std::llround(std::exp2(node / steps)); }

std::vector<Cell> cells_of(const Samples& samples, const MemoryLaw& law,
                           const catalog::GpuSpec& gpu, double element_bytes) {
  std::map<std::pair<int, std::int64_t>, Cell> cells;
  for (const MemorySample& s : samples) {
    const auto rows = static_cast<double>(s.rows), width = static_cast<double>(s.width);
    Cell& cell = cells[{nearest_node(rows), s.width}];
    cell.log_rows += std::log2(rows);
    cell.log_width = std::log2(width);
    cell.log_ratio +=
        std::log(s.seconds / law.seconds(rows, element_bytes * s.op->passes * width, gpu));
    ++cell.count;
  }
  std::vector<Cell> all;
  for (auto& [key, cell] : cells) {
    cell.log_rows /= cell.count;
    cell.log_ratio /= cell.count;
    all.push_back(cell);
  }
  return all;
}

/// Half octaves from the one below the least to the one above the greatest.
std::vector<std::int64_t> axis_over(const Samples& samples, std::int64_t MemorySample::*member) {
  const auto [least, greatest] = std::minmax_element(
      samples.begin(), samples.end(),
      [&](const MemorySample& a, const MemorySample& b) { return a.*member < b.*member; });
  const auto place = [&](const MemorySample& s) {
    return std::log2(static_cast<double>(s.*member)) * steps;
  };
  std::set<std::int64_t> axis;
  for (int node = static_cast<int>(std::floor(place(*least)));
       node <= static_cast<int>(std::ceil(place(*greatest))); ++node)
    axis.insert(node_value(node));
  return {axis.begin(), axis.end()};
}

/// Least squares under the rule that values ascend: neighbours that do not are averaged (pool
/// adjacent violators).
void make_ascend(std::vector<double>& values) {
  struct Pool {
    double sum;
    std::size_t count;
    double mean() const { return sum / static_cast<double>(count); }
  };
  std::vector<Pool> pools;
  for (const double value : values) {
    pools.push_back({value, 1});
    while (pools.size() > 1 && pools[pools.size() - 2].mean() > pools.back().mean()) {
      const Pool last = pools.back();
      pools.pop_back();
      pools.back().sum += last.sum;
      pools.back().count += last.count;
    }
  }
  auto value = values.begin();
  for (const Pool& pool : pools)
    for (std::size_t i = 0; i < pool.count; ++i) *value++ = pool.mean();
}

MemoryTable fit_operator(const Samples& samples, const catalog::GpuSpec& gpu, double element_bytes,
                         double p10 = 0, double p90 = 0) {
  const MemoryLaw law = LawFit(samples, gpu, element_bytes).run();
  const std::vector<Cell> cells = cells_of(samples, law, gpu, element_bytes);
  const auto count = static_cast<Eigen::Index>(cells.size());
  const auto at = [&](Eigen::Index i) -> const Cell& { return cells[static_cast<std::size_t>(i)]; };
  Eigen::MatrixXd kernel(count, count);
  Eigen::VectorXd values(count);
  for (Eigen::Index i = 0; i < count; ++i) {
    for (Eigen::Index j = 0; j <= i; ++j)
      kernel(i, j) = kernel(j, i) =
          covariance(at(i).log_rows - at(j).log_rows, at(i).log_width - at(j).log_width);
    kernel(i, i) += shared_noise + one_measurement / at(i).count;
    values(i) = at(i).log_ratio;
  }
  const Eigen::VectorXd weights = kernel.llt().solve(values);

  std::set<std::pair<std::int64_t, std::int64_t>> measured; // nodes: width, rows
  for (const MemorySample& s : samples)
    measured.emplace(node_value(nearest_node(static_cast<double>(s.width))),
                     node_value(nearest_node(static_cast<double>(s.rows))));
  MemoryGrid grid{.rows = axis_over(samples, &MemorySample::rows),
                  .width = axis_over(samples, &MemorySample::width),
                  .log_ratio = {},
                  .measured = {}};
  const double bytes = element_bytes * samples.front().op->passes; // of an element
  for (const std::int64_t width : grid.width) {
    std::vector<double> log_law, log_seconds; // by rows
    for (const std::int64_t rows : grid.rows) {
      log_law.push_back(std::log(
          law.seconds(static_cast<double>(rows), bytes * static_cast<double>(width), gpu)));
      log_seconds.push_back(log_law.back());
      for (Eigen::Index i = 0; i < count; ++i)
        log_seconds.back() += weights(i) * covariance(std::log2(rows) - at(i).log_rows,
                                                      std::log2(width) - at(i).log_width);
      grid.measured.push_back(measured.contains({width, rows}));
    }
    make_ascend(log_seconds);
    for (std::size_t i = 0; i < log_seconds.size(); ++i)
      grid.log_ratio.push_back(static_cast<float>(log_seconds[i] - log_law[i]));
  }
  return MemoryTable(gpu, bytes, law, std::move(grid), p10, p90);
}

/// The samples of one operator, by width.
using Sites = std::map<std::int64_t, Samples>;

Samples joined(const Sites& sites) {
  Samples all;
  for (const auto& [width, samples] : sites) all.insert(all.end(), samples.begin(), samples.end());
  return all;
}

class Scores {
public:
  Scores(const catalog::GpuSpec& gpu, double element_bytes)
      : bandwidth_(gpu.memory_bandwidth.bytes_per_second()), element_bytes_(element_bytes) {}
  void add(const MemoryTable& table, const Sites& sites, bool held_out) {
    for (const MemorySample& s : joined(sites)) {
      const auto rows = static_cast<double>(s.rows), width = static_cast<double>(s.width);
      const double predicted = table.time(rows, width).seconds;
      if (!held_out) {
        in_sample_.push_back(predicted / s.seconds);
        continue;
      }
      model_.push_back(predicted / s.seconds);
      plain_.push_back(rows * width * s.op->passes * element_bytes_ / bandwidth_ / s.seconds);
      logs_.push_back(std::log(s.seconds / predicted));
    }
  }
  void finish(HeldOut& errors) {
    errors.model = errors_of(std::move(model_));
    errors.roofline = errors_of(std::move(plain_));
    errors.in_sample = errors_of(std::move(in_sample_));
    std::sort(logs_.begin(), logs_.end());
    errors.p10 = quantile(logs_, 0.1);
    errors.p90 = quantile(logs_, 0.9);
  }

private:
  double bandwidth_, element_bytes_;
  std::vector<double> model_, plain_, in_sample_, logs_;
};

} // namespace

MemoryFit fit_memory(std::span<const MemorySample> samples, const catalog::GpuSpec& gpu,
                     double element_bytes, std::uint64_t split_seed) {
  std::map<const MemoryOperator*, Sites> by_operator; // all point into one array
  for (const MemorySample& s : samples) by_operator[s.op][s.width].push_back(s);

  MemoryFit fit;
  fit.errors.split_seed = split_seed;
  Scores scores(gpu, element_bytes);
  for (const auto& [op, all] : by_operator) {
    Sites fitted = all, held_out;
    for (const auto& [width, unused] : all)
      if (is_held_out(fmt::format("{} {}", op->name, width), split_seed))
        held_out.insert(fitted.extract(width));
    if (fitted.empty()) fitted.swap(held_out);
    fit.errors.sites += all.size();
    fit.errors.held_out_sites += held_out.size();
    const MemoryTable table = fit_operator(joined(fitted), gpu, element_bytes);
    scores.add(table, fitted, false);
    scores.add(table, held_out, true);
  }
  if (fit.errors.held_out_sites == 0 || fit.errors.sites - fit.errors.held_out_sites < fewest_sites)
    throw ModelError(fmt::format("too few widths of memory-bound operators to hold a fifth of "
                                 "them out: {}",
                                 fit.errors.sites));
  scores.finish(fit.errors);
  for (const auto& [op, sites] : by_operator)
    fit.operators.push_back(
        {op, fit_operator(joined(sites), gpu, element_bytes, fit.errors.p10, fit.errors.p90)});
  return fit;
}

} // namespace windtunnel::kernels
