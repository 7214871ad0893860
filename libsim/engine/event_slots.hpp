// EventSlots: what pending events do, in 64-byte slots that never move.
//
// A slot holds a callable of at most 48 bytes in place (a compile error when larger), so scheduling
// allocates nothing; or it names the process that will resume. Slots are handed out last in, first
// out, so a callback that schedules itself again finds its slot hot. They grow in chunks, each
// twice the last: a small simulation stays small, and the address of a slot needs one table of 18
// pointers.
#pragma once

#include <bit>
#include <cstring>
#include <memory>
#include <new>
#include <type_traits>
#include <utility>

#include "libsim/base/check.hpp"
#include "libsim/engine/entry.hpp"

namespace windtunnel::engine {

class ProcessState;

class EventSlots {
public:
  EventSlots() = default;
  EventSlots(const EventSlots&) = delete;
  EventSlots& operator=(const EventSlots&) = delete;
  ~EventSlots() {
    for (std::uint32_t i = 0; i < used_; ++i)
      if (at(i).word != 0) destroy(i);
  }

  /// A free slot with its callable; `word_of(slot)` makes the word it carries from now on.
  template <class F, class WordOf> std::uint64_t hold(F&& callable, WordOf word_of) {
    using Callable = std::decay_t<F>;
    static_assert(sizeof(Callable) <= payload_bytes, "capture less: 48 bytes at most");
    static_assert(alignof(Callable) <= alignof(std::max_align_t));
    static_assert(std::is_nothrow_move_constructible_v<Callable>);
    const std::uint32_t index = take();
    Slot& slot = at(index);
    new (slot.payload) Callable(std::forward<F>(callable));
    slot.operate = [](EventSlots* slots, Slot& self, std::uint32_t own_index) {
      auto* stored = std::launder(reinterpret_cast<Callable*>(self.payload));
      if (!slots) {
        stored->~Callable();
        return;
      }
      // Moved out and the slot freed before the call: what it schedules reuses the slot.
      Callable local(std::move(*stored));
      stored->~Callable();
      slots->free(own_index);
      local();
    };
    return slot.word = word_of(index);
  }
  template <class WordOf> std::uint64_t hold(ProcessState* process, WordOf word_of) {
    const std::uint32_t index = take();
    Slot& slot = at(index);
    slot.operate = nullptr;
    std::memcpy(slot.payload, &process, sizeof process);
    return slot.word = word_of(index);
  }

  /// Whether the event of an entry is still to come.
  bool live(const Entry& entry) const { return at(entry.slot()).word == entry.word; }
  /// The same of a word from outside, which may be of no slot at all.
  bool holds(std::uint64_t word) const {
    const std::uint32_t index = Entry::slot_of(word);
    return word != 0 && index < used_ && at(index).word == word;
  }
  void set_word(std::uint32_t index, std::uint64_t word) { at(index).word = word; }
  /// Ends a pending event without running it.
  void destroy(std::uint32_t index) {
    Slot& slot = at(index);
    slot.word = 0; // first: a destructor may look
    if (slot.operate) slot.operate(nullptr, slot, index);
    free(index);
  }
  /// Runs the callable of a slot, or returns the process to resume. The slot is free by then.
  ProcessState* fire(std::uint32_t index) {
    Slot& slot = at(index);
    if (slot.operate) {
      slot.operate(this, slot, index);
      return nullptr;
    }
    ProcessState* process;
    std::memcpy(&process, slot.payload, sizeof process);
    free(index);
    return process;
  }
  /// The process an event resumes; nullptr when it is a callable.
  ProcessState* process(std::uint32_t index) const {
    ProcessState* process = nullptr;
    if (!at(index).operate) std::memcpy(&process, at(index).payload, sizeof process);
    return process;
  }
  void prefetch(std::uint32_t index) const { __builtin_prefetch(&at(index), 1); }

private:
  static constexpr std::size_t payload_bytes = 48;
  struct alignas(64) Slot {
    // Aligned for any callable: the payload comes first.
    alignas(std::max_align_t) std::byte payload[payload_bytes];
    void (*operate)(EventSlots*, Slot&, std::uint32_t);
    std::uint64_t word;
  };
  static_assert(sizeof(Slot) == 64);
  static constexpr int first_bits = 7; // the first chunk has 128 slots
  static constexpr std::uint32_t first_slots = 1u << first_bits;

  // Chunk k holds the slots whose index + 128 has its top bit at 7 + k.
  Slot& at(std::uint32_t index) const {
    const std::uint32_t shifted = index + first_slots;
    const int chunk = std::bit_width(shifted) - 1 - first_bits;
    return chunks_[chunk][shifted ^ (first_slots << chunk)];
  }
  std::uint32_t take() {
    if (free_ != nothing) {
      const std::uint32_t index = free_;
      std::memcpy(&free_, at(index).payload, sizeof free_);
      return index;
    }
    const std::uint32_t shifted = used_ + first_slots;
    if (std::has_single_bit(shifted)) [[unlikely]]
      grow(std::bit_width(shifted) - 1 - first_bits);
    return used_++;
  }
  void free(std::uint32_t index) {
    Slot& slot = at(index);
    slot.word = 0;
    std::memcpy(slot.payload, &free_, sizeof free_);
    free_ = index;
  }
  void grow(int chunk) {
    WT_CHECK(used_ + (first_slots << chunk) <= Entry::max_slots, "2^24 events pending at once");
    owned_[chunk] = std::make_unique<Slot[]>(std::size_t{first_slots} << chunk);
    chunks_[chunk] = owned_[chunk].get();
  }

  static constexpr std::uint32_t nothing = ~std::uint32_t{0};
  static constexpr int most_chunks = Entry::slot_bits - first_bits + 1;
  Slot* chunks_[most_chunks] = {};
  std::uint32_t used_ = 0, free_ = nothing;
  std::unique_ptr<Slot[]> owned_[most_chunks];
};

} // namespace windtunnel::engine
