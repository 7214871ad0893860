#include "models/failures/failure_law.hpp"

#include <cmath>

#include "libsim/base/error.hpp"

namespace windtunnel::failures {
namespace {

/// `hours_ahead` after `now`, or never when that lies beyond representable time.
Time later(Time now, double hours_ahead) {
  constexpr double horizon_hours = 2e6; // 228 years: within int64 nanoseconds
  return hours_ahead < horizon_hours ? now + hours(hours_ahead) : Time::max();
}

class Exponential final : public FailureLaw {
public:
  explicit Exponential(const Fleet& fleet)
      : nodes_(fleet.nodes), per_hour_(fleet.nodes * fleet.failures_per_node_hour) {}

  Failure next(Time now, RandomStream& random) override {
    if (per_hour_ <= 0) return {};
    const Time at = later(now, random.exponential(1 / per_hour_));
    return {at, static_cast<int>(random.below(static_cast<std::uint64_t>(nodes_)))};
  }
  void replaced(int, Time) override {}

private:
  int nodes_;
  double per_hour_;
};

class Weibull final : public FailureLaw {
public:
  explicit Weibull(const Fleet& fleet)
      : shape_(fleet.shape), failure_at_(static_cast<std::size_t>(fleet.nodes), unknown) {
    // Mean of Weibull(shape, scale) is scale * Gamma(1 + 1/shape).
    if (fleet.failures_per_node_hour > 0)
      scale_hours_ = 1 / (fleet.failures_per_node_hour * std::tgamma(1 + 1 / shape_));
  }

  Failure next(Time now, RandomStream& random) override {
    if (scale_hours_ <= 0) return {};
    Failure first;
    for (std::size_t node = 0; node < failure_at_.size(); ++node) {
      // A node that failed and stayed (restart in place) is as good as new.
      while (failure_at_[node] <= now) {
        const Time from = failure_at_[node] == unknown ? Time{} : now;
        failure_at_[node] = later(from, random.weibull(shape_, scale_hours_));
      }
      if (failure_at_[node] < first.at) first = {failure_at_[node], static_cast<int>(node)};
    }
    return first;
  }
  void replaced(int node, Time now) override {
    failure_at_[static_cast<std::size_t>(node)] = now; // redrawn by next()
  }

private:
  static constexpr Time unknown = Time::from_raw(-1);
  double shape_, scale_hours_ = 0;
  std::vector<Time> failure_at_;
};

} // namespace

std::unique_ptr<FailureLaw> make_law(const std::string& name, const Fleet& fleet) {
  if (name == "exponential") return std::make_unique<Exponential>(fleet);
  if (name == "weibull") return std::make_unique<Weibull>(fleet);
  throw ModelError("unknown failure law '" + name + "'; built in are exponential and weibull");
}

} // namespace windtunnel::failures
