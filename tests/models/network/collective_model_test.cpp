// What NCCL is taken to do, on which machine, and what follows for its times.
#include "models/network/collective_model.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "libsim/base/error.hpp"

namespace windtunnel::network {
namespace {

const catalog::Catalog& catalog_of() { return catalog::Catalog::builtin(); }

CollectiveSystem system_of(const char* text) { return describe_system(text, catalog_of()); }

double busbw(CollectiveModel& model, Op op, Bytes size, int ranks) {
  return size.as_double() / model.predict(op, size, ranks).us * 1e-3 * bus_factor(op, ranks);
}

TEST(CollectiveSystem, ReadsAMachineAndItsFabricInAnyOrder) {
  const CollectiveSystem p5 = system_of("p5.48xlarge(32x100G EFA)");
  EXPECT_EQ(p5.gpu, "H100-SXM-80");
  EXPECT_EQ(p5.network_class, "efa-rdma");
  EXPECT_EQ(p5.tuner, "p5");
  EXPECT_DOUBLE_EQ(p5.network.gigabytes_per_second(), 400);
  EXPECT_DOUBLE_EQ(p5.link.gigabytes_per_second(), 450);
  EXPECT_FALSE(p5.assumed);
  EXPECT_EQ(system_of("p6-b200.48xlarge").tuner, "p6-b200");
  EXPECT_EQ(system_of("p4de.24xlarge(4x100G EFA)").network_class, "efa-sendrecv");

  for (const char* text : {"GCP A3 Ultra H200(RoCE 8x400G)", "GCP A3 Ultra H200 (8x400G RoCE)",
                           "H200(roce, 8x400g)"}) {
    const CollectiveSystem s = system_of(text);
    EXPECT_EQ(s.gpu, "H200-SXM-141") << text;
    EXPECT_EQ(s.network_class, "roce") << text;
    EXPECT_DOUBLE_EQ(s.network.gigabytes_per_second(), 400) << text;
    EXPECT_FALSE(s.assumed) << text;
  }
  EXPECT_EQ(system_of("BM.GPU.H100.8(RoCEv2 8x400G)").network_class, "roce");
  EXPECT_EQ(system_of("8xH100 SXM").gpu, "H100-SXM-80");
  EXPECT_EQ(system_of("OCI MI300X(8x400G RoCE RCCL)").link_class, "xgmi-cdna3");
  const CollectiveSystem rack = system_of("GB200(NVL72 IB 4x400G multi-rack)");
  EXPECT_EQ(rack.domain_size, 72);
  EXPECT_EQ(rack.gpus_per_node, 4);
  const CollectiveSystem pcie = system_of("RTX PRO 6000(PCIe)");
  EXPECT_EQ(pcie.gpu, "RTX-PRO-6000-Blackwell-Server");
  EXPECT_FALSE(pcie.nvlink);
  EXPECT_EQ(pcie.link_class, "pcie-5");
}

TEST(CollectiveSystem, WhatIsNotSaidIsTheUsualMachinesAndMarked) {
  for (const char* text : {"Azure ND H100 v5", "vidur h100_dgx", "Lambda 1CC H100(IB NDR)"}) {
    const CollectiveSystem s = system_of(text);
    EXPECT_TRUE(s.assumed) << text;
    EXPECT_EQ(s.network_class, "ib") << text;
    EXPECT_DOUBLE_EQ(s.network.gigabytes_per_second(), 400) << text;
  }
  EXPECT_TRUE(system_of("Lambda 1CC H100(IB NDR)").fabric_known);
  EXPECT_FALSE(system_of("Azure ND H100 v5").fabric_known);
}

std::string refusal(const char* text) {
  try {
    (void)system_of(text);
  } catch (const ModelError& error) {
    return error.what();
  }
  return "";
}

TEST(CollectiveSystem, OnlyUnknownMachinesAndOtherLibrariesAreRefused) {
  EXPECT_EQ(refusal("Cray XC50"), "unknown system 'Cray XC50'");
  EXPECT_EQ(refusal(""), "unknown system ''");
  EXPECT_EQ(refusal("(8x400G IB)"), "unknown system '(8x400G IB)'");
  EXPECT_NE(refusal("trn1.32xlarge(nccom)").find("nccom"), std::string::npos);
  EXPECT_EQ(refusal("H100(nonsense 0x0G"), "");
}

TEST(NcclChoice, NvlsBeginsAtTheGpuCountItWasMeasuredAt) {
  const double large = 8.0 * 1024 * 1024 * 1024;
  const auto algorithm = [&](const char* text, int gpus) {
    return choose(system_of(text), Op::all_reduce, large, gpus, 1).algorithm;
  };
  // stas00/ml-engineering, network/README.md: 5 GPUs of H200, 6 of B200.
  EXPECT_EQ(algorithm("p5en.48xlarge", 4), Algorithm::ring);
  EXPECT_EQ(algorithm("p5en.48xlarge", 5), Algorithm::nvls);
  EXPECT_EQ(algorithm("p6-b200.48xlarge", 5), Algorithm::ring);
  EXPECT_EQ(algorithm("p6-b200.48xlarge", 6), Algorithm::nvls);
  EXPECT_EQ(algorithm("p4d.24xlarge", 8), Algorithm::ring) << "no NVLS before Hopper";
  EXPECT_EQ(choose(system_of("p5en.48xlarge"), Op::all_gather, large, 8, 1).algorithm,
            Algorithm::ring);
}

TEST(NcclChoice, TwoNodesTakeTheTreesThatDoubleTheirBandwidth) {
  const double large = 8.0 * 1024 * 1024 * 1024;
  EXPECT_EQ(choose(system_of("p5.48xlarge"), Op::all_reduce, large, 16, 2).algorithm,
            Algorithm::nvls_tree);
  EXPECT_EQ(choose(system_of("p4de.24xlarge"), Op::all_reduce, large, 16, 2).algorithm,
            Algorithm::tree);
  EXPECT_EQ(choose(system_of("p5.48xlarge"), Op::all_reduce, 1024, 16, 2),
            (Choice{Algorithm::tree, Protocol::ll}));
}

TEST(NcclChoice, KeepsToWhatItIsHeldTo) {
  const CollectiveSystem p5en = system_of("p5en.48xlarge");
  const double large = 8.0 * 1024 * 1024 * 1024;
  EXPECT_EQ(choose(p5en, Op::all_reduce, large, 8, 1, {.nvls = false}).algorithm, Algorithm::ring);
  EXPECT_EQ(choose(p5en, Op::all_reduce, large, 128, 16, {.only = Algorithm::tree}).algorithm,
            Algorithm::tree);
}

TEST(CollectiveModel, BandwidthOfTwoNodesIsNotThatOfFour) {
  CollectiveModel p5(system_of("p5.48xlarge"));
  const double two = busbw(p5, Op::all_reduce, 16_GiB, 16),
               four = busbw(p5, Op::all_reduce, 16_GiB, 32);
  EXPECT_GT(two, 400) << "more than the adapters' rate: trees";
  EXPECT_LT(four, 400);
  EXPECT_NEAR(busbw(p5, Op::all_reduce, 16_GiB, 128) / four, 1, 0.05);
}

TEST(CollectiveModel, AllToAllFallsWithEveryDoublingOfTheRanks) {
  CollectiveModel model(system_of("p6-b300.48xlarge"));
  double last = 1e9;
  for (const int ranks : {16, 32, 64, 128, 256}) {
    const double now = busbw(model, Op::all_to_all, 56_MiB, ranks);
    EXPECT_LT(now, last) << ranks;
    last = now;
  }
}

TEST(CollectiveModel, MoreBytesNeverTakeLessByOneAlgorithmAndProtocol) {
  for (const char* text : {"p4d.24xlarge", "p5.48xlarge", "p6-b200.48xlarge", "L40S(PCIe)",
                           "H100(IB 8x400G)", "GB200(NVL72)"})
    for (const Op op : {Op::all_reduce, Op::all_gather, Op::reduce_scatter, Op::broadcast,
                        Op::all_to_all, Op::send_recv})
      for (const int ranks : {2, 8, 64}) {
        const CollectiveSystem s = system_of(text);
        const CollectiveTable& t = built_in_collective_table();
        const int domains = domains_of(s, ranks);
        for (const Algorithm algorithm : {Algorithm::ring, Algorithm::tree, Algorithm::nvls}) {
          double last = 0;
          for (double bytes = 8; bytes < 1e11; bytes *= 2) {
            const double us = collective_us(
                s, t.link(s.link_class).parameters, t.network(s.network_class).parameters,
                {op, bytes, ranks, domains}, {algorithm, Protocol::simple});
            ASSERT_GT(us, last) << text << " " << to_string(op) << " " << ranks << " " << bytes;
            last = us;
          }
        }
      }
}

TEST(CollectiveModel, FasterNetworksAreNeverSlower) {
  CollectiveSystem s = system_of("H100(IB 8x400G)");
  for (const int ranks : {16, 64}) {
    double last = 1e18;
    for (const double rate : {100.0, 200.0, 400.0, 800.0}) {
      s.network = gigabits_per_second(8 * rate);
      const CollectiveTable& t = built_in_collective_table();
      const double us =
          collective_us(s, t.link(s.link_class).parameters, t.network(s.network_class).parameters,
                        {Op::all_reduce, 1e9, ranks, ranks / 8}, {});
      EXPECT_LE(us, last);
      last = us;
    }
  }
}

TEST(CollectiveModel, RemembersAndCopiesAnswerAlike) {
  CollectiveModel model(system_of("p5.48xlarge"));
  const Prediction first = model.predict(Op::all_reduce, 1_GiB, 128);
  EXPECT_EQ(model.predict(Op::all_reduce, 1_GiB, 128).us, first.us);
  CollectiveModel copy = model;
  EXPECT_EQ(copy.predict(Op::all_reduce, 1_GiB, 128).us, first.us);
  EXPECT_NE(model.predict(Op::all_reduce, 1_GiB, 64).us, first.us);
  EXPECT_LE(first.low_us, first.us);
  EXPECT_GE(first.high_us, first.us);
  EXPECT_EQ(model.predict(Op::all_reduce, 1_GiB, 1).us, 0);
  EXPECT_THROW(model.predict(Op::all_reduce, 1_GiB, 0), ModelError);
}

/// Rows that a known machine would give.
std::vector<CollectiveSample> samples_of(const CollectiveTable& truth, const char* text,
                                         const char* source, int ranks) {
  const CollectiveSystem s = system_of(text);
  std::vector<CollectiveSample> samples;
  for (const Op op : {Op::all_reduce, Op::all_gather})
    for (double bytes = 1024; bytes < 1e10; bytes *= 2) {
      const int domains = domains_of(s, ranks);
      samples.push_back(
          {source, s, {op, bytes, ranks, domains}, choose(s, op, bytes, ranks, domains), 0});
      samples.back().us = truth.predicted_us(samples.back());
    }
  return samples;
}

double median_error(const CollectiveTable& table, const std::vector<CollectiveSample>& samples) {
  std::vector<double> errors;
  for (const CollectiveSample& s : samples)
    errors.push_back(std::abs(table.predicted_us(s) / s.us - 1));
  std::ranges::nth_element(errors, errors.begin() + static_cast<std::ptrdiff_t>(errors.size() / 2));
  return errors[errors.size() / 2];
}

constexpr double noise = 0.02; // well below what the fit takes for it

TEST(CollectiveFit, FindsTheCurvesThatMadeTheRows) {
  CollectiveTable truth = built_in_collective_table();
  auto& hopper = truth.links.at("nvlink-hopper").parameters;
  hopper[static_cast<std::size_t>(LinkParameter::start_us)] *= 1.4;
  hopper[static_cast<std::size_t>(LinkParameter::ring_simple_share)] *= 0.9;
  auto& ib = truth.networks.at("ib").parameters;
  ib[static_cast<std::size_t>(NetworkParameter::hop_ll_us)] *= 2;
  std::vector<CollectiveSample> samples;
  for (const int ranks : {2, 4, 8, 16, 32}) {
    const auto more = samples_of(truth, "H100(IB 8x400G)", "here", ranks);
    samples.insert(samples.end(), more.begin(), more.end());
  }
  EXPECT_GT(median_error(built_in_collective_table(), samples), 3 * noise);
  EXPECT_LT(median_error(fit_collectives(samples), samples), noise);
}

TEST(CollectiveFit, AClassWithoutRowsIsItsRelativesAndSaysSo) {
  const auto samples = samples_of(built_in_collective_table(), "H100(IB 8x400G)", "here", 8);
  const CollectiveTable table = fit_collectives(samples);
  EXPECT_EQ(table.link("nvlink-hopper").sources, 1U);
  EXPECT_EQ(table.link("nvlink-blackwell").rows, 0U);
  EXPECT_NEAR(table.link("nvlink-blackwell").parameters[0],
              table.link("nvlink-hopper").parameters[0], 0.01);
  EXPECT_THROW((void)table.link("carrier pigeon"), ModelError);
}

TEST(CollectiveFit, CalibrationTakesOverWhatTheLogSaysAndKeepsTheRest) {
  const CollectiveTable& carried = built_in_collective_table();
  CollectiveTable here = carried;
  auto& network = here.networks.at("efa-rdma").parameters;
  network[static_cast<std::size_t>(NetworkParameter::ring_simple_share)] *= 0.7;
  network[static_cast<std::size_t>(NetworkParameter::hop_ll_us)] *= 1.5;
  network[static_cast<std::size_t>(NetworkParameter::hop_ll128_us)] *= 1.5;
  const auto samples = samples_of(here, "p5.48xlarge", "log", 64);
  EXPECT_GT(median_error(carried, samples), 3 * noise);
  const CollectiveTable own = calibrated(carried, samples);
  EXPECT_LT(median_error(own, samples), noise);
  EXPECT_EQ(own.links.at("nvlink-hopper").parameters, carried.links.at("nvlink-hopper").parameters);
  EXPECT_EQ(own.networks.at("ib").parameters, carried.networks.at("ib").parameters);
}

} // namespace
} // namespace windtunnel::network
