// EntryTree: a 4-ary tournament tree of entries, whose leaf i belongs to slot i.
//
// Every node holds the least of its four children; a leaf without an event holds `none`, which no
// event is later than. An entry's path depends on its slot alone, so an update loads all of its
// path at once, walks a fixed number of levels and has no branch to mispredict: with a few thousand
// pending that beats a heap by half. An event that replaces the one that fired usually has its slot
// too, which makes taking one and adding one a single update; removing any entry is an update like
// another. Four siblings share a cache line.
//
// O(log4 n) for everything, n the highest slot ever used; larger() tells when that is too many.
#pragma once

#include <algorithm>
#include <limits>
#include <memory>
#include <new>

#include "libsim/engine/entry.hpp"

namespace windtunnel::engine {

class EntryTree {
public:
  static constexpr std::uint32_t max_slots = 16'384; ///< 350 KiB; beyond, caches are the limit

  bool empty() const { return size_ == 0; }
  std::size_t size() const { return size_; }
  const Entry& top() const { return top_; }
  /// Whether the event of that word is in the tree; the word may be of no slot at all.
  bool holds(std::uint64_t word) const {
    const std::uint32_t slot = Entry::slot_of(word);
    return slot < leaves_ && levels_[0][slot].word == word;
  }

  /// Whether there is a leaf for the slot; grow() makes one, for slots below max_slots.
  bool reaches(std::uint32_t slot) const { return slot < leaves_; }
  /// The entry's slot is reached, and its leaf is free.
  void push(Entry entry) {
    ++size_;
    set(entry.slot(), entry);
  }
  void pop() { erase(top_.slot()); }
  void erase(std::uint32_t slot) {
    --size_;
    set(slot, none);
  }
  /// The entry's slot is that of the top.
  void replace_top(Entry entry) { set(entry.slot(), entry); }
  void grow(std::uint32_t slot);
  /// Whether what an event needs is likely to be out of cache when its turn comes.
  bool large() const { return depth_ >= 6; }
  /// Of a large tree, the least of the quarter of all slots that `slot` is in, one of the next few
  /// to fire: rank 0; of its sixteenth, a dozen events ahead: rank 1. `none` when it has no event.
  const Entry& contender(std::uint32_t slot, int rank) const {
    const int level = depth_ - 1 - rank;
    return levels_[level][slot >> (2 * level)];
  }
  /// Empties the tree into `take(entry)`, in no order.
  template <class Take> void drain(Take take) {
    for (std::uint32_t slot = 0; slot < leaves_; ++slot)
      if (levels_[0][slot].time != none.time) take(levels_[0][slot]);
    *this = EntryTree();
  }

private:
  static constexpr Entry none{std::numeric_limits<std::uint64_t>::max(),
                              std::numeric_limits<std::uint64_t>::max()};

  void set(std::size_t slot, Entry entry) {
    for (int level = 0; level < depth_; ++level) {
      Entry* const nodes = levels_[level];
      nodes[slot] = entry;
      const Entry others =
          Entry::least(Entry::least(nodes[slot ^ 1], nodes[slot ^ 2]), nodes[slot ^ 3]);
      entry = Entry::least(others, entry); // the chain from level to level is this one only
      slot >>= 2;
    }
    top_ = entry;
  }

  struct Release {
    void operator()(Entry* block) const { ::operator delete[](block, std::align_val_t{64}); }
  };
  std::unique_ptr<Entry[], Release> block_;
  Entry* levels_[7] = {}; ///< leaves first; the last has four nodes
  int depth_ = 0;
  std::uint32_t leaves_ = 0;
  std::size_t size_ = 0;
  Entry top_ = none;
};

} // namespace windtunnel::engine
