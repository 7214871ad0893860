#include "models/network/max_min.hpp"

#include <gtest/gtest.h>

#include <array>
#include <cmath>
#include <map>

#include "libsim/base/error.hpp"
#include "libsim/base/random.hpp"
#include "tests/models/network/naive_flows.hpp"

namespace windtunnel::network {
namespace {

/// A MaxMin with its flows, and the same flows for the oracle.
struct Network {
  MaxMin m;
  std::vector<double> capacity;
  std::map<MaxMin::Flow, Route> flows;

  void link(double c) {
    m.add_link(c);
    capacity.push_back(c);
  }
  void set(MaxMin::Link l, double c) {
    m.set_capacity(l, c);
    capacity[l] = c;
  }
  void add(const Route& route) { flows[m.add_flow(route)] = route; }
  void remove(std::size_t which) {
    const auto it = std::next(flows.begin(), static_cast<std::ptrdiff_t>(which));
    m.remove_flow(it->first);
    flows.erase(it);
  }

  /// The definition: every flow has a saturated link on which none is faster; none is overloaded.
  void expect_max_min_fair() const {
    for (MaxMin::Link l = 0; l < m.links(); ++l)
      ASSERT_LE(m.load(l), capacity[l] * (1 + 1e-9)) << "link " << l;
    for (const auto& [flow, route] : flows) {
      bool bottleneck = false;
      for (const LinkUse& use : route) {
        if (m.load(use.link) < capacity[use.link] * (1 - 1e-9)) continue;
        double fastest = 0;
        m.for_each_member(use.link, [&](MaxMin::Flow other, double) {
          fastest = std::max(fastest, m.rate(other));
        });
        bottleneck = bottleneck || m.rate(flow) >= fastest * (1 - 1e-9);
        ASSERT_GE(m.level(use.link), m.rate(flow) * (1 - 1e-9));
      }
      ASSERT_TRUE(bottleneck) << "flow " << flow << " at rate " << m.rate(flow);
    }
  }
  void expect_naive() const {
    std::vector<Route> routes;
    for (const auto& [flow, route] : flows) routes.push_back(route);
    const std::vector<double> rates = naive_rates(capacity, routes);
    std::size_t i = 0;
    for (const auto& [flow, route] : flows) {
      ASSERT_NEAR(m.rate(flow), rates[i], 1e-9 * rates[i]) << "flow " << flow;
      ++i;
    }
  }
};

struct Population {
  int links, flows, changes;
  std::size_t longest; ///< route
  bool unequal_shares, equal_capacities;
};

class MaxMinPopulation : public testing::TestWithParam<Population> {};

/// Flows come and go and capacities change, one or several between solves.
TEST_P(MaxMinPopulation, IsMaxMinFairAndWhatANaiveSolverFinds) {
  const Population p = GetParam();
  for (std::uint64_t seed = 1; seed <= 12; ++seed) {
    RandomStream random(seed, 0, "max-min");
    Network n;
    const auto capacity = [&] {
      return p.equal_capacities ? 100.0 * static_cast<double>(random.integer(1, 2))
                                : random.uniform(1, 1000);
    };
    for (int l = 0; l < p.links; ++l) n.link(capacity());
    const auto route = [&] {
      Route r;
      const auto length =
          static_cast<std::size_t>(random.integer(1, static_cast<std::int64_t>(p.longest)));
      while (r.size() < length)
        r.push_back({static_cast<std::uint32_t>(random.below(static_cast<std::uint64_t>(p.links))),
                     p.unequal_shares ? random.uniform(0.05, 2) : 1});
      return r;
    };
    for (int f = 0; f < p.flows; ++f) n.add(route());
    for (int change = 0; change < p.changes; ++change) {
      for (std::int64_t together = random.integer(1, 3); together > 0; --together) {
        const double kind = random.uniform();
        const auto link =
            static_cast<MaxMin::Link>(random.below(static_cast<std::uint64_t>(p.links)));
        if (kind < 0.05)
          n.set(link, random.uniform() < 0.3 ? 0 : capacity());
        else if (kind < 0.5 || n.flows.empty())
          n.add(route());
        else
          n.remove(random.below(n.flows.size()));
      }
      n.m.solve();
      n.expect_naive();
      n.expect_max_min_fair();
      if (HasFatalFailure()) FAIL() << "seed " << seed << ", change " << change;
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Shapes, MaxMinPopulation,
                         testing::Values(Population{6, 10, 120, 3, false, false},
                                         Population{6, 10, 120, 3, false, true},
                                         Population{20, 30, 120, 4, true, false},
                                         Population{60, 30, 120, 3, false, true},
                                         Population{12, 80, 80, 6, true, true},
                                         Population{200, 150, 40, 5, false, false}));

TEST(MaxMin, AFlowAloneHasItsNarrowestLink) {
  MaxMin m;
  m.add_link(10);
  m.add_link(4);
  const auto flow = m.add_flow(std::array{LinkUse{0}, LinkUse{1}});
  const auto changes = m.solve();
  ASSERT_EQ(changes.size(), 1U);
  EXPECT_EQ(changes[0].flow, flow);
  EXPECT_EQ(changes[0].before, 0);
  EXPECT_EQ(m.rate(flow), 4);
  EXPECT_EQ(m.level(1), 4);
  EXPECT_EQ(m.level(0), std::numeric_limits<double>::infinity());
}

TEST(MaxMin, ASharedRingIsAsSlowAsItsSlowestLinkAndStripesAddUp) {
  MaxMin m;
  for (int i = 0; i < 8; ++i) m.add_link(i == 3 ? 20 : 50);
  Route ring, stripes;
  for (std::uint32_t l = 0; l < 4; ++l) ring.push_back({l});
  for (std::uint32_t l = 4; l < 8; ++l) stripes.push_back({l, 0.25});
  const auto first = m.add_flow(ring), second = m.add_flow(stripes);
  m.solve();
  EXPECT_EQ(m.rate(first), 20);
  EXPECT_EQ(m.rate(second), 200);
}

TEST(MaxMin, WhatAChangeCannotReachIsNotTouched) {
  MaxMin m;
  for (int i = 0; i < 4; ++i) m.add_link(10);
  m.add_flow(std::array{LinkUse{0}});
  const auto leaves = m.add_flow(std::array{LinkUse{0}, LinkUse{1}});
  m.add_flow(std::array{LinkUse{2}});
  m.solve();
  m.remove_flow(leaves);
  EXPECT_EQ(m.solve().size(), 1U); // the one on link 0
  EXPECT_EQ(m.solve().size(), 0U);
}

TEST(MaxMin, EqualCallsGiveEqualBitsAndCopiesAreIndependent) {
  const auto build = [] {
    RandomStream random(7, 0, "bits");
    MaxMin m;
    for (int l = 0; l < 40; ++l) m.add_link(random.uniform(1, 10));
    for (int f = 0; f < 200; ++f)
      m.add_flow(std::array{LinkUse{static_cast<std::uint32_t>(random.below(40))},
                            LinkUse{static_cast<std::uint32_t>(random.below(40)), 0.3}});
    m.solve();
    return m;
  };
  const MaxMin a = build();
  MaxMin b = build(), copy = b;
  for (MaxMin::Flow f = 0; f < 200; ++f) EXPECT_EQ(a.rate(f), b.rate(f));
  b.remove_flow(0);
  b.solve();
  for (MaxMin::Flow f = 0; f < 200; ++f) EXPECT_EQ(a.rate(f), copy.rate(f));
}

TEST(MaxMin, NoMoreCapacityLowersTheLeastRate) {
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    RandomStream random(seed, 0, "monotone");
    MaxMin m;
    std::vector<double> capacity;
    for (int l = 0; l < 15; ++l) m.add_link(capacity.emplace_back(random.uniform(1, 10)));
    for (int f = 0; f < 40; ++f)
      m.add_flow(std::array{LinkUse{static_cast<std::uint32_t>(random.below(15))},
                            LinkUse{static_cast<std::uint32_t>(random.below(15))}});
    const auto least = [&] {
      m.solve();
      double rate = 1e9;
      for (MaxMin::Flow f = 0; f < 40; ++f) rate = std::min(rate, m.rate(f));
      return rate;
    };
    double before = least();
    for (int change = 0; change < 30; ++change) {
      const auto link = static_cast<MaxMin::Link>(random.below(15));
      m.set_capacity(link, capacity[link] *= random.uniform(1, 1.5));
      const double now = least();
      EXPECT_GE(now, before * (1 - 1e-9));
      before = now;
    }
  }
}

TEST(MaxMin, WhatMakesNoSenseIsRefused) {
  MaxMin m;
  EXPECT_THROW(m.add_link(-1), ModelError);
  EXPECT_THROW(m.add_link(NAN), ModelError);
  m.add_link(1);
  EXPECT_THROW(m.add_flow({}), ModelError);
  EXPECT_THROW(m.add_flow(std::array{LinkUse{1}}), ModelError);
  EXPECT_THROW(m.add_flow(std::array{LinkUse{0, 0}}), ModelError);
  EXPECT_THROW(m.set_capacity(0, -1), ModelError);
  EXPECT_THROW(m.set_capacity(7, 1), ModelError);
}

} // namespace
} // namespace windtunnel::network
