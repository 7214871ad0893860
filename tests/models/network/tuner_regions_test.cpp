// The tuner's choice against the table of its regions, and against a second implementation of the
// point-in-polygon rule at every power of two of bytes and ranks.
#include "models/network/tuner_regions.hpp"

#include <gtest/gtest.h>

#include <cmath>

namespace windtunnel::network {
namespace {

constexpr double KiB = 1024, MiB = 1024 * KiB, GiB = 1024 * MiB;

std::string word(const std::optional<Choice>& choice) {
  if (!choice) return "nccl";
  return std::string(to_string(choice->algorithm)) + "/" + to_string(choice->protocol);
}

/// Which choice begins at which power of two, from 1 KiB to 16 GiB.
std::vector<std::pair<std::string, double>> changes(const char* platform, Op op, int nodes,
                                                    int per_node) {
  std::vector<std::pair<std::string, double>> list;
  for (double bytes = KiB; bytes <= 16 * GiB; bytes *= 2) {
    const std::string now = word(tuner_choice(platform, op, bytes, nodes * per_node, nodes));
    if (list.empty() || list.back().first != now) list.emplace_back(now, bytes);
  }
  return list;
}

using Changes = std::vector<std::pair<std::string, double>>;

TEST(TunerRegions, AllReduceIsAsThePluginsTableSays) {
  const auto all_reduce = [](const char* platform, int nodes) {
    return changes(platform, Op::all_reduce, nodes, 8);
  };
  EXPECT_EQ(all_reduce("p5", 4),
            (Changes{{"tree/ll128", KiB}, {"ring/ll128", 64 * MiB}, {"ring/simple", 2 * GiB}}));
  EXPECT_EQ(all_reduce("p5", 16), (Changes{{"tree/ll128", KiB},
                                           {"ring/ll128", 512 * MiB},
                                           {"nvls_tree/simple", 4 * GiB},
                                           {"ring/simple", 8 * GiB}}));
  EXPECT_EQ(all_reduce("p5", 64), (Changes{{"tree/ll128", KiB}, {"nvls_tree/simple", 512 * MiB}}));
  EXPECT_EQ(all_reduce("p5en", 4), (Changes{{"tree/ll", KiB},
                                            {"tree/ll128", 256 * KiB},
                                            {"ring/ll128", 32 * MiB},
                                            {"ring/simple", 512 * MiB}}));
  EXPECT_EQ(all_reduce("p5en", 16), (Changes{{"tree/ll", KiB},
                                             {"tree/ll128", 256 * KiB},
                                             {"nvls_tree/simple", 128 * MiB},
                                             {"ring/simple", 4 * GiB}}));
  EXPECT_EQ(
      all_reduce("p5en", 64),
      (Changes{{"tree/ll", KiB}, {"tree/ll128", 256 * KiB}, {"nvls_tree/simple", 256 * MiB}}));
  EXPECT_EQ(all_reduce("p6-b200", 4), (Changes{{"tree/ll", KiB},
                                               {"tree/ll128", 512 * KiB},
                                               {"ring/ll128", 32 * MiB},
                                               {"nvls_tree/simple", 128 * MiB},
                                               {"ring/simple", 512 * MiB}}));
  EXPECT_EQ(all_reduce("p6-b200", 16), (Changes{{"tree/ll", KiB},
                                                {"tree/ll128", 512 * KiB},
                                                {"nvls_tree/simple", 64 * MiB},
                                                {"ring/simple", 4 * GiB}}));
  EXPECT_EQ(all_reduce("p6-b200", 64), (Changes{{"tree/ll", KiB},
                                                {"tree/ll128", 512 * KiB},
                                                {"nvls_tree/simple", 128 * MiB},
                                                {"ring/simple", 16 * GiB}}));
  EXPECT_EQ(all_reduce("p6-b300", 16), (Changes{{"tree/ll", KiB},
                                                {"tree/ll128", 512 * KiB},
                                                {"nvls_tree/simple", 128 * MiB},
                                                {"ring/ll128", 512 * MiB},
                                                {"nvls_tree/simple", GiB},
                                                {"ring/simple", 4 * GiB}}));
  EXPECT_EQ(
      all_reduce("p6-b300", 64),
      (Changes{{"tree/ll", KiB}, {"tree/ll128", 512 * KiB}, {"nvls_tree/simple", 256 * MiB}}));
  EXPECT_EQ(all_reduce("p6-b300", 4), (Changes{{"tree/ll", KiB},
                                               {"tree/ll128", 512 * KiB},
                                               {"ring/ll128", 64 * MiB},
                                               {"ring/simple", GiB}}));
}

TEST(TunerRegions, GatheringRingsChangeProtocolOnly) {
  for (const Op op : {Op::all_gather, Op::reduce_scatter})
    for (const int nodes : {4, 16, 64}) {
      const Changes list = changes("p5en", op, nodes, 8);
      ASSERT_EQ(list.size(), 3U);
      EXPECT_EQ(list[0].first, "ring/ll");
      EXPECT_EQ(list[1].first, "ring/ll128");
      EXPECT_EQ(list[2].first, "ring/simple");
    }
  EXPECT_EQ(word(tuner_choice("p5en", Op::all_gather, 64 * KiB, 16, 16)), "pat/simple");
}

TEST(TunerRegions, FourGibibytesOnFourP5enNodesTakeTheRing) {
  EXPECT_EQ(word(tuner_choice("p5en", Op::all_reduce, 4 * GiB, 32, 4)), "ring/simple");
}

TEST(TunerRegions, LeavesToNcclWhatItHasNoRegionsFor) {
  EXPECT_EQ(tuner_choice("p5", Op::all_reduce, MiB, 16, 2), std::nullopt) << "two nodes";
  EXPECT_EQ(tuner_choice("p5", Op::all_to_all, MiB, 32, 4), std::nullopt);
  EXPECT_EQ(tuner_choice("p4d", Op::all_reduce, MiB, 32, 4), std::nullopt);
  EXPECT_EQ(tuner_choice("p5", Op::all_reduce, MiB, 12, 4), std::nullopt) << "3 ranks a node";
  EXPECT_EQ(tuner_choice("p5", Op::all_reduce, 200 * GiB, 32, 4), std::nullopt) << "too large";
}

/// The rule once more: a ray towards a far corner, in long doubles, crossings by orientation.
class SecondOpinion {
public:
  static std::optional<Choice> choice(const std::string& platform, Op op, double bytes, int ranks,
                                      int nodes) {
    if (nodes <= 2) return std::nullopt;
    const Point p{log2_of(bytes), log2_of(ranks)};
    for (const TunerRegion& region : tuner_regions())
      if (region.platform == platform && region.op == op &&
          region.ranks_per_node * nodes == ranks && holds(region, p))
        return region.choice;
    return std::nullopt;
  }

private:
  struct Point {
    long double x, y;
  };
  static long double log2_of(long double value) { return std::log2(value == 0 ? 1e-6L : value); }
  static long double turn(const Point& a, const Point& b, const Point& c) {
    return (b.x - a.x) * (c.y - a.y) - (b.y - a.y) * (c.x - a.x);
  }
  static bool on(const Point& a, const Point& b, const Point& p) {
    const long double length = std::hypot(b.x - a.x, b.y - a.y);
    if (length == 0) return std::hypot(p.x - a.x, p.y - a.y) < 1e-10L;
    const long double along = ((p.x - a.x) * (b.x - a.x) + (p.y - a.y) * (b.y - a.y)) / length;
    return std::abs(turn(a, b, p)) / length < 1e-10L && along >= 0 && along <= length;
  }
  static bool holds(const TunerRegion& region, const Point& p) {
    // Twice the tuner's largest size and ranks, off any corner's direction.
    const Point far{std::log2(200.0L * 1073741824) + 0.0137L, std::log2(2097152.0L) + 0.0071L};
    int crossings = 0;
    for (std::size_t i = 0; i < region.vertices.size(); ++i) {
      const auto& [ax, ay] = region.vertices[i];
      const auto& [bx, by] = region.vertices[(i + 1) % region.vertices.size()];
      const Point a{log2_of(ax), log2_of(ay)}, b{log2_of(bx), log2_of(by)};
      if (on(a, b, p)) return true;
      crossings += (turn(p, far, a) > 0) != (turn(p, far, b) > 0) &&
                   (turn(a, b, p) > 0) != (turn(a, b, far) > 0);
    }
    return crossings % 2 == 1;
  }
};

TEST(TunerRegions, AgreeWithASecondImplementationAtEveryPowerOfTwo) {
  int compared = 0, decided = 0;
  for (const char* platform : {"p5", "p5en", "p6-b200", "p6-b300"})
    for (const Op op : {Op::all_reduce, Op::all_gather, Op::reduce_scatter})
      for (const int per_node : {1, 2, 8})
        for (int ranks = per_node; ranks <= 1 << 20; ranks *= 2)
          for (double bytes = 1; bytes <= 100 * GiB; bytes *= 2) {
            const int nodes = ranks / per_node;
            const auto ours = tuner_choice(platform, op, bytes, ranks, nodes);
            const auto theirs = SecondOpinion::choice(platform, op, bytes, ranks, nodes);
            ASSERT_EQ(word(ours), word(theirs)) << platform << " " << to_string(op) << " " << bytes
                                                << " B on " << ranks << "/" << nodes;
            ++compared;
            decided += ours.has_value();
          }
  EXPECT_GT(compared, 20000);
  EXPECT_GT(decided, compared / 3);
}

TEST(TunerRegions, OddSizesAgreeToo) {
  std::uint64_t state = 0x9e3779b97f4a7c15ULL; // any numbers will do
  for (int i = 0; i < 20000; ++i) {
    state = state * 6364136223846793005ULL + 1442695040888963407ULL;
    const double bytes = std::exp2(double(state >> 40) / double(1 << 24) * 37);
    const int nodes = 3 + static_cast<int>((state >> 8) % 300);
    const auto ours = tuner_choice("p5en", Op::all_reduce, bytes, 8 * nodes, nodes);
    ASSERT_EQ(word(ours),
              word(SecondOpinion::choice("p5en", Op::all_reduce, bytes, 8 * nodes, nodes)))
        << bytes << " B on " << nodes << " nodes";
  }
}

} // namespace
} // namespace windtunnel::network
