// The oracle: max-min rates and finish times from nothing at every change, with no state kept.
#pragma once

#include <cstddef>
#include <limits>
#include <span>
#include <vector>

#include "models/network/max_min.hpp"

namespace windtunnel::network {

using Route = std::vector<LinkUse>;

/// Water-filling by the textbook: the link with the least fair level fixes its flows, again and
/// again.
inline std::vector<double> naive_rates(const std::vector<double>& capacity,
                                       std::span<const Route> routes) {
  std::vector<double> rate(routes.size(), -1);
  for (std::size_t left = routes.size(); left > 0;) {
    std::vector<double> room(capacity), shares(capacity.size(), 0);
    for (std::size_t f = 0; f < routes.size(); ++f)
      for (const LinkUse& use : routes[f])
        if (rate[f] < 0)
          shares[use.link] += use.share;
        else
          room[use.link] -= use.share * rate[f];
    std::size_t least = 0;
    double level = std::numeric_limits<double>::infinity();
    for (std::size_t l = 0; l < capacity.size(); ++l)
      if (shares[l] > 0 && room[l] / shares[l] < level) {
        level = room[l] / shares[l];
        least = l;
      }
    for (std::size_t f = 0; f < routes.size(); ++f) {
      bool there = false;
      for (const LinkUse& use : routes[f]) there = there || use.link == least;
      if (there && rate[f] < 0) {
        rate[f] = level < 0 ? 0 : level;
        --left;
      }
    }
  }
  return rate;
}

struct NaiveFlow {
  Route route;
  double bytes = 0;
  double start = 0; ///< s
};

/// Seconds at which each flow ends.
inline std::vector<double> naive_ends(const std::vector<double>& capacity,
                                      const std::vector<NaiveFlow>& flows) {
  constexpr double never = std::numeric_limits<double>::infinity();
  std::vector<double> end(flows.size(), never), left;
  for (const NaiveFlow& flow : flows) left.push_back(flow.bytes);
  for (double now = 0;;) {
    std::vector<Route> routes;
    std::vector<std::size_t> running;
    double next = never;
    for (std::size_t f = 0; f < flows.size(); ++f) {
      if (end[f] != never) continue;
      if (flows[f].start > now) {
        next = next < flows[f].start ? next : flows[f].start;
      } else {
        routes.push_back(flows[f].route);
        running.push_back(f);
      }
    }
    if (running.empty() && next == never) return end;
    const std::vector<double> rate = naive_rates(capacity, routes);
    for (std::size_t i = 0; i < running.size(); ++i)
      if (const double at = now + left[running[i]] / rate[i]; at < next) next = at;
    for (std::size_t i = 0; i < running.size(); ++i) {
      const bool ends = now + left[running[i]] / rate[i] <= next;
      left[running[i]] -= rate[i] * (next - now);
      if (ends) end[running[i]] = next;
    }
    now = next;
  }
}

} // namespace windtunnel::network
