// Entry: a pending event as the event set orders it, 16 bytes.
//
//   time (64 bits)  |  priority (4)  sequence (36)  slot (24)
//
// One unsigned 128-bit comparison gives the whole order: time, then priority, then insertion. The
// low word is unique in a run, so it is also the event's handle, and a slot that holds another word
// proves a handle stale. Limits, both checked: 2^36 events in a run, 2^24 - 1 pending at once.
#pragma once

#include <cstddef>
#include <cstdint>

namespace windtunnel::engine {

/// Names one scheduled event. Default-constructed: none. Stale handles are harmless.
class EventHandle {
public:
  EventHandle() = default;
  explicit operator bool() const { return word_ != 0; }
  friend bool operator==(EventHandle, EventHandle) = default;

private:
  friend class EventQueue;
  explicit EventHandle(std::uint64_t word) : word_(word) {}
  std::uint64_t word_ = 0;
};

struct Entry {
  std::uint64_t time = 0; ///< nanoseconds
  std::uint64_t word = 0;

  static constexpr int slot_bits = 24, sequence_bits = 36;
  static constexpr std::uint32_t no_slot = (1u << slot_bits) - 1; ///< all others may be slots
  static constexpr std::uint64_t max_sequence = std::uint64_t{1} << sequence_bits;
  static constexpr int lowest_priority = 15; ///< 0 fires first among equal times

  static std::uint64_t word_of(int priority, std::uint64_t sequence, std::uint32_t slot) {
    return (static_cast<std::uint64_t>(priority) << (slot_bits + sequence_bits)) |
           (sequence << slot_bits) | slot;
  }
  static std::uint32_t slot_of(std::uint64_t word) {
    return static_cast<std::uint32_t>(word & no_slot);
  }
  std::uint32_t slot() const { return slot_of(word); }

  friend bool operator<(const Entry& a, const Entry& b) { return a.key() < b.key(); }
  /// The lesser, chosen without a branch: GCC 12 makes one of `b < a ? b : a`, which mispredicts.
  static Entry least(Entry a, const Entry& b) {
#if defined(__x86_64__) && defined(__GNUC__)
    std::uint64_t scratch = b.time; // early clobbers: all is written before b is read last
    asm("cmpq %[a_word], %[b_word]\n\t"
        "sbbq %[a_time], %[scratch]\n\t"
        "cmovcq %[b_word], %[a_word]\n\t"
        "cmovcq %[b_time], %[a_time]"
        : [a_word] "+&r"(a.word), [a_time] "+&r"(a.time), [scratch] "+&r"(scratch)
        : [b_word] "r"(b.word), [b_time] "r"(b.time)
        : "cc");
    return a;
#else
    const std::uint64_t mask = b < a ? ~std::uint64_t{0} : 0;
    return {a.time ^ ((a.time ^ b.time) & mask), a.word ^ ((a.word ^ b.word) & mask)};
#endif
  }

private:
  __extension__ typedef unsigned __int128 Key;
  Key key() const { return (Key{time} << 64) | word; }
};

} // namespace windtunnel::engine
