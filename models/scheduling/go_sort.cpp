#include "models/scheduling/go_sort.hpp"

#include <array>
#include <bit>
#include <cstdint>
#include <utility>

namespace windtunnel::scheduling {
namespace {

using Index = std::ptrdiff_t;

constexpr Index by_insertion = 12; ///< at most so many elements
constexpr Index ninther_from = 50; ///< the pivot is a median of medians from this length

enum class Hint : std::uint8_t { unknown, increasing, decreasing };

class PatternDefeatingQuicksort {
public:
  PatternDefeatingQuicksort(const std::function<bool(std::size_t, std::size_t)>& less,
                            const std::function<void(std::size_t, std::size_t)>& swap)
      : less_(less), swap_(swap) {}

  void sort(Index begin, Index end, int bad_allowed) {
    bool balanced = true, partitioned = true;
    for (;;) {
      const Index length = end - begin;
      if (length <= by_insertion) return insertion_sort(begin, end);
      if (bad_allowed == 0) return heap_sort(begin, end);
      if (!balanced) {
        break_patterns(begin, end);
        --bad_allowed;
      }
      auto [pivot, hint] = choose_pivot(begin, end);
      if (hint == Hint::decreasing) {
        reverse(begin, end);
        pivot = (end - 1) - (pivot - begin);
        hint = Hint::increasing;
      }
      if (balanced && partitioned && hint == Hint::increasing && nearly_sorted(begin, end)) return;
      if (begin > 0 && !less(begin - 1, pivot)) { // many equal to the pivot before
        begin = partition_equal(begin, end, pivot);
        continue;
      }
      const auto [middle, already] = partition(begin, end, pivot);
      partitioned = already;
      const Index left = middle - begin, right = end - middle;
      const Index threshold = length / 8;
      if (left < right) {
        balanced = left >= threshold;
        sort(begin, middle, bad_allowed);
        begin = middle + 1;
      } else {
        balanced = right >= threshold;
        sort(middle + 1, end, bad_allowed);
        end = middle;
      }
    }
  }

private:
  bool less(Index i, Index j) {
    return less_(static_cast<std::size_t>(i), static_cast<std::size_t>(j));
  }
  void swap(Index i, Index j) { swap_(static_cast<std::size_t>(i), static_cast<std::size_t>(j)); }

  void insertion_sort(Index begin, Index end) {
    for (Index i = begin + 1; i < end; ++i)
      for (Index j = i; j > begin && less(j, j - 1); --j) swap(j, j - 1);
  }

  void sift_down(Index low, Index high, Index first) {
    for (Index root = low;;) {
      Index child = 2 * root + 1;
      if (child >= high) return;
      if (child + 1 < high && less(first + child, first + child + 1)) ++child;
      if (!less(first + root, first + child)) return;
      swap(first + root, first + child);
      root = child;
    }
  }

  void heap_sort(Index begin, Index end) {
    const Index size = end - begin;
    for (Index i = (size - 1) / 2; i >= 0; --i) sift_down(i, size, begin);
    for (Index i = size - 1; i >= 0; --i) {
      swap(begin, begin + i);
      sift_down(0, i, begin);
    }
  }

  /// Smaller ones before the pivot, others after it: (its place, whether nothing moved).
  std::pair<Index, bool> partition(Index begin, Index end, Index pivot) {
    swap(begin, pivot);
    Index i = begin + 1, j = end - 1;
    while (i <= j && less(i, begin)) ++i;
    while (i <= j && !less(j, begin)) --j;
    if (i > j) {
      swap(j, begin);
      return {j, true};
    }
    swap(i, j);
    ++i;
    --j;
    for (;;) {
      while (i <= j && less(i, begin)) ++i;
      while (i <= j && !less(j, begin)) --j;
      if (i > j) break;
      swap(i, j);
      ++i;
      --j;
    }
    swap(j, begin);
    return {j, false};
  }

  /// Those equal to the pivot before those above it: where the latter begin.
  Index partition_equal(Index begin, Index end, Index pivot) {
    swap(begin, pivot);
    Index i = begin + 1, j = end - 1;
    for (;;) {
      while (i <= j && !less(begin, i)) ++i;
      while (i <= j && less(begin, j)) --j;
      if (i > j) return i;
      swap(i, j);
      ++i;
      --j;
    }
  }

  /// Sorts with a few moves if that is all it takes; whether it was.
  bool nearly_sorted(Index begin, Index end) {
    constexpr int most_steps = 5;
    constexpr Index shortest_shifting = 50;
    Index i = begin + 1;
    for (int step = 0; step < most_steps; ++step) {
      while (i < end && !less(i, i - 1)) ++i;
      if (i == end) return true;
      if (end - begin < shortest_shifting) return false;
      swap(i, i - 1);
      if (i - begin >= 2)
        for (Index j = i - 1; j >= 1; --j) {
          if (!less(j, j - 1)) break;
          swap(j, j - 1);
        }
      if (end - i >= 2)
        for (Index j = i + 1; j < end; ++j) {
          if (!less(j, j - 1)) break;
          swap(j, j - 1);
        }
    }
    return false;
  }

  /// Scatters three elements, with xorshift numbers seeded from the length.
  void break_patterns(Index begin, Index end) {
    const Index length = end - begin;
    if (length < 8) return;
    auto random = static_cast<std::uint64_t>(length);
    const auto modulus = std::uint64_t{1} << std::bit_width(static_cast<std::uint64_t>(length));
    const Index middle = begin + (length / 4) * 2 - 1;
    for (Index i = 0; i < 3; ++i) {
      random ^= random << 13;
      random ^= random >> 7;
      random ^= random << 17;
      auto other = static_cast<Index>(random & (modulus - 1));
      if (other >= length) other -= length;
      swap(middle - 1 + i, begin + other);
    }
  }

  std::pair<Index, Hint> choose_pivot(Index begin, Index end) {
    constexpr int most_swaps = 4 * 3;
    const Index length = end - begin;
    int swaps = 0;
    Index i = begin + length / 4 * 1, j = begin + length / 4 * 2, k = begin + length / 4 * 3;
    if (length >= 8) {
      if (length >= ninther_from) {
        i = median_of_neighbours(i, swaps);
        j = median_of_neighbours(j, swaps);
        k = median_of_neighbours(k, swaps);
      }
      j = median(i, j, k, swaps);
    }
    if (swaps == 0) return {j, Hint::increasing};
    if (swaps == most_swaps) return {j, Hint::decreasing};
    return {j, Hint::unknown};
  }

  void order(Index& a, Index& b, int& swaps) {
    if (!less(b, a)) return;
    ++swaps;
    std::swap(a, b);
  }
  Index median(Index a, Index b, Index c, int& swaps) {
    order(a, b, swaps);
    order(b, c, swaps);
    order(a, b, swaps);
    return b;
  }
  Index median_of_neighbours(Index a, int& swaps) { return median(a - 1, a, a + 1, swaps); }

  void reverse(Index begin, Index end) {
    for (Index i = begin, j = end - 1; i < j; ++i, --j) swap(i, j);
  }

  const std::function<bool(std::size_t, std::size_t)>& less_;
  const std::function<void(std::size_t, std::size_t)>& swap_;
};

} // namespace

void go_sort(std::size_t size, const std::function<bool(std::size_t, std::size_t)>& less,
             const std::function<void(std::size_t, std::size_t)>& swap) {
  PatternDefeatingQuicksort(less, swap)
      .sort(0, static_cast<Index>(size), static_cast<int>(std::bit_width(size)));
}

} // namespace windtunnel::scheduling
