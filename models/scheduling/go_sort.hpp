// go_sort: the order in which Go's sort.Slice leaves elements that compare equal. It is not stable,
// but deterministic, and decisions that sort by few keys (victims of one priority, in-flight claims
// with equally many pods) follow from it. The algorithm is that of Go 1.19 and later: a
// pattern-defeating quicksort (Orson Peters, arXiv 2106.05123) that sorts up to 12 elements by
// insertion and seeds the shuffles of its pivots from the length (src/sort/zsortfunc.go).
#pragma once

#include <cstddef>
#include <functional>

namespace windtunnel::scheduling {

/// Sorts [0, size) through `less` and `swap` of indices; calls them as Go does.
void go_sort(std::size_t size, const std::function<bool(std::size_t, std::size_t)>& less,
             const std::function<void(std::size_t, std::size_t)>& swap);

/// sort.Slice of a vector-like `items`.
template <class Items, class Less> void go_sort_slice(Items& items, Less less) {
  go_sort(
      items.size(), [&](std::size_t i, std::size_t j) { return less(items[i], items[j]); },
      [&](std::size_t i, std::size_t j) { std::swap(items[i], items[j]); });
}

} // namespace windtunnel::scheduling
