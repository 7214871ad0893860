// EventQueue: pending events in order of (time, priority, insertion), and the clock they set.
//
// Three parts, each in its own header: entries order the events (entry.hpp, pending_set.hpp), slots
// hold what they do (event_slots.hpp), and a ring takes those scheduled for the present time, which
// are already in order and never touch the set.
//
//   push, pop      O(log n) up to 16,384 slots, flat beyond; no allocation per event
//   cancel         O(log n) up to there; beyond, O(1): the slot forgets the word, the entry is
//                  skipped when met, and purged when more than half of the entries are dead
//   reschedule     a cancel and a push that keep the slot
//
// The fired event stays at the top of the set while it runs, as a hole: the first event it
// schedules takes that place with one sift, where a pop and a push would be two.
#pragma once

#include "libsim/base/units.hpp"
#include "libsim/engine/event_slots.hpp"
#include "libsim/engine/pending_set.hpp"
#include "libsim/engine/ring.hpp"

namespace windtunnel::engine {

class EventQueue {
public:
  static constexpr int normal_priority = 8;

  /// The time of the last event fired, or that of advance().
  Time now() const { return nanoseconds(static_cast<std::int64_t>(now_)); }
  /// Moves the clock to `time`; nothing may be pending before.
  void advance(Time time) { now_ = static_cast<std::uint64_t>(time.ns()); }

  /// `what` is a callable, or the ProcessState* to resume. `time` is not before now(); priority in
  /// [0, 15].
  template <class What> EventHandle push(Time time, int priority, What&& what) {
    const std::uint64_t word = slots_.hold(
        std::forward<What>(what), [&](std::uint32_t slot) { return new_word(priority, slot); });
    enter({static_cast<std::uint64_t>(time.ns()), word}, priority);
    return EventHandle(word);
  }
  bool pending(EventHandle handle) const { return slots_.holds(handle.word_); }
  /// True when the event was pending; its callable is destroyed at once.
  bool cancel(EventHandle handle) {
    if (!pending(handle)) return false;
    slots_.destroy(Entry::slot_of(handle.word_));
    if (!set_.remove(handle.word_)) count_dead();
    return true;
  }
  /// Moves a pending event to `time`, behind what is there already; the new handle, none when the
  /// event is no longer pending.
  EventHandle reschedule(EventHandle handle, Time time, int priority) {
    if (!pending(handle)) return {};
    const std::uint32_t slot = Entry::slot_of(handle.word_);
    const std::uint64_t word = new_word(priority, slot);
    slots_[slot].word = word;
    if (!set_.remove(handle.word_)) count_dead();
    enter({static_cast<std::uint64_t>(time.ns()), word}, priority);
    return EventHandle(word);
  }
  std::size_t size() const { return set_.size() + ring_.size() - dead_ - (hole_ ? 1 : 0); }

  /// Finds the earliest event: its entry, or nullptr when nothing is pending. The entry is good
  /// until something is scheduled or cancelled.
  const Entry* first() {
    // Inlined by force: GCC 12 takes a function that only prefetches for one without effect, and
    // drops the call; with a million pending an event then costs twice the time.
    const auto prefetch = [this](const Entry& e) __attribute__((always_inline)) {
      __builtin_prefetch(&slots_[e.slot()], 1);
    };
    for (;;) {
      if (hole_) {
        hole_ = false;
        set_.pop();
      }
      first_in_ring_ = false;
      if (ring_.empty()) [[likely]] {
        if (set_.empty()) return nullptr;
        first_ = &set_.top(prefetch);
      } else if (!set_.empty() && set_.top(prefetch) < ring_.front()) {
        first_ = &set_.top(prefetch);
      } else {
        first_ = &ring_.front();
        first_in_ring_ = true;
      }
      if (slots_.live(*first_)) [[likely]]
        return first_;
      if (first_in_ring_)
        ring_.pop();
      else
        set_.pop();
      --dead_;
    }
  }
  /// Fires what first() found: sets the clock and runs the callable, or returns the process that
  /// is to resume.
  ProcessState* fire() {
    now_ = first_->time;
    const std::uint32_t slot = first_->slot();
    if (first_in_ring_)
      ring_.pop();
    else
      hole_ = true;
    return slots_.fire(slots_[slot], slot);
  }

  /// The process that resumes with what first() found; nullptr when it is a callable.
  const ProcessState* first_process() const { return EventSlots::process(slots_[first_->slot()]); }

private:
  std::uint64_t new_word(int priority, std::uint32_t slot) {
    WT_CHECK(sequence_ < Entry::max_sequence, "2^36 events in one simulation");
    WT_CHECK(priority >= 0 && priority <= Entry::lowest_priority, "priority outside [0, 15]");
    return Entry::word_of(priority, sequence_++, slot);
  }
  void enter(Entry entry, int priority) {
    if (entry.time == now_ && priority == normal_priority) {
      ring_.push(entry);
    } else if (hole_) {
      hole_ = false;
      set_.replace_top(entry);
    } else {
      set_.push(entry);
    }
  }
  void count_dead() {
    if (++dead_ > 64 && dead_ > (set_.size() + ring_.size()) / 2) [[unlikely]]
      purge();
  }
  void purge();

  std::uint64_t now_ = 0;
  std::uint64_t sequence_ = 1;
  std::size_t dead_ = 0; ///< entries whose event was cancelled or moved
  bool hole_ = false;    ///< the top of the set has fired
  bool first_in_ring_ = false;
  const Entry* first_ = nullptr;
  Ring<Entry> ring_;
  PendingSet set_;
  EventSlots slots_;
};

} // namespace windtunnel::engine
