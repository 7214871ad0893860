// Flows to measure and compare solvers by, equal for equal arguments.
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <utility>

#include "libsim/base/random.hpp"
#include "models/network/flow_plan.hpp"

namespace windtunnel::network {

/// Every host sends to every other over its NIC: link h up, link hosts + h down, 50 GB/s. Sizes are
/// 100 MB times (1 +- jitter).
inline FlowPlan star_all_to_all(std::uint32_t hosts, double jitter) {
  RandomStream random(1, 0, "all-to-all");
  FlowPlan plan;
  plan.links.assign(2 * hosts, gigabytes_per_second(50));
  for (std::uint32_t a = 0; a < hosts; ++a)
    for (std::uint32_t b = 0; b < hosts; ++b)
      if (a != b)
        plan.flows.push_back({.route = {{a}, {hosts + b}},
                              .size = bytes_from(100e6 * (1 + jitter * random.uniform(-1, 1)))});
  return plan;
}

/// A ring all-reduce, step by step: 2 (hosts - 1) steps over each of `rails` NICs a host. A host
/// sends a step when it has sent and received the one before.
inline FlowPlan ring(std::uint32_t hosts, std::uint32_t rails, double jitter) {
  RandomStream random(1, 0, "ring");
  FlowPlan plan;
  plan.links.assign(2 * hosts * rails, gigabytes_per_second(50));
  for (std::uint32_t rail = 0; rail < rails; ++rail) {
    const std::uint32_t up = 2 * rail * hosts, down = up + hosts;
    for (std::uint32_t step = 0; step < 2 * (hosts - 1); ++step)
      for (std::uint32_t h = 0; h < hosts; ++h) {
        const auto flow = static_cast<std::uint32_t>(plan.flows.size());
        PlannedFlow next{.route = {{up + h}, {down + (h + 1) % hosts}},
                         .size = bytes_from(100e6 * (1 + jitter * random.uniform(-1, 1)))};
        if (step > 0) next.after = {flow - hosts, h > 0 ? flow - hosts - 1 : flow - 1};
        plan.flows.push_back(std::move(next));
      }
  }
  return plan;
}

/// Random pairs over a Clos of `hosts`, 16 of them on a leaf, 16 leaves in a pod: hosts 50 GB/s;
/// each leaf has 16 uplinks of 50 GB/s to the switches of its pod, each of these 16 to the core.
/// Every pair has its one way by a hash, as ECMP.
inline FlowPlan clos(std::uint32_t hosts, std::uint32_t flows) {
  constexpr std::uint32_t width = 16;
  const std::uint32_t leaves = hosts / width, pods = leaves / width;
  FlowPlan plan;
  // Up and down: hosts, leaves x switches of the pod, switches x core.
  const std::uint32_t host = 0, leaf = 2 * hosts, core = leaf + 2 * leaves * width,
                      all = core + 2 * pods * width * width;
  plan.links.assign(all, gigabytes_per_second(50));
  RandomStream random(1, 0, "clos");
  const auto hop = [](std::uint32_t base, std::uint32_t number, bool down) {
    return LinkUse{base + 2 * number + (down ? 1U : 0U)};
  };
  for (std::uint32_t f = 0; f < flows; ++f) {
    const auto a = static_cast<std::uint32_t>(random.below(hosts));
    auto b = static_cast<std::uint32_t>(random.below(hosts - 1));
    if (b >= a) ++b;
    const std::uint64_t hash = stream_hash(std::to_string(a) + ">" + std::to_string(b));
    const auto s = static_cast<std::uint32_t>(hash % width),
               c = static_cast<std::uint32_t>(hash / width % width);
    const std::uint32_t la = a / width, lb = b / width, pa = la / width, pb = lb / width;
    PlannedFlow flow{.route = {hop(host, a, false)},
                     .size = bytes_from(random.uniform(10e6, 190e6))};
    if (la != lb) flow.route.push_back(hop(leaf, la * width + s, false));
    if (pa != pb) {
      flow.route.push_back(hop(core, (pa * width + s) * width + c, false));
      flow.route.push_back(hop(core, (pb * width + s) * width + c, true));
    }
    if (la != lb) flow.route.push_back(hop(leaf, lb * width + s, true));
    flow.route.push_back(hop(host, b, true));
    plan.flows.push_back(std::move(flow));
  }
  return plan;
}

} // namespace windtunnel::network
