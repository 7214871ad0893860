#include "models/network/collective.hpp"

#include <gtest/gtest.h>

#include "libsim/base/error.hpp"
#include "models/network/fabric_description.hpp"

namespace windtunnel::network {
namespace {

const Fabric p5{.domain_size = 8,
                .nvlink = gigabytes_per_second(450),
                .network = gigabytes_per_second(50),
                .kind = "efa"};

TEST(Collective, OneRankCostsNothingAndMoreBytesNeverLess) {
  EXPECT_EQ(collective_time(Op::all_reduce, 1_GiB, 1, 1, p5), Time{});
  Time last;
  for (int shift = 10; shift < 34; ++shift) {
    const Time t = collective_time(Op::all_reduce, bytes(std::int64_t{1} << shift), 64, 8, p5);
    EXPECT_GE(t, last);
    last = t;
  }
}

TEST(Collective, AnAllReduceIsAReduceScatterAndAnAllGather) {
  for (const int ranks : {8, 64, 512}) {
    const Time both = collective_time(Op::reduce_scatter, 4_GiB, ranks, 8, p5) +
                      collective_time(Op::all_gather, 4_GiB, ranks, 8, p5);
    // Each is rounded to whole nanoseconds.
    EXPECT_LE(std::abs((collective_time(Op::all_reduce, 4_GiB, ranks, 8, p5) - both).ns()), 2);
  }
}

TEST(Collective, LargeRingsReachThePublishedBusBandwidth) {
  // nccl-tests on p5en: 365 GB/s over 4 nodes, 370 over 16 (NIC line rate 400).
  for (const auto& [nodes, published] : {std::pair{4, 365.0}, {16, 370.0}}) {
    const double n = nodes * 8, size = 16e9;
    const Time t = collective_time(Op::all_reduce, bytes_from(size), nodes * 8, 8, p5);
    const double busbw = 2 * (n - 1) / n * size / t.seconds() * 1e-9;
    std::printf("%d nodes: %.0f GB/s, published %.0f\n", nodes, busbw, published);
    EXPECT_NEAR(busbw / published, 1, 0.1);
  }
}

TEST(Collective, AnUnknownFabricIsAnError) {
  Fabric f = p5;
  f.kind = "carrier pigeon";
  EXPECT_THROW(collective_time(Op::all_gather, 1_GiB, 16, 8, f), ModelError);
}

TEST(FabricDescription, ReadsTheWordsOfPublications) {
  const Bandwidth nvlink = gigabytes_per_second(900);
  const auto network = [&](const char* text, const char* gpu, int per_node) {
    bool assumed = false;
    return describe_fabric(text, gpu, nvlink, per_node, &assumed).network.gigabytes_per_second() *
           per_node * 8;
  };
  EXPECT_DOUBLE_EQ(network("DGX-H100 8x400G IB", "H100-SXM-80", 8), 3200);
  EXPECT_DOUBLE_EQ(network("4x200G HDR IB (800 Gb/s per node)", "A100-SXM-80", 8), 800);
  EXPECT_DOUBLE_EQ(network("RoCE 1600 Gb/s per node", "A100-SXM-40", 8), 1600);
  EXPECT_DOUBLE_EQ(network("4x OPA 100G", "A100-SXM-80", 8), 400);
  EXPECT_DOUBLE_EQ(network("Storage: 2x ConnectX-7 IB NDR 400Gb/s, Compute: 8x ConnectX-7 IB NDR "
                           "400Gb/s, Ma",
                           "H200-SXM-141", 8),
                   3200);
  EXPECT_DOUBLE_EQ(network("", "A100-SXM-80", 8), 1600);
  bool assumed = false;
  EXPECT_EQ(describe_fabric("GB200 NVL72", "GB200-186", nvlink, 4, &assumed).domain_size, 72);
  EXPECT_EQ(describe_fabric("4x OPA 100G", "A100-SXM-80", nvlink, 8, &assumed).kind, "opa");
}

} // namespace
} // namespace windtunnel::network
