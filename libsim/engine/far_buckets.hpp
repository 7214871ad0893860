// FarBuckets: events that lie beyond a horizon, unsorted in buckets of equal width.
//
// Sorting a million pending events on every insert costs cache misses; most of them are far away.
// So only events before the horizon are kept sorted (by the PendingSet's heap), and the others lie
// in buckets until their turn comes: refill() hands over the next bucket, some two dozen events,
// and moves the horizon to its end. Widths are powers of two nanoseconds, so that bucket edges are
// exact. Events past the last bucket lie in one overflow list, from which the next set of buckets
// is made, its width chosen from the median of a sample. A bucket that turns out crowded is split
// into a finer rung of buckets (a ladder queue: Tang, Goh and Thng 2005), eight deep at most.
//
// Two details make it fast where textbook ladders are slow. A bucket's fill count lies in the word
// that names its first chunk, so an insert stores to the cold chunk and never loads it. And when a
// bucket is handed over, the caller can prefetch what its events point to.
#pragma once

#include <limits>
#include <utility>
#include <vector>

#include "libsim/engine/entry.hpp"
#include "libsim/engine/stable_array.hpp"

namespace windtunnel::engine {

class FarBuckets {
public:
  static constexpr std::uint64_t everything = std::numeric_limits<std::uint64_t>::max();

  /// Entries at or after this time belong here, those before it elsewhere. `everything`: not in
  /// use.
  std::uint64_t horizon() const { return horizon_; }
  std::size_t size() const { return size_; }

  /// Takes the entries of [begin, end) and sets the horizon to the earliest.
  void start(const Entry* begin, const Entry* end);
  /// entry.time >= horizon().
  void insert(Entry entry) {
    ++size_;
    if (entry.time >= overflow_from_) {
      overflow_.push_back(entry);
      return;
    }
    std::size_t deepest = depth_ - 1;
    while (deepest > 0 && entry.time >= rungs_[deepest].end) --deepest;
    put(rungs_[deepest], entry);
  }
  /// Hands the earliest bucket to `take(entry)` and raises the horizon; repeats until it gave
  /// something or nothing is left. When few are left, all are given and the horizon is
  /// `everything`.
  template <class Take> void refill(Take take) {
    const std::uint32_t bucket = next_bucket();
    std::size_t taken = 0;
    const auto count = [&](const Entry& entry) {
      take(entry);
      ++taken;
    };
    if (bucket == empty_bucket) { // no buckets any more
      for (const Entry& entry : overflow_) count(entry);
      overflow_.clear();
    } else {
      drain(bucket, count);
    }
    size_ -= taken;
  }
  template <class Predicate> void purge(Predicate dead);

private:
  static constexpr int chunk_entries = 15;
  static constexpr std::uint32_t none = std::numeric_limits<std::uint32_t>::max() >> 4;
  static constexpr std::uint32_t empty_bucket = std::numeric_limits<std::uint32_t>::max();
  struct alignas(64) Chunk { // 256 bytes; all chunks of a bucket but its first are full
    Entry entries[chunk_entries];
    std::uint32_t next = none;
  };
  struct Rung {
    std::uint64_t begin = 0, end = 0; ///< times it covers
    int shift = 0;                    ///< log2 of the width in nanoseconds
    std::size_t current = 0, count = 0;
    std::vector<std::uint32_t> heads{}; ///< first chunk << 4 | entries in it
    std::size_t bucket(std::uint64_t time) const { return (time - begin) >> shift; }
  };

  void put(Rung& rung, Entry entry) {
    std::uint32_t& head = rung.heads[rung.bucket(entry.time)];
    if ((head & 15) == 15) [[unlikely]] {
      const std::uint32_t chunk = new_chunk();
      chunks_[chunk].next = head >> 4;
      head = chunk << 4;
    }
    chunks_[head >> 4].entries[head & 15] = entry;
    ++head;
    ++rung.count;
  }
  std::uint32_t new_chunk();
  /// Gives a bucket's entries away and its chunks back.
  template <class Take> void drain(std::uint32_t head, Take take);
  std::size_t entries_in(std::uint32_t head) const;
  /// Detaches the earliest bucket that is not crowded; empty_bucket when there are none.
  std::uint32_t next_bucket();
  void rungs_from_overflow();
  void open_rung(std::uint64_t begin, std::uint64_t end, std::size_t entries, double per_ns);

  std::uint64_t horizon_ = everything, overflow_from_ = everything;
  std::vector<Rung> rungs_; ///< coarse to fine; the first depth_ are in use
  std::size_t depth_ = 0, size_ = 0;
  std::vector<Entry> overflow_, moved_;
  StableArray<Chunk, 4> chunks_;
  std::uint32_t free_chunk_ = none;
};

template <class Take> void FarBuckets::drain(std::uint32_t head, Take take) {
  if (head == empty_bucket) return;
  std::uint32_t filled = head & 15;
  for (std::uint32_t chunk = head >> 4; chunk != none; filled = chunk_entries) {
    Chunk& full = chunks_[chunk];
    const std::uint32_t next = full.next;
    if (next != none) __builtin_prefetch(&chunks_[next]);
    for (std::uint32_t i = 0; i < filled; ++i) take(full.entries[i]);
    full.next = free_chunk_;
    free_chunk_ = chunk;
    chunk = next;
  }
}

template <class Predicate> void FarBuckets::purge(Predicate dead) {
  std::erase_if(overflow_, dead);
  size_ = overflow_.size();
  for (std::size_t d = 0; d < depth_; ++d) {
    Rung& rung = rungs_[d];
    moved_.clear();
    for (std::size_t b = rung.current; b < rung.heads.size(); ++b)
      drain(std::exchange(rung.heads[b], empty_bucket),
            [this](const Entry& entry) { moved_.push_back(entry); });
    rung.count = 0;
    for (const Entry& entry : moved_)
      if (!dead(entry)) put(rung, entry);
    size_ += rung.count;
  }
}

} // namespace windtunnel::engine
