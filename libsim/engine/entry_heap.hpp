// EntryHeap: a 4-ary heap of entries. Four children share one 64-byte cache line (the array is
// offset by three entries for that), and the least of them is found without a branch.
// O(log4 n) push, pop and replace_top; replace_top is one sift where pop and push would be two.
#pragma once

#include <algorithm>
#include <cstring>
#include <memory>
#include <new>

#include "libsim/engine/entry.hpp"

namespace windtunnel::engine {

class EntryHeap {
public:
  bool empty() const { return size_ == 0; }
  std::size_t size() const { return size_; }
  const Entry& top() const { return entries_[0]; }
  const Entry* begin() const { return entries_; }
  const Entry* end() const { return entries_ + size_; }
  void clear() { size_ = 0; }

  void push(Entry entry) {
    if (size_ == capacity_) [[unlikely]]
      grow();
    std::size_t hole = size_++;
    while (hole > 0) {
      const std::size_t parent = (hole - 1) / 4;
      if (!(entry < entries_[parent])) break;
      entries_[hole] = entries_[parent];
      hole = parent;
    }
    entries_[hole] = entry;
  }
  [[gnu::noinline]] void pop() {
    const Entry last = entries_[--size_];
    if (size_ > 0) sift_down(0, last);
  }
  void replace_top(Entry entry) { sift_down(0, entry); }

  /// Removes all entries for which `dead(entry)`.
  template <class Predicate> void purge(Predicate dead) {
    Entry* const kept = std::remove_if(entries_, entries_ + size_, dead);
    size_ = static_cast<std::size_t>(kept - entries_);
    for (std::size_t parent = size_ > 1 ? (size_ - 2) / 4 + 1 : 0; parent-- > 0;)
      sift_down(parent, entries_[parent]);
  }

private:
  void sift_down(std::size_t hole, Entry entry) {
    for (;;) {
      const std::size_t first = 4 * hole + 1;
      std::size_t least;
      if (first + 4 <= size_) [[likely]] {
        const std::size_t a = first + (entries_[first + 1] < entries_[first] ? 1 : 0);
        const std::size_t b = first + 2 + (entries_[first + 3] < entries_[first + 2] ? 1 : 0);
        least = entries_[b] < entries_[a] ? b : a;
      } else {
        if (first >= size_) break;
        least = first;
        for (std::size_t child = first + 1; child < size_; ++child)
          if (entries_[child] < entries_[least]) least = child;
      }
      if (!(entries_[least] < entry)) break;
      entries_[hole] = entries_[least];
      hole = least;
    }
    entries_[hole] = entry;
  }

  static constexpr std::size_t line = 64, offset = 3; // entries_[1] begins a cache line
  struct Release {
    void operator()(Entry* block) const { ::operator delete[](block, std::align_val_t{line}); }
  };
  [[gnu::noinline]] void grow() {
    const std::size_t capacity = capacity_ == 0 ? 60 : capacity_ * 2;
    std::unique_ptr<Entry[], Release> block(static_cast<Entry*>(
        ::operator new[]((capacity + offset) * sizeof(Entry), std::align_val_t{line})));
    if (size_ > 0) std::memcpy(block.get() + offset, entries_, size_ * sizeof(Entry));
    block_ = std::move(block);
    entries_ = block_.get() + offset;
    capacity_ = capacity;
  }

  std::unique_ptr<Entry[], Release> block_;
  Entry* entries_ = nullptr;
  std::size_t size_ = 0, capacity_ = 0;
};

} // namespace windtunnel::engine
