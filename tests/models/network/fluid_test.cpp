#include "models/network/fluid.hpp"

#include <gtest/gtest.h>

#include <array>
#include <map>

#include "libsim/base/error.hpp"
#include "libsim/base/random.hpp"
#include "tests/models/network/naive_flows.hpp"

namespace windtunnel::network {
namespace {

/// Runs `flows` and returns the second at which each ends.
std::vector<double> ends_of(Fluid& fluid, const std::vector<NaiveFlow>& flows) {
  std::vector<double> end(flows.size());
  std::map<FlowId, std::size_t> which;
  std::vector<std::size_t> order(flows.size());
  for (std::size_t i = 0; i < order.size(); ++i) order[i] = i;
  std::stable_sort(order.begin(), order.end(),
                   [&](auto a, auto b) { return flows[a].start < flows[b].start; });
  for (std::size_t started = 0; started < flows.size() || fluid.next() < Time::max();) {
    const Time arrival =
        started < flows.size() ? seconds(flows[order[started]].start) : Time::max();
    if (arrival <= fluid.next()) {
      for (const FlowId flow : fluid.advance(arrival)) end[which.at(flow)] = fluid.now().seconds();
      const NaiveFlow& flow = flows[order[started]];
      which[fluid.start(flow.route, bytes_from(flow.bytes))] = order[started++];
    } else {
      for (const FlowId flow : fluid.advance(fluid.next()))
        end[which.at(flow)] = fluid.now().seconds();
    }
  }
  return end;
}

TEST(Fluid, EndsAreThoseOfANaiveSimulation) {
  for (std::uint64_t seed = 1; seed <= 10; ++seed) {
    RandomStream random(seed, 0, "fluid");
    Fluid fluid;
    std::vector<double> capacity;
    for (int l = 0; l < 12; ++l)
      fluid.add_link(bytes_per_second(capacity.emplace_back(random.uniform(1e9, 9e9))));
    std::vector<NaiveFlow> flows;
    double total = 0;
    std::vector<double> through(12, 0);
    for (int f = 0; f < 80; ++f) {
      NaiveFlow flow;
      for (std::int64_t i = random.integer(1, 4); i > 0; --i)
        flow.route.push_back({static_cast<std::uint32_t>(random.below(12)),
                              random.uniform() < 0.3 ? random.uniform(0.1, 1) : 1});
      // Minutes, so that whole nanoseconds are not what differs.
      flow.bytes = std::floor(random.uniform(1e11, 9e11));
      flow.start = std::floor(random.uniform(0, 300) * 1e9) / 1e9;
      total += flow.bytes;
      for (const LinkUse& use : flow.route) through[use.link] += use.share * flow.bytes;
      flows.push_back(flow);
    }
    const std::vector<double> ours = ends_of(fluid, flows), naive = naive_ends(capacity, flows);
    for (std::size_t f = 0; f < flows.size(); ++f)
      EXPECT_NEAR(ours[f], naive[f], 1e-9 * naive[f]) << "flow " << f << " seed " << seed;
    EXPECT_EQ(fluid.moved().as_double(), total);
    EXPECT_EQ(fluid.active(), 0U);
    for (MaxMin::Link l = 0; l < 12; ++l)
      EXPECT_NEAR(fluid.carried(l), through[l], 1e-12 * through[l]);
  }
}

TEST(Fluid, BytesAreConservedWhateverHappens) {
  RandomStream random(3, 0, "conservation");
  Fluid fluid;
  for (int l = 0; l < 8; ++l) fluid.add_link(gigabytes_per_second(random.uniform(1, 50)));
  std::vector<FlowId> flows;
  Bytes cancelled{}, ended{};
  std::vector<Bytes> size;
  std::map<FlowId, Bytes> sizes;
  const auto take = [&](std::span<const FlowId> gone) {
    for (const FlowId flow : gone) ended += sizes.at(flow);
  };
  for (int step = 0; step < 3000; ++step) {
    const double kind = random.uniform();
    if (kind < 0.4) {
      const std::array route{LinkUse{static_cast<std::uint32_t>(random.below(8))},
                             LinkUse{static_cast<std::uint32_t>(random.below(8))}};
      const Bytes amount = bytes(random.integer(0, 1'000'000'000));
      flows.push_back(fluid.start(route, amount));
      sizes[flows.back()] = amount;
    } else if (kind < 0.45 && !flows.empty()) {
      const FlowId flow = flows[random.below(flows.size())];
      if (fluid.active(flow)) {
        const Bytes moved = fluid.cancel(flow);
        EXPECT_GE(moved, Bytes{});
        EXPECT_LE(moved, sizes.at(flow));
        cancelled += moved;
      } else {
        EXPECT_THROW(fluid.cancel(flow), ModelError);
      }
    } else if (kind < 0.5) {
      fluid.set_capacity(static_cast<MaxMin::Link>(random.below(8)),
                         gigabytes_per_second(random.uniform() < 0.2 ? 0 : random.uniform(1, 50)));
    } else if (fluid.next() < Time::max()) {
      take(fluid.advance(fluid.next()));
    }
  }
  EXPECT_EQ(fluid.moved(), ended + cancelled);
  for (MaxMin::Link l = 0; l < 8; ++l) fluid.set_capacity(l, gigabytes_per_second(50));
  while (fluid.next() < Time::max()) take(fluid.advance(fluid.next()));
  EXPECT_EQ(fluid.moved(), ended + cancelled);
  EXPECT_EQ(fluid.active(), 0U);
}

TEST(Fluid, ACopyIsWhatWouldHappen) {
  Fluid fluid;
  const auto link = fluid.add_link(gigabytes_per_second(10));
  const FlowId flow = fluid.start(std::array{LinkUse{link}}, 10_GiB);
  fluid.advance(fluid.next());
  Fluid undisturbed = fluid;
  fluid.start(std::array{LinkUse{link}}, 10_GiB);
  fluid.advance(fluid.next());
  EXPECT_EQ(undisturbed.next(), 10_GiB / gigabytes_per_second(10));
  EXPECT_EQ(fluid.next(), 20_GiB / gigabytes_per_second(10));
  EXPECT_TRUE(undisturbed.active(flow));
}

TEST(Fluid, AWindowCostsEachChangeAtMostAWindow) {
  const auto makespan = [](Time window) {
    RandomStream random(5, 0, "window");
    Fluid fluid(window);
    for (int l = 0; l < 32; ++l) fluid.add_link(gigabytes_per_second(50));
    for (std::uint32_t a = 0; a < 16; ++a)
      for (std::uint32_t b = 0; b < 16; ++b)
        if (a != b)
          fluid.start(std::array{LinkUse{a}, LinkUse{16 + b}},
                      bytes_from(random.uniform(0.95, 1.05) * 1e9));
    while (fluid.next() < Time::max()) fluid.advance(fluid.next());
    return std::pair{fluid.now().seconds(), fluid.updates()};
  };
  const auto [exact, updates] = makespan({});
  const auto [batched, fewer] = makespan(milliseconds(1));
  EXPECT_GT(updates, 200U);
  EXPECT_LT(fewer, 50U);
  EXPECT_GE(batched, exact);
  EXPECT_LE(batched, exact + static_cast<double>(fewer) * 1e-3);
}

TEST(Fluid, FlowsOnADeadLinkWaitForIt) {
  Fluid fluid;
  const auto link = fluid.add_link(Bandwidth{});
  const FlowId flow = fluid.start(std::array{LinkUse{link}}, bytes(1'000'000'000));
  fluid.advance(fluid.next());
  EXPECT_EQ(fluid.next(), Time::max());
  fluid.advance(seconds(5));
  fluid.set_capacity(link, gigabytes_per_second(1));
  fluid.advance(fluid.next());
  EXPECT_EQ(fluid.next(), seconds(6));
  fluid.advance(seconds(5.5));
  EXPECT_NEAR(fluid.left(flow), 5e8, 1);
  EXPECT_NEAR(fluid.carried(link), 5e8, 1);
}

} // namespace
} // namespace windtunnel::network
