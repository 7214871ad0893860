// EventSlots: what pending events do, in 64-byte slots that never move.
//
// A slot holds a callable of at most 48 bytes in place (a compile error when larger), so scheduling
// allocates nothing; or it names the process that will resume. Slots are handed out last in, first
// out, so a callback that schedules itself again finds its slot hot.
#pragma once

#include <cstring>
#include <new>
#include <type_traits>
#include <utility>

#include "libsim/base/check.hpp"
#include "libsim/engine/entry.hpp"
#include "libsim/engine/stable_array.hpp"

namespace windtunnel::engine {

class Resumable;

class EventSlots {
public:
  EventSlots() = default;
  EventSlots(const EventSlots&) = delete;
  EventSlots& operator=(const EventSlots&) = delete;
  ~EventSlots() {
    for (std::uint32_t i = 0; i < slots_.size(); ++i)
      if (slots_[i].word != 0) destroy(i);
  }

  struct alignas(64) Slot {
    // Aligned for any callable: the payload comes first.
    alignas(std::max_align_t) std::byte payload[48];
    void (*operate)(EventSlots*, Slot&, std::uint32_t); ///< none: the payload names a process
    std::uint64_t word;                                 ///< of the event it holds; 0: free
  };
  static_assert(sizeof(Slot) == 64);

  /// A free slot with its callable; `word_of(slot)` makes the word it carries from now on.
  template <class F, class WordOf> std::uint64_t hold(F&& callable, WordOf word_of) {
    using Callable = std::decay_t<F>;
    static_assert(sizeof(Callable) <= sizeof(Slot::payload), "capture less: 48 bytes at most");
    static_assert(alignof(Callable) <= alignof(std::max_align_t));
    static_assert(std::is_nothrow_move_constructible_v<Callable>,
                  "what a callback captures must move without throwing");
    std::uint32_t index;
    Slot& slot = take(index);
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
      slots->free(self, own_index);
      local();
    };
    return slot.word = word_of(index);
  }
  template <class WordOf> std::uint64_t hold(Resumable* process, WordOf word_of) {
    std::uint32_t index;
    Slot& slot = take(index);
    slot.operate = nullptr;
    std::memcpy(slot.payload, &process, sizeof process);
    return slot.word = word_of(index);
  }

  const Slot& operator[](std::uint32_t index) const { return slots_[index]; }
  /// Gives a pending event another word.
  std::uint64_t rename(std::uint32_t index, std::uint64_t word) {
    return slots_[index].word = word;
  }
  /// Whether a word from outside, which may be of no slot at all, is of an event to come.
  bool holds(std::uint64_t word) const {
    const std::uint32_t index = Entry::slot_of(word);
    return word != 0 && index < slots_.size() && slots_[index].word == word;
  }
  /// Whether the event of a word of ours is still to come.
  bool live(std::uint64_t word) const { return slots_[Entry::slot_of(word)].word == word; }
  /// The event of the slot is pending no longer; destroy() is to follow.
  void forget(std::uint32_t index) { slots_[index].word = 0; }
  /// Ends an event without running it.
  void destroy(std::uint32_t index) {
    Slot& slot = slots_[index];
    slot.word = 0; // first: a destructor may look
    if (slot.operate) slot.operate(nullptr, slot, index);
    free(slot, index);
  }
  /// Runs the callable of a slot, or returns the process to resume. The slot is free by then.
  Resumable* fire(std::uint32_t index) {
    Slot& slot = slots_[index];
    if (slot.operate) {
      slot.operate(this, slot, index);
      return nullptr;
    }
    Resumable* const named = process(slot);
    free(slot, index);
    return named;
  }
  /// The process an event resumes; nullptr when it is a callable.
  Resumable* process(std::uint32_t index) const { return process(slots_[index]); }

private:
  static constexpr std::uint32_t nothing = ~std::uint32_t{0};

  static Resumable* process(const Slot& slot) {
    Resumable* process = nullptr;
    if (!slot.operate) std::memcpy(&process, slot.payload, sizeof process);
    return process;
  }
  /// A free slot; its index is left in `index`.
  Slot& take(std::uint32_t& index) {
    index = free_;
    if (index == nothing) [[unlikely]]
      return add(index);
    Slot& slot = slots_[index];
    std::memcpy(&free_, slot.payload, sizeof free_);
    return slot;
  }
  [[gnu::noinline]] Slot& add(std::uint32_t& index) {
    WT_CHECK(slots_.size() < Entry::no_slot, "2^24 - 1 events pending at once");
    return slots_[index = slots_.grow()];
  }
  void free(Slot& slot, std::uint32_t index) {
    slot.word = 0;
    std::memcpy(slot.payload, &free_, sizeof free_);
    free_ = index;
  }

  StableArray<Slot, 7> slots_; // 128 at first: 8 KiB
  std::uint32_t free_ = nothing;
};

} // namespace windtunnel::engine
