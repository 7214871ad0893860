// Laws made of data or of other laws: discrete, histogram, empirical, mixture, truncated.
#include <algorithm>
#include <limits>
#include <numeric>
#include <utility>

#include "libsim/base/alias_table.hpp"
#include "libsim/base/bisection_impl.hpp"
#include "libsim/base/distribution.hpp"
#include "libsim/base/error.hpp"

namespace windtunnel {
namespace {

using Law = Distribution::Law;

void require_same_size(const char* what, std::size_t expected, std::size_t got) {
  if (expected != got)
    detail::refuse_parameter(what, "be " + std::to_string(expected) + " in number",
                             static_cast<double>(got));
}

/// Disjoint cells in ascending order, uniform within; a cell without width is an atom.
class Cells final : public Law {
public:
  Cells(std::vector<double> lows, std::vector<double> highs, const std::vector<double>& weights)
      : lows_(std::move(lows)), highs_(std::move(highs)), table_(weights),
        mass_below_(weights.size() + 1), mass_above_(weights.size() + 1) {
    std::partial_sum(weights.begin(), weights.end(), mass_below_.begin() + 1);
    std::partial_sum(weights.rbegin(), weights.rend(), mass_above_.rbegin() + 1);
    for (double& mass : mass_below_) mass /= mass_above_.front();
    const double total = mass_above_.front();
    for (double& mass : mass_above_) mass /= total;
  }
  double draw(RandomStream& random) const override {
    const std::size_t i = table_.draw(random);
    return lows_[i] == highs_[i] ? lows_[i] : random.uniform(lows_[i], highs_[i]);
  }
  double cdf(double x) const override {
    const std::size_t i = cells_begun(x);
    if (i == 0) return 0;
    return mass_below_[i - 1] + part(x, i - 1) * (mass_below_[i] - mass_below_[i - 1]);
  }
  double survival(double x) const override {
    const std::size_t i = cells_begun(x);
    if (i == 0) return 1;
    return mass_above_[i] + (1 - part(x, i - 1)) * (mass_above_[i - 1] - mass_above_[i]);
  }

private:
  std::size_t cells_begun(double x) const {
    return static_cast<std::size_t>(std::upper_bound(lows_.begin(), lows_.end(), x) -
                                    lows_.begin());
  }
  /// The part of cell i at or below x, which is at least its low end.
  double part(double x, std::size_t i) const {
    return x >= highs_[i] ? 1 : (x - lows_[i]) / (highs_[i] - lows_[i]);
  }

  std::vector<double> lows_, highs_;
  AliasTable table_;
  std::vector<double> mass_below_, mass_above_; ///< of cells before i; of cells from i on
};

class Mixture final : public Law {
public:
  Mixture(std::vector<MixturePart> parts, const std::vector<double>& weights)
      : parts_(std::move(parts)), table_(weights) {
    const double sum = std::accumulate(weights.begin(), weights.end(), 0.0);
    for (MixturePart& part : parts_) part.weight /= sum;
  }
  double draw(RandomStream& random) const override {
    return parts_[table_.draw(random)].law.draw(random);
  }
  double cdf(double x) const override {
    double sum = 0;
    for (const MixturePart& part : parts_) sum += part.weight * part.law.cdf(x);
    return sum;
  }
  double survival(double x) const override {
    double sum = 0;
    for (const MixturePart& part : parts_) sum += part.weight * part.law.survival(x);
    return sum;
  }

private:
  std::vector<MixturePart> parts_;
  AliasTable table_;
};

class Truncated final : public Law {
public:
  Truncated(Distribution base, double low, double high)
      : base_(std::move(base)), low_(low), high_(high) {
    // Probabilities are taken from the tail the interval lies in, where they are accurate.
    const bool from_start = low == -infinity;
    upper_ = !from_start && base_.cdf(low) > 0.5;
    if (upper_) {
      start_ = base_.survival(detail::previous(low));
      mass_ = start_ - base_.survival(high);
    } else {
      start_ = from_start ? 0 : base_.cdf(detail::previous(low));
      mass_ = base_.cdf(high) - start_;
    }
  }
  double mass() const { return mass_; }

  double draw(RandomStream& random) const override {
    if (mass_ >= least_for_rejection)
      for (;;)
        if (const double x = base_.draw(random); x >= low_ && x <= high_) return x;
    const double p = random.uniform();
    return detail::least(std::max(low_, -largest), std::min(high_, largest),
                         [&](double x) { return reached(x) >= p * mass_; });
  }
  double cdf(double x) const override {
    return x < low_ ? 0 : x >= high_ ? 1 : std::clamp(reached(x) / mass_, 0.0, 1.0);
  }
  double survival(double x) const override {
    if (x < low_ || x >= high_) return x < low_;
    const double left =
        upper_ ? base_.survival(x) - base_.survival(high_) : base_.cdf(high_) - base_.cdf(x);
    return std::clamp(left / mass_, 0.0, 1.0);
  }

private:
  static constexpr double least_for_rejection = 0.125; // 8 tries on average
  static constexpr double infinity = std::numeric_limits<double>::infinity();
  static constexpr double largest = std::numeric_limits<double>::max();

  /// Mass of the base law in [low, x].
  double reached(double x) const {
    return upper_ ? start_ - base_.survival(x) : base_.cdf(x) - start_;
  }

  Distribution base_;
  double low_, high_;
  bool upper_ = false;
  double start_ = 0; ///< the tail's mass at the near end of the interval
  double mass_ = 0;
};

} // namespace

Distribution Distribution::discrete(std::vector<double> values,
                                    const std::vector<double>& weights) {
  require_same_size("discrete: weights", values.size(), weights.size());
  for (const double value : values) detail::require_finite("discrete: each value", value);
  std::vector<std::size_t> order(values.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::stable_sort(order.begin(), order.end(),
                   [&](std::size_t a, std::size_t b) { return values[a] < values[b]; });
  std::vector<double> sorted, sorted_weights;
  for (const std::size_t i : order) {
    sorted.push_back(values[i]);
    sorted_weights.push_back(weights[i]);
  }
  std::vector<double> highs = sorted;
  return Distribution(std::make_shared<Cells>(std::move(sorted), std::move(highs), sorted_weights));
}

Distribution Distribution::histogram(const std::vector<double>& edges,
                                     const std::vector<double>& weights) {
  require_same_size("histogram: edges", weights.size() + 1, edges.size());
  for (std::size_t i = 0; i < edges.size(); ++i) {
    detail::require_finite("histogram: each edge", edges[i]);
    if (i > 0 && edges[i] < edges[i - 1])
      detail::refuse_parameter("histogram: each edge", "be no less than the one before", edges[i]);
  }
  return Distribution(std::make_shared<Cells>(std::vector<double>(edges.begin(), edges.end() - 1),
                                              std::vector<double>(edges.begin() + 1, edges.end()),
                                              weights));
}

Distribution Distribution::empirical(std::vector<double> samples, std::vector<double> weights) {
  if (weights.empty()) weights.assign(samples.size(), 1);
  require_same_size("empirical: weights", samples.size(), weights.size());
  if (samples.size() < 2)
    detail::refuse_parameter("empirical: number of samples", "be at least 2",
                             static_cast<double>(samples.size()));
  std::vector<std::pair<double, double>> sorted;
  for (std::size_t i = 0; i < samples.size(); ++i) {
    detail::require_finite("empirical: each sample", samples[i]);
    detail::require_not_negative("empirical: each weight", weights[i]);
    sorted.emplace_back(samples[i], weights[i]);
  }
  std::sort(sorted.begin(), sorted.end());
  std::vector<double> edges, masses;
  for (std::size_t i = 0; i < sorted.size(); ++i) {
    edges.push_back(sorted[i].first);
    if (i > 0) masses.push_back((sorted[i - 1].second + sorted[i].second) / 2);
  }
  return histogram(edges, masses);
}

Distribution Distribution::mixture(std::vector<MixturePart> parts) {
  std::vector<double> weights;
  for (const MixturePart& part : parts) weights.push_back(part.weight);
  return Distribution(std::make_shared<Mixture>(std::move(parts), weights));
}

Distribution Distribution::truncated(double low, double high) const {
  const auto interval = [&] {
    return " [" + detail::shortest(low) + ", " + detail::shortest(high) + "]";
  };
  if (!(low <= high)) // a NaN too
    throw ModelError("truncated: low must be at most high, got" + interval());
  auto law = std::make_shared<Truncated>(*this, low, high);
  if (!(law->mass() > 0)) throw ModelError("truncated: the law has no probability in" + interval());
  return Distribution(std::move(law));
}

} // namespace windtunnel
