#include <gtest/gtest.h>

#include "scenarios/sweep.hpp"
#include "tests/scenarios/laws/scenarios.hpp"

namespace windtunnel::scenarios {
namespace {

const catalog::Catalog& builtin() { return catalog::Catalog::builtin(); }

const std::vector<SweepAxis> axes{{"/cluster/nodePools/0/spares", {"0", "1", "2"}},
                                  {"/workloads/0/checkpoint/every", {"15m", "1h"}}};

json::Document document() { return law_document({{"/run/replications", "4"}}); }

TEST(SweepLaws, ShardsTogetherAreTheWhole) {
  const Sweep whole = sweep(document(), axes, builtin());
  ASSERT_EQ(whole.points.size(), 6u);
  std::size_t points = 0;
  constexpr int shards = 4; // two of them have two points, two have one
  for (int shard = 0; shard < shards; ++shard) {
    const Sweep part = sweep(document(), axes, builtin(), {}, shard, shards);
    for (std::size_t i = 0; i < part.points.size(); ++i, ++points) {
      const SweepPoint& same = whole.points[static_cast<std::size_t>(shard) + i * shards];
      EXPECT_EQ(part.points[i].settings, same.settings);
      EXPECT_EQ(render(part.points[i].report, Format::json), render(same.report, Format::json));
    }
  }
  EXPECT_EQ(points, whole.points.size());
}

TEST(SweepLaws, APointIsTheScenarioWithItsSettings) {
  const Sweep whole = sweep(document(), axes, builtin());
  for (const SweepPoint& point : whole.points) {
    std::vector<Setting> settings{{"/run/replications", "4"}};
    settings.insert(settings.end(), point.settings.begin(), point.settings.end());
    EXPECT_EQ(render(run(law_scenario(settings), builtin()), Format::json),
              render(point.report, Format::json));
  }
}

TEST(SweepLaws, ABrokenPointIsReportedAndTheOthersAreRun) {
  const Sweep mixed = sweep(document(), {{"/workloads/0/globalBatch", {"128", "100"}}}, builtin());
  ASSERT_EQ(mixed.points.size(), 2u);
  EXPECT_EQ(mixed.points[0].error, "");
  EXPECT_NE(mixed.points[1].error.find("/workloads/0/plan: globalBatch 100"), std::string::npos)
      << mixed.points[1].error;
  EXPECT_FALSE(mixed.points[1].pareto);
}

} // namespace
} // namespace windtunnel::scenarios
