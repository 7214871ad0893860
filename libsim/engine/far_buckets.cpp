#include "libsim/engine/far_buckets.hpp"

#include <algorithm>
#include <bit>

namespace windtunnel::engine {
namespace {

constexpr double wanted_per_bucket = 24; ///< flat between 12 and 48 (bench/bench_engine)
constexpr std::size_t crowded = 512;     ///< a bucket with more is split
constexpr std::size_t few = 1024;        ///< fewer need no buckets
constexpr std::size_t max_depth = 8, sample_size = 1000;

std::uint64_t next_up(std::uint64_t time) { return time + 1; } // times stay below 2^63

} // namespace

std::uint32_t FarBuckets::new_chunk() {
  if (free_chunk_ == none) return chunks_.grow();
  return std::exchange(free_chunk_, chunks_[free_chunk_].next);
}

std::size_t FarBuckets::entries_in(std::uint32_t head) const {
  if (head == empty_bucket) return 0;
  std::size_t entries = head & 15;
  for (std::uint32_t chunk = chunks_[head >> 4].next; chunk != none; chunk = chunks_[chunk].next)
    entries += chunk_entries;
  return entries;
}

void FarBuckets::start(const Entry* begin, const Entry* end) {
  overflow_.assign(begin, end);
  size_ = overflow_.size();
  rungs_from_overflow();
}

/// A rung over [begin, end) for so many entries, at a density of `per_ns`.
void FarBuckets::open_rung(std::uint64_t begin, std::uint64_t end, std::size_t entries,
                           double per_ns) {
  if (depth_ == rungs_.size()) rungs_.emplace_back();
  Rung& rung = rungs_[depth_++];
  rung.begin = begin;
  rung.end = end;
  const double width = std::max(1.0, wanted_per_bucket / per_ns);
  rung.shift =
      static_cast<int>(std::bit_width(static_cast<std::uint64_t>(std::min(width, 4e18)))) - 1;
  // Sparse stretches must not cost memory without bound.
  while (((end - 1 - begin) >> rung.shift) >= 4 * entries + 16) ++rung.shift;
  rung.current = rung.count = 0;
  rung.heads.assign(((end - 1 - begin) >> rung.shift) + 1, empty_bucket);
}

/// The overflow becomes the coarsest rung; its far tail stays where it is.
void FarBuckets::rungs_from_overflow() {
  const auto earlier = [](const Entry& a, const Entry& b) { return a.time < b.time; };
  const auto [first, last] = std::minmax_element(overflow_.begin(), overflow_.end(), earlier);
  const std::uint64_t begin = first->time, latest = last->time;
  std::vector<std::uint64_t> sample;
  for (std::size_t i = 0; i < overflow_.size(); i += overflow_.size() / sample_size + 1)
    sample.push_back(overflow_[i].time);
  const auto middle = sample.begin() + static_cast<std::ptrdiff_t>(sample.size() / 2);
  std::nth_element(sample.begin(), middle, sample.end());

  const double n = static_cast<double>(overflow_.size());
  const double to_median = static_cast<double>(*middle - begin);
  const double per_ns =
      to_median > 0 ? 0.5 * n / to_median : n / (static_cast<double>(latest - begin) + 1);
  const double span = std::min(4 * n / per_ns, 9e18);
  const std::uint64_t end = std::min(next_up(latest), begin + static_cast<std::uint64_t>(span) + 1);
  depth_ = 0;
  // Insertions before the median add to what was sampled.
  open_rung(begin, end, overflow_.size(), 1.4 * per_ns);
  overflow_from_ = end;
  horizon_ = begin;
  std::vector<Entry> beyond;
  for (const Entry& entry : overflow_)
    if (entry.time >= end)
      beyond.push_back(entry);
    else
      put(rungs_[0], entry);
  overflow_ = std::move(beyond);
}

std::uint32_t FarBuckets::next_bucket() {
  for (;;) {
    if (depth_ == 0) {
      if (overflow_.size() <= few) { // the heap alone is faster
        horizon_ = overflow_from_ = everything;
        return empty_bucket;
      }
      rungs_from_overflow();
      continue;
    }
    Rung& rung = rungs_[depth_ - 1];
    if (rung.count == 0) {
      horizon_ = rung.end;
      --depth_;
      continue;
    }
    while (rung.heads[rung.current] == empty_bucket) ++rung.current;
    const std::size_t bucket = rung.current++;
    const std::uint32_t head = std::exchange(rung.heads[bucket], empty_bucket);
    const std::size_t entries = entries_in(head);
    rung.count -= entries;
    const std::uint64_t begin = rung.begin + (std::uint64_t{bucket} << rung.shift);
    const std::uint64_t end =
        std::min(rung.end, rung.begin + ((std::uint64_t{bucket} + 1) << rung.shift));
    if (entries > crowded && end - begin > 1 && depth_ < max_depth) {
      open_rung(begin, end, entries,
                static_cast<double>(entries) / static_cast<double>(end - begin));
      horizon_ = begin;
      moved_.clear();
      drain(head, [this](const Entry& entry) { moved_.push_back(entry); });
      for (const Entry& entry : moved_) put(rungs_[depth_ - 1], entry);
      continue;
    }
    if (rung.current < rung.heads.size() && rung.heads[rung.current] != empty_bucket) {
      const Chunk& next = chunks_[rung.heads[rung.current] >> 4];
      for (std::size_t line = 0; line < sizeof next; line += 64)
        __builtin_prefetch(reinterpret_cast<const char*>(&next) + line);
    }
    horizon_ = end;
    return head;
  }
}

} // namespace windtunnel::engine
