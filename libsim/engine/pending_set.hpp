// PendingSet: the set of pending entries; the least is at the top.
//
// While slots are few it is one tournament tree (entry_tree.hpp). When a slot beyond the tree's
// comes, which is for good, it is a heap of the entries before a horizon, and the others lie in
// buckets (far_buckets.hpp), so the cost of an event stays flat up to millions pending.
// tests/libsim/engine checks it entry by entry against std::map.
#pragma once

#include "libsim/engine/entry_heap.hpp"
#include "libsim/engine/entry_tree.hpp"
#include "libsim/engine/far_buckets.hpp"

namespace windtunnel::engine {

class PendingSet {
public:
  bool empty() const { return size() == 0; }
  std::size_t size() const { return few_ ? tree_.size() : near_.size() + far_.size(); }

  void push(Entry entry) {
    if (few_) [[likely]] {
      if (entry.slot() < EntryTree::max_slots) [[likely]] {
        tree_.push(entry);
        return;
      }
      leave_tree();
    }
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
    if (few_) [[likely]]
      return tree_.top();
    while (near_.empty())
      [[unlikely]] far_.refill([&](const Entry& entry) {
        moved(entry);
        near_.push(entry);
      });
    return near_.top();
  }
  /// The top, seen by the last top(), goes; or goes and `entry` comes, in one step.
  void pop() {
    if (few_) [[likely]]
      tree_.pop();
    else
      near_.pop();
  }
  void replace_top(Entry entry) {
    if (few_ && entry.slot() < EntryTree::max_slots) [[likely]] {
      tree_.replace_top(entry);
    } else if (!few_ && entry.time < far_.horizon()) {
      near_.replace_top(entry);
    } else {
      pop();
      push(entry);
    }
  }
  /// Removes the entry of that word when that is cheap; false when it is not, or it is not there.
  bool remove(std::uint64_t word) {
    if (!few_ || !tree_.holds(word)) return false;
    tree_.erase(Entry::slot_of(word));
    return true;
  }
  /// Removes all entries for which `dead(entry)`, as far as remove() left them.
  template <class Predicate> void purge(Predicate dead) {
    near_.purge(dead);
    far_.purge(dead);
  }

private:
  static constexpr std::size_t largest_heap = 4096;

  [[gnu::noinline]] void leave_tree() {
    few_ = false;
    tree_.drain([this](const Entry& entry) { push(entry); });
  }

  bool few_ = true; ///< all lie in the tree
  EntryTree tree_;
  EntryHeap near_;
  FarBuckets far_;
};

} // namespace windtunnel::engine
