#include "models/network/topology.hpp"

#include <gtest/gtest.h>

#include <array>
#include <map>

#include "libsim/base/error.hpp"
#include "models/catalog/catalog.hpp"
#include "models/network/flows.hpp"

namespace windtunnel::network {
namespace {

Topology build(const char* type, const TopologyOptions& options) {
  const catalog::Catalog& catalog = catalog::Catalog::builtin();
  const catalog::InstanceType* instance = catalog.instance_type(type);
  return Topology(*instance, *catalog.gpu(instance->accelerator), options);
}

/// What goes in comes out: shares are conserved at every part between the ends.
void expect_conserved(const Topology& t, const Path& path, std::uint32_t from, std::uint32_t to) {
  std::map<std::uint32_t, double> net;
  for (const LinkUse& use : path.uses) {
    EXPECT_GT(t.links()[use.link].capacity, Bandwidth{}) << t.link_name(use.link);
    net[t.links()[use.link].from] -= use.share;
    net[t.links()[use.link].to] += use.share;
  }
  for (const auto& [vertex, amount] : net)
    EXPECT_NEAR(amount,
                vertex == to     ? 1
                : vertex == from ? -1
                                 : 0,
                1e-12)
        << t.vertices()[vertex].name;
}

std::map<Part, int> parts(const Topology& t) {
  std::map<Part, int> count;
  for (const Topology::Vertex& v : t.vertices()) ++count[v.part];
  return count;
}

TEST(Topology, HasThePartsOfItsInstanceType) {
  const auto p5 = parts(build("p5.48xlarge", {.nodes = 4, .nodes_per_leaf = 2, .spines = 3}));
  EXPECT_EQ(p5.at(Part::gpu), 32);
  EXPECT_EQ(p5.at(Part::nvswitch), 4);
  EXPECT_EQ(p5.at(Part::pcie), 4 * (8 + 1));
  EXPECT_EQ(p5.at(Part::nic), 128);
  EXPECT_EQ(p5.at(Part::leaf), 2);
  EXPECT_EQ(p5.at(Part::spine), 3);
  const auto p4d = parts(build("p4d.24xlarge", {.nodes = 1}));
  EXPECT_EQ(p4d.at(Part::pcie), 4 + 1); // two GPUs and a rail each
  EXPECT_EQ(p4d.at(Part::nic), 4);
  EXPECT_EQ(parts(build("g6e.48xlarge", {.nodes = 1})).count(Part::nvswitch), 0U);
}

TEST(Topology, PathsTakeTheWayOfTheHardware) {
  const Topology t = build("p5.48xlarge", {.nodes = 4, .nodes_per_leaf = 2, .spines = 4});
  const auto path = [&](int a, int i, int b, int j) { return t.path(t.gpu(a, i), t.gpu(b, j)); };
  // NVLink inside: 450 GB/s one way.
  EXPECT_DOUBLE_EQ(path(0, 0, 0, 5).bandwidth.gigabytes_per_second(), 450);
  EXPECT_EQ(t.describe(t.gpu(0, 0), path(0, 0, 0, 5)), "node0/gpu0 > node0/nvswitch > node0/gpu5");
  // Four rails of 100 Gb/s to another node, below one leaf and over the spines.
  EXPECT_DOUBLE_EQ(path(0, 0, 1, 3).bandwidth.gigabytes_per_second(), 50);
  EXPECT_EQ(t.describe(t.gpu(0, 0), path(0, 0, 1, 3)),
            "node0/gpu0 > node0/pcie0 > 4 nics > leaf0 > 4 nics > node1/pcie3 > node1/gpu3");
  EXPECT_EQ(t.describe(t.gpu(0, 1), path(0, 1, 2, 1)),
            "node0/gpu1 > node0/pcie1 > 4 nics > leaf0 > 4 spines > leaf1 > 4 nics > node2/pcie1 > "
            "node2/gpu1");
  for (const auto& [from, to] : {std::pair{t.gpu(0, 0), t.gpu(0, 7)},
                                 {t.gpu(0, 3), t.gpu(1, 3)},
                                 {t.gpu(1, 2), t.gpu(3, 6)}})
    expect_conserved(t, t.path(from, to), from, to);
}

TEST(Topology, GpusWithoutNvlinkMeetAtThePcieSwitchOrTheHost) {
  const Topology t = build("g6e.48xlarge", {.nodes = 1});
  EXPECT_EQ(t.describe(t.gpu(0, 0), t.path(t.gpu(0, 0), t.gpu(0, 1))),
            "node0/gpu0 > node0/pcie0 > node0/gpu1");
  EXPECT_EQ(t.describe(t.gpu(0, 0), t.path(t.gpu(0, 0), t.gpu(0, 2))),
            "node0/gpu0 > node0/pcie0 > node0/host > node0/pcie1 > node0/gpu2");
}

TEST(Topology, AnNvl72DomainJoinsEighteenNodes) {
  const Topology t = build("p6e-gb200.36xlarge", {.nodes = 19});
  EXPECT_EQ(parts(t).at(Part::nvswitch), 2);
  EXPECT_EQ(t.describe(t.gpu(0, 0), t.path(t.gpu(0, 0), t.gpu(17, 3))),
            "node0/gpu0 > nvswitch0 > node17/gpu3");
  EXPECT_DOUBLE_EQ(t.path(t.gpu(0, 0), t.gpu(17, 3)).bandwidth.gigabytes_per_second(), 900);
  EXPECT_DOUBLE_EQ(t.path(t.gpu(0, 0), t.gpu(18, 0)).bandwidth.gigabytes_per_second(), 100);
}

TEST(Topology, FaultsAreRoutedAround) {
  const TopologyOptions options{.nodes = 4, .nodes_per_leaf = 2, .spines = 4};
  const auto with = [&](std::vector<Fault> faults) {
    TopologyOptions o = options;
    o.faults = std::move(faults);
    return build("p5.48xlarge", o);
  };
  // Three of four rails are left.
  const Topology rail = with({{"node0/nic1", 0}});
  const Path three = rail.path(rail.gpu(0, 0), rail.gpu(1, 0));
  EXPECT_DOUBLE_EQ(three.bandwidth.gigabytes_per_second(), 37.5);
  expect_conserved(rail, three, rail.gpu(0, 0), rail.gpu(1, 0));
  // Stripes are even: the slowest rail is what holds the transfer.
  const Topology slow = with({{"node0/nic1-leaf0", 0.5}});
  const Path held = slow.path(slow.gpu(0, 0), slow.gpu(1, 0));
  EXPECT_DOUBLE_EQ(held.bandwidth.gigabytes_per_second(), 25);
  EXPECT_EQ(slow.link_name(held.bottleneck), "node0/nic1-leaf0");
  // Without rails of its own a GPU borrows those of others, over NVLink.
  const Topology none =
      with({{"node0/nic0", 0}, {"node0/nic1", 0}, {"node0/nic2", 0}, {"node0/nic3", 0}});
  const Path borrowed = none.path(none.gpu(0, 0), none.gpu(1, 0));
  EXPECT_NE(none.describe(none.gpu(0, 0), borrowed).find("node0/nvswitch"), std::string::npos);
  expect_conserved(none, borrowed, none.gpu(0, 0), none.gpu(1, 0));
  // Three of four spines, and a degraded one takes its part.
  const Topology spine = with({{"spine2", 0}, {"spine1", 0.5}});
  const Path over = spine.path(spine.gpu(0, 0), spine.gpu(2, 0));
  expect_conserved(spine, over, spine.gpu(0, 0), spine.gpu(2, 0));
  EXPECT_NE(spine.describe(spine.gpu(0, 0), over).find("3 spines"), std::string::npos);
}

TEST(Topology, OversubscriptionBindsWhenAllSend) {
  const auto slowest = [](double oversubscription) {
    const Topology t =
        build("p5.48xlarge",
              {.nodes = 4, .oversubscription = oversubscription, .nodes_per_leaf = 2, .spines = 4});
    MaxMin m;
    t.add_links(m);
    std::vector<MaxMin::Flow> flows;
    for (int node = 0; node < 4; ++node)
      for (int i = 0; i < 8; ++i)
        flows.push_back(m.add_flow(t.path(t.gpu(node, i), t.gpu((node + 2) % 4, i)).uses));
    m.solve();
    double rate = 1e300;
    for (const MaxMin::Flow f : flows) rate = std::min(rate, m.rate(f));
    return rate * 1e-9;
  };
  EXPECT_NEAR(slowest(1), 50, 1e-6);
  EXPECT_NEAR(slowest(4), 12.5, 1e-6);
}

engine::Process job(Flows& flows, const Topology& t, int from, int to, Bytes size, Time& ended,
                    engine::Simulation& sim) {
  std::vector<LinkUse> all; // its rings, one a GPU, as one flow of the node
  for (int i = 0; i < t.gpus_per_node(); ++i)
    for (LinkUse use : t.path(t.gpu(from, i), t.gpu(to, i)).uses) {
      use.share /= t.gpus_per_node();
      all.push_back(use);
    }
  co_await flows.transfer(all, size);
  ended = sim.now();
}

TEST(Topology, TwoJobsOnOneOversubscribedLeafTakeTwiceAsLong) {
  const Topology t =
      build("p5.48xlarge", {.nodes = 4, .oversubscription = 4, .nodes_per_leaf = 2, .spines = 4});
  const auto ends = [&](bool second) {
    engine::Simulation sim(1);
    Flows flows(sim);
    t.add_links(flows);
    std::array<Time, 2> ended{};
    sim.spawn("first", job(flows, t, 0, 2, gigabytes(400), ended[0], sim));
    if (second) sim.spawn("second", job(flows, t, 1, 3, gigabytes(200), ended[1], sim));
    sim.run();
    EXPECT_EQ(flows.state().moved(), gigabytes(second ? 600 : 400));
    return ended;
  };
  // The leaf passes on 2 x 400 / 4 = 200 GB/s of the 400 that one node could send.
  EXPECT_NEAR(ends(false)[0].seconds(), 2, 1e-8);
  const auto both = ends(true);
  EXPECT_NEAR(both[1].seconds(), 2, 1e-8); // 200 GB at 100 GB/s
  EXPECT_NEAR(both[0].seconds(), 3, 1e-8); // the rest of 400 GB alone again
}

TEST(Topology, ASingleWayIsOneOfTheEqualOnesAndDependsOnTheKey) {
  const Topology t = build("p5.48xlarge", {.nodes = 4, .nodes_per_leaf = 2, .spines = 8});
  std::map<std::uint32_t, int> spines;
  for (std::uint64_t key = 0; key < 64; ++key) {
    const Path path = t.path(t.gpu(0, 0), t.gpu(3, 0), Spread::single, key);
    EXPECT_EQ(path.uses.size(), 8U);
    for (const LinkUse& use : path.uses) {
      EXPECT_EQ(use.share, 1);
      if (t.vertices()[t.links()[use.link].to].part == Part::spine)
        ++spines[t.links()[use.link].to];
    }
    EXPECT_DOUBLE_EQ(path.bandwidth.gigabytes_per_second(), 12.5);
  }
  EXPECT_GE(spines.size(), 6U);
}

std::string refusal(const char* type, const TopologyOptions& options) {
  try {
    build(type, options);
  } catch (const ModelError& error) {
    return error.what();
  }
  return "";
}

TEST(Topology, WhatCannotBeBuiltIsRefusedByName) {
  EXPECT_EQ(refusal("p5.48xlarge", {.nodes = 0}), "a topology has at least one node");
  EXPECT_EQ(refusal("p5.48xlarge", {.nodes = 2, .zones = 3}), "2 nodes cannot be in 3 zones");
  EXPECT_EQ(refusal("trn1.32xlarge", {.nodes = 1}),
            "trn1.32xlarge: how its Trainium1 chips are wired is not known");
  EXPECT_NE(
      refusal("p5.48xlarge", {.nodes = 1, .faults = {{"node0/nic99", 0}}}).find("did you mean"),
      std::string::npos);
  EXPECT_EQ(refusal("p5.48xlarge", {.nodes = 1, .faults = {{"node0/gpu0-node0/gpu1", 0}}}),
            "there is no link node0/gpu0-node0/gpu1");
  EXPECT_EQ(refusal("p5.48xlarge", {.nodes = 3, .nodes_per_leaf = 1, .faults = {{"leaf1", 0}}}),
            "faults cut 8 GPUs off from node0/gpu0: node1/gpu0, node1/gpu1, node1/gpu2, "
            "node1/gpu3, ...");
}

TEST(Topology, DrawsEachLinkOnce) {
  const Topology t = build("p4d.24xlarge", {.nodes = 2, .faults = {{"node1/nic3", 0}}});
  const std::string dot = t.dot();
  std::size_t lines = 0;
  for (std::size_t at = dot.find(" -- "); at != std::string::npos; at = dot.find(" -- ", at + 1))
    ++lines;
  EXPECT_EQ(lines, t.links().size() / 2);
  EXPECT_NE(dot.find("style=dashed"), std::string::npos);
}

} // namespace
} // namespace windtunnel::network
