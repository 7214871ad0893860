// Flows to measure and compare solvers by, equal for equal arguments.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include "libsim/base/random.hpp"
#include "models/network/flow_plan.hpp"

namespace windtunnel::network {

/// Every host sends to every other over its NIC: link h up, link hosts + h down, 50 GB/s. Sizes are
/// 100 MB times (1 +- jitter).
inline FlowPlan star_all_to_all(std::uint32_t hosts, double jitter) {
  RandomStream random(1, 0, "all-to-all");
  FlowPlan plan;
  for (std::uint32_t l = 0; l < 2 * hosts; ++l) plan.add_link(gigabytes_per_second(50));
  for (std::uint32_t a = 0; a < hosts; ++a)
    for (std::uint32_t b = 0; b < hosts; ++b)
      if (a != b)
        plan.add(std::array{LinkUse{a}, LinkUse{hosts + b}},
                 bytes_from(100e6 * (1 + jitter * random.uniform(-1, 1))));
  return plan;
}

/// A ring all-reduce, step by step: 2 (hosts - 1) steps over each of `rails` NICs a host. A host
/// sends a step when it has sent and received the one before.
inline FlowPlan ring(std::uint32_t hosts, std::uint32_t rails, double jitter) {
  RandomStream random(1, 0, "ring");
  FlowPlan plan;
  for (std::uint32_t l = 0; l < 2 * hosts * rails; ++l) plan.add_link(gigabytes_per_second(50));
  for (std::uint32_t step = 0; step < 2 * (hosts - 1); ++step)
    for (std::uint32_t rail = 0; rail < rails; ++rail) {
      const std::uint32_t up = 2 * rail * hosts, down = up + hosts, before = hosts * rails;
      for (std::uint32_t h = 0; h < hosts; ++h) {
        const auto flow = static_cast<std::uint32_t>(plan.flows());
        std::vector<std::uint32_t> after;
        if (step > 0)
          after = {flow - before, h > 0 ? flow - before - 1 : flow - before + hosts - 1};
        plan.add(std::array{LinkUse{up + h}, LinkUse{down + (h + 1) % hosts}},
                 bytes_from(100e6 * (1 + jitter * random.uniform(-1, 1))), {}, after);
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
  for (std::uint32_t l = 0; l < all; ++l) plan.add_link(gigabytes_per_second(50));
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
    std::vector<LinkUse> route{hop(host, a, false)};
    if (la != lb) route.push_back(hop(leaf, la * width + s, false));
    if (pa != pb) {
      route.push_back(hop(core, (pa * width + s) * width + c, false));
      route.push_back(hop(core, (pb * width + s) * width + c, true));
    }
    if (la != lb) route.push_back(hop(leaf, lb * width + s, true));
    route.push_back(hop(host, b, true));
    plan.add(route, bytes_from(random.uniform(10e6, 190e6)));
  }
  return plan;
}

} // namespace windtunnel::network
