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
    if (few_ && tree_.reaches(entry.slot())) [[likely]]
      tree_.push(entry);
    else
      push_elsewhere(entry);
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
    if (few_ && entry.slot() == tree_.top().slot()) [[likely]]
      tree_.replace_top(entry);
    else
      replace_top_elsewhere(entry);
  }
  /// Whether remove() always succeeds, so that no entry here is of an event that was cancelled.
  bool exact() const { return few_; }
  const EntryTree* large_tree() const { return few_ && tree_.large() ? &tree_ : nullptr; }
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

  void push_elsewhere(Entry entry);
  void replace_top_elsewhere(Entry entry);

  bool few_ = true; ///< all lie in the tree
  EntryTree tree_;
  EntryHeap near_;
  FarBuckets far_;
};

} // namespace windtunnel::engine
