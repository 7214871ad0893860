#include "models/catalog/names.hpp"

#include <gtest/gtest.h>

namespace windtunnel::catalog {
namespace {

TEST(Names, SpellingsOfOneModelShareAKey) {
  EXPECT_EQ(normalise_name("Llama 3.1 405B"), "llama-3.1-405b");
  EXPECT_EQ(normalise_name("llama-3.1_405b "), "llama-3.1-405b");
  EXPECT_EQ(normalise_name(" (Llama) 3.1--405B"), "llama-3.1-405b");
  EXPECT_NE(normalise_name("Qwen2.5-7B"), normalise_name("Qwen2-57B"));
  EXPECT_NE(normalise_name("Command R"), normalise_name("Command R+"));
  EXPECT_EQ(normalise_name(""), "");
}

TEST(Names, GpuKeysDropVendorAndPunctuation) {
  EXPECT_EQ(normalise_gpu_name("NVIDIA H100-SXM 80"), "h100sxm80");
  EXPECT_EQ(normalise_gpu_name("Tesla T4"), "t4");
  EXPECT_EQ(normalise_gpu_name("nvidia"), "nvidia");
}

TEST(Names, NearestIsOrderedBoundedAndNeverFarFetched) {
  const std::vector<std::string> known{"p4d.24xlarge", "p5.48xlarge", "p5e.48xlarge",
                                       "p5en.48xlarge", "p6-b200.48xlarge"};
  const auto best = nearest_names("p5.48xlarg", known);
  ASSERT_EQ(best.size(), 3u);
  EXPECT_EQ(best[0], "p5.48xlarge");
  EXPECT_EQ(best[1], "p5e.48xlarge");
  EXPECT_TRUE(nearest_names("completely different", known).empty());
  EXPECT_TRUE(nearest_names(std::string(100000, 'x'), known).empty());
}

} // namespace
} // namespace windtunnel::catalog
