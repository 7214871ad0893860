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

  /// entry.slot() < max_slots, and its leaf is free.
  void push(Entry entry) {
    if (entry.slot() >= leaves_) [[unlikely]]
      grow(entry.slot());
    ++size_;
    set(entry.slot(), entry);
  }
  void pop() { erase(top_.slot()); }
  void erase(std::uint32_t slot) {
    --size_;
    set(slot, none);
  }
  void replace_top(Entry entry) {
    if (entry.slot() == top_.slot()) [[likely]] {
      set(entry.slot(), entry);
    } else {
      pop();
      push(entry);
    }
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
      Entry* const siblings = levels_[level] + (slot & ~std::size_t{3});
      const std::size_t own = slot & 3;
      siblings[own] = entry;
      const Entry others = Entry::least(
          Entry::least(siblings[(own + 1) & 3], siblings[(own + 2) & 3]), siblings[(own + 3) & 3]);
      entry = Entry::least(others, entry); // the chain from level to level is this one only
      slot >>= 2;
    }
    top_ = entry;
  }

  [[gnu::noinline]] void grow(std::uint32_t slot) {
    std::uint32_t leaves = std::max(leaves_, std::uint32_t{16});
    while (leaves <= slot) leaves *= 4;
    std::size_t nodes = 0;
    for (std::uint32_t width = leaves; width > 1; width /= 4) nodes += width;
    std::unique_ptr<Entry[], Release> block(
        static_cast<Entry*>(::operator new[](nodes * sizeof(Entry), std::align_val_t{64})));
    std::fill(block.get(), block.get() + nodes, none);
    std::copy(levels_[0], levels_[0] + leaves_, block.get());
    depth_ = 0;
    Entry* next = block.get();
    for (std::uint32_t width = leaves; width > 1; width /= 4) {
      levels_[depth_++] = next;
      next += width;
    }
    block_ = std::move(block);
    leaves_ = leaves;
    for (std::uint32_t leaf = 0; leaf < leaves; leaf += 4) set(leaf, levels_[0][leaf]);
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
