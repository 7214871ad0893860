// EntryTree: a 4-ary tournament tree of entries, whose leaf i belongs to slot i.
//
// Every node holds the least of its four children; a leaf without an event holds `none`, which no
// event is later than. An entry's path depends on its slot alone, so an update loads all of its
// path at once, walks a fixed number of levels and has no branch to mispredict: with a few thousand
// pending that beats a heap by half. An event that replaces the one that fired usually has its slot
// too, which makes taking one and adding one a single update; removing any entry is an update like
// another.
//
// The children of node i are 4i to 4i + 3, one cache line, and the leaves begin at a power of four,
// so a walk needs one base address and the node's own offset in bytes.
//
// O(log4 n) for everything, n the highest slot ever used; max_slots is where it stops to pay.
#pragma once

#include <limits>
#include <memory>
#include <new>

#include "libsim/engine/entry.hpp"

namespace windtunnel::engine {

class EntryTree {
public:
  static constexpr std::uint32_t max_slots = 16'384; ///< 512 KiB; beyond, caches are the limit

  bool empty() const { return size_ == 0; }
  std::size_t size() const { return size_; }
  const Entry& top() const { return top_; }
  /// Whether the event of that word is in the tree; the word may be of no slot at all.
  bool holds(std::uint64_t word) const {
    const std::uint32_t slot = Entry::slot_of(word);
    return reaches(slot) && nodes_[leaves_ + slot].word == word;
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
  bool large() const { return leaves_ >= 4096; }
  /// Of a large tree, the least of the quarter of all slots that `slot` is in, one of the next few
  /// to fire: rank 0; of its sixteenth, a dozen events ahead: rank 1. `none` when it has no event.
  const Entry& contender(std::uint32_t slot, int rank) const {
    return nodes_[(leaves_ + slot) >> (levels_ - 2 - 2 * rank)];
  }
  /// Empties the tree into `take(entry)`, in no order.
  template <class Take> void drain(Take take) {
    for (std::uint32_t slot = 0; slot < leaves_; ++slot)
      if (const Entry& entry = nodes_[leaves_ + slot]; entry.time != none.time) take(entry);
    *this = EntryTree();
  }

private:
  static constexpr Entry none{std::numeric_limits<std::uint64_t>::max(),
                              std::numeric_limits<std::uint64_t>::max()};

  void set(std::uint32_t slot, Entry entry) {
    constexpr std::size_t bytes = sizeof(Entry);
    std::size_t at = (leaves_ + slot) * bytes;
    const auto node =
        [base = reinterpret_cast<std::byte*>(nodes_.get())](std::size_t offset) -> Entry& {
      return *reinterpret_cast<Entry*>(base + offset);
    };
    do {
      node(at) = entry;
      const Entry others =
          Entry::least(Entry::least(node(at ^ bytes), node(at ^ 2 * bytes)), node(at ^ 3 * bytes));
      entry = Entry::least(others, entry); // the chain from level to level is this one only
      at = at / 4 & ~(bytes - 1);
    } while (at > bytes); // node 1 is the root
    top_ = entry;
  }

  struct Release {
    void operator()(Entry* block) const { ::operator delete[](block, std::align_val_t{64}); }
  };
  std::unique_ptr<Entry[], Release> nodes_;
  std::uint32_t leaves_ = 0; ///< a power of four, and the index of the first
  int levels_ = 0;           ///< its binary logarithm
  std::size_t size_ = 0;
  Entry top_ = none;
};

} // namespace windtunnel::engine
