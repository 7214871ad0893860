#include "scenarios/cost_over_time.hpp"

#include <algorithm>
#include <chrono>
#include <functional>

#include "scenarios/check.hpp"
#include "scenarios/waterfall.hpp"

namespace windtunnel::scenarios {
namespace {

constexpr int even_points = 120;
constexpr double seconds_per_period = 730 * 3600; // a month as on AWS's price pages

std::vector<double> sample_times(std::optional<std::int64_t> start, double until_s) {
  std::vector<double> times = period_ends(start, until_s);
  for (int i = 0; i <= even_points; ++i) times.push_back(until_s * i / even_points);
  std::sort(times.begin(), times.end());
  times.erase(std::unique(times.begin(), times.end()), times.end());
  return times;
}

/// Dollars of one replication until `time`.
using CostUntil = std::function<double(const usage::Usage&, Time)>;

Series mean_series(std::string name, const std::vector<double>& times,
                   const std::vector<const usage::Usage*>& usages, const CostUntil& cost) {
  Series series{.name = std::move(name), .unit = "usd", .time_s = times, .value = {}};
  for (const double t : times) {
    double sum = 0;
    for (const usage::Usage* usage : usages) sum += cost(*usage, seconds(t));
    series.value.push_back(sum / static_cast<double>(usages.size()));
  }
  return series;
}

} // namespace

std::vector<double> period_ends(std::optional<std::int64_t> start, double until_s) {
  std::vector<double> ends;
  if (!start) {
    for (double t = seconds_per_period; t < until_s; t += seconds_per_period) ends.push_back(t);
    return ends;
  }
  namespace chrono = std::chrono;
  const chrono::year_month_day day(
      chrono::floor<chrono::days>(chrono::sys_seconds(chrono::seconds(*start))));
  for (chrono::year_month month = day.year() / day.month();;) {
    month += chrono::months(1);
    const auto first = chrono::sys_seconds(chrono::sys_days(month / 1)).time_since_epoch().count();
    const double t = static_cast<double>(first - *start);
    if (t >= until_s) return ends;
    ends.push_back(t);
  }
}

double value_at(const Series& s, double time_s) {
  if (s.time_s.empty()) return 0;
  const auto after = std::upper_bound(s.time_s.begin(), s.time_s.end(), time_s);
  if (after == s.time_s.end()) return s.value.back();
  if (after == s.time_s.begin()) return s.value.front();
  const auto i = static_cast<std::size_t>(after - s.time_s.begin());
  const double share = (time_s - s.time_s[i - 1]) / (s.time_s[i] - s.time_s[i - 1]);
  return s.value[i - 1] + share * (s.value[i] - s.value[i - 1]);
}

std::vector<Series> cost_over_time(const std::vector<const usage::Usage*>& usages,
                                   const Scenario& s, const catalog::Catalog& catalog) {
  Time until{};
  for (const usage::Usage* usage : usages) until = std::max(until, usage->duration);
  const std::vector<double> times = sample_times(s.start, until.seconds());
  std::vector<Series> all;
  for (std::size_t p = 0; p < s.node_pools.size(); ++p) {
    const NodePool& pool = s.node_pools[p];
    const double usd = price_of(pool, s, catalog)->usd.dollars();
    all.push_back(mean_series("Compute / " + pool.name, times, usages,
                              [&](const usage::Usage& usage, Time t) {
                                const Time held = std::min(t, usage.pools[p].until);
                                return static_cast<double>(billed(pool, held)) / 3.6e12 * usd;
                              }));
  }
  for (std::size_t i = 0; i < s.storage.size(); ++i) {
    const double usd = price_of(s.storage[i], s, catalog)->usd.dollars();
    constexpr double byte_ns_per_gigabyte_month = 1e9 * seconds_per_period * 1e9;
    all.push_back(mean_series(
        "Storage / " + s.storage[i].name, times, usages, [&](const usage::Usage& usage, Time t) {
          const double share = usage.duration > Time{} ? std::min(1.0, t / usage.duration) : 0;
          return static_cast<double>(usage.storages[i].byte_ns) * share /
                 byte_ns_per_gigabyte_month * usd;
        }));
  }
  const double usd = control_plane_price(s, catalog)->usd.dollars();
  all.push_back(mean_series("Control plane", times, usages, [&](const usage::Usage& u, Time t) {
    return std::min(t, u.duration).hours() * usd;
  }));
  return all;
}

} // namespace windtunnel::scenarios
