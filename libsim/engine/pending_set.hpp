// PendingSet: the set of pending entries; the least is at the top.
//
// Up to `largest_heap` entries it is one heap. Beyond, the heap keeps the entries before a horizon
// and the others lie in buckets (far_buckets.hpp), so the cost of an event stays flat up to
// millions pending. tests/libsim/engine checks it entry by entry against std::map.
#pragma once

#include "libsim/engine/entry_heap.hpp"
#include "libsim/engine/far_buckets.hpp"

namespace windtunnel::engine {

class PendingSet {
public:
  static constexpr std::size_t largest_heap = 4096;

  bool empty() const { return near_.empty() && far_.size() == 0; }
  std::size_t size() const { return near_.size() + far_.size(); }

  void push(Entry entry) {
    if (entry.time >= far_.horizon()) {
      far_.insert(entry);
      return;
    }
    near_.push(entry);
    if (near_.size() > largest_heap && far_.horizon() == FarBuckets::everything) [[unlikely]] {
      far_.start(near_.begin(), near_.end());
      near_.clear();
    }
  }
  /// The least entry of a set that is not empty. `moved(entry)` is told of entries that will be at
  /// the top soon.
  template <class Moved> const Entry& top(Moved moved) {
    while (near_.empty())
      [[unlikely]] far_.refill([&](const Entry& entry) {
        moved(entry);
        near_.push(entry);
      });
    return near_.top();
  }
  /// The top, seen by the last top(), goes; or goes and `entry` comes, in one step.
  void pop() { near_.pop(); }
  void replace_top(Entry entry) {
    if (entry.time < far_.horizon()) {
      near_.replace_top(entry);
    } else {
      near_.pop();
      far_.insert(entry);
    }
  }
  template <class Predicate> void purge(Predicate dead) {
    near_.purge(dead);
    far_.purge(dead);
  }

private:
  EntryHeap near_;
  FarBuckets far_;
};

} // namespace windtunnel::engine
