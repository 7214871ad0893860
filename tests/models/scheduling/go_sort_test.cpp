#include "models/scheduling/go_sort.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <numeric>
#include <random>
#include <vector>

namespace windtunnel::scheduling {
namespace {

std::vector<std::size_t> order_of(const std::vector<int>& keys) {
  std::vector<std::size_t> order(keys.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  go_sort_slice(order, [&](std::size_t a, std::size_t b) { return keys[a] < keys[b]; });
  return order;
}

TEST(GoSort, SortsEveryLengthAndShape) {
  std::mt19937 random(3);
  for (int size = 0; size < 300; ++size)
    for (const int values : {1, 2, 7, 1000}) {
      std::vector<int> keys(static_cast<std::size_t>(size));
      for (int& key : keys) key = static_cast<int>(random() % static_cast<unsigned>(values));
      const std::vector<std::size_t> order = order_of(keys);
      EXPECT_TRUE(std::is_sorted(order.begin(), order.end(),
                                 [&](std::size_t a, std::size_t b) { return keys[a] < keys[b]; }));
      std::vector<std::size_t> all = order;
      std::sort(all.begin(), all.end());
      for (std::size_t i = 0; i < all.size(); ++i) ASSERT_EQ(all[i], i);
    }
}

TEST(GoSort, IsStableUpToTwelve) {
  EXPECT_EQ(order_of({1, 0, 1, 0, 1, 0, 1, 0, 1, 0, 1, 0}),
            (std::vector<std::size_t>{1, 3, 5, 7, 9, 11, 0, 2, 4, 6, 8, 10}));
}

} // namespace
} // namespace windtunnel::scheduling
