// EventQueue: pending events in order of (time, priority, insertion), and the clock they set.
//
// Three parts, each in its own header: entries order the events (entry.hpp, pending_set.hpp), slots
// hold what they do (event_slots.hpp), and a ring takes those scheduled for the present time, which
// are already in order and never touch the set. A process resumed at the present time needs no
// slot: it remembers the word itself.
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

/// What events resume: a process, known here by the word of the event that will and by the number
/// of those who hold its record.
class Resumable {
public:
  static constexpr std::size_t record_bytes = 128;
  bool scheduled() const { return static_cast<bool>(wake_); }

protected:
  Resumable() = default;
  ~Resumable() = default;

private:
  friend class EventQueue;
  EventHandle wake_{};

protected:
  int holders_ = 0;
};

class EventQueue {
public:
  static constexpr int normal_priority = 8;
  static constexpr std::uint64_t never = std::numeric_limits<std::uint64_t>::max();

  EventQueue() = default;
  EventQueue(const EventQueue&) = delete;
  EventQueue& operator=(const EventQueue&) = delete;
  ~EventQueue();

  /// The time of the last event fired, or that of advance().
  Time now() const { return nanoseconds(static_cast<std::int64_t>(now_)); }
  /// Moves the clock to `time`; nothing may be pending before.
  void advance(Time time) { now_ = static_cast<std::uint64_t>(time.ns()); }

  /// `time` is not before now(). Throws SimulationError for a priority outside [0, 15].
  template <class F> EventHandle push(Time time, int priority, F&& callable) {
    check(priority);
    const std::uint64_t word = slots_.hold(
        std::forward<F>(callable), [&](std::uint32_t slot) { return new_word(priority, slot); });
    enter({static_cast<std::uint64_t>(time.ns()), word}, priority);
    return EventHandle(word);
  }
  bool pending(EventHandle handle) const { return slots_.holds(handle.word_); }
  /// True when the event was pending; its callable is destroyed at once.
  bool cancel(EventHandle handle) {
    if (!pending(handle)) return false;
    const std::uint32_t slot = Entry::slot_of(handle.word_);
    slots_.forget(slot);
    if (!set_.remove(handle.word_)) count_dead();
    slots_.destroy(slot); // last: a destructor may schedule and cancel
    return true;
  }
  /// Moves a pending event to `time`, behind what is there already; the new handle, none when the
  /// event is no longer pending.
  EventHandle reschedule(EventHandle handle, Time time, int priority) {
    if (!pending(handle)) return {};
    check(priority);
    const std::uint32_t slot = Entry::slot_of(handle.word_);
    const std::uint64_t word = slots_.rename(slot, new_word(priority, slot));
    if (!set_.remove(handle.word_)) count_dead();
    enter({static_cast<std::uint64_t>(time.ns()), word}, priority);
    return EventHandle(word);
  }
  /// Resumes a process that is not scheduled at the present time, behind what is there already.
  void push_now(Resumable& process) {
    const std::uint64_t word = new_word(normal_priority, Entry::no_slot);
    process.wake_ = EventHandle(word);
    ++process.holders_; // by the ring
    ring_.push({word, &process});
  }
  /// The same at `time`, which is not before now().
  void push(Time time, Resumable& process) {
    if (static_cast<std::uint64_t>(time.ns()) == now_) {
      push_now(process);
      return;
    }
    const std::uint64_t word =
        slots_.hold(&process, [&](std::uint32_t slot) { return new_word(normal_priority, slot); });
    process.wake_ = EventHandle(word);
    enter_set({static_cast<std::uint64_t>(time.ns()), word});
  }
  /// The process is scheduled no longer.
  void cancel(Resumable& process) {
    const EventHandle wake = std::exchange(process.wake_, {});
    if (wake && !cancel(wake)) count_dead(); // it is in the ring
  }
  std::size_t size() const { return set_.size() + ring_.size() - dead_ - (hole_ ? 1 : 0); }

  /// Finds the earliest event and tells its time in nanoseconds; `never` when nothing is pending.
  [[gnu::always_inline]] inline std::uint64_t first() {
    // Inlined by force, as prefetch() is: GCC 12 takes a function that only prefetches for one
    // without effect, and drops the call; with a million pending an event then costs twice the
    // time.
    const auto prefetch = [this](const Entry& e) __attribute__((always_inline)) {
      __builtin_prefetch(&slots_[e.slot()], 1);
    };
    for (;;) {
      if (hole_) {
        hole_ = false;
        set_.pop();
      }
      first_ = set_.empty() ? nullptr : &set_.top(prefetch);
      if (!ring_.empty()) [[unlikely]] {
        const Soon& soon = ring_.front();
        if (!first_ || first_->time != now_ || soon.word < first_->word) {
          first_ = nullptr;
          if (live(soon)) return now_;
          skip_soon();
          continue;
        }
      } else if (!first_) {
        return never;
      }
      if (set_.exact() || slots_.live(first_->word)) [[likely]]
        return first_->time;
      set_.pop();
      --dead_;
    }
  }
  /// Fires what first() found: sets the clock and runs the callable, or returns the process that
  /// is to resume.
  [[gnu::always_inline]] inline Resumable* fire() {
    Resumable* process = nullptr;
    if (first_) [[likely]] {
      now_ = first_->time;
      hole_ = true;
      process = slots_.fire(first_->slot());
    } else {
      process = ring_.front().process;
      const std::uint32_t slot = Entry::slot_of(ring_.front().word);
      ring_.drop();
      if (process)
        --process->holders_; // its frame holds it too
      else
        slots_.fire(slot);
    }
    if (process) process->wake_ = {};
    return process;
  }

  /// The word of what first() found.
  std::uint64_t first_word() { return first_ ? first_->word : ring_.front().word; }
  /// The process that resumes with what first() found; nullptr when it is a callable.
  const Resumable* first_process() {
    return first_ ? slots_.process(first_->slot()) : ring_.front().process;
  }

private:
  /// An event of the present time.
  struct Soon {
    std::uint64_t word;
    Resumable* process; ///< none: a callable, in the word's slot
  };
  bool live(const Soon& soon) const {
    return soon.process ? soon.process->wake_.word_ == soon.word : slots_.live(soon.word);
  }

  static void check(int priority) {
    if (priority < 0 || priority > Entry::lowest_priority) [[unlikely]]
      refuse_priority(priority);
  }
  [[noreturn]] static void refuse_priority(int priority);
  std::uint64_t new_word(int priority, std::uint32_t slot) {
    WT_CHECK(sequence_ < Entry::max_sequence, "2^36 events in one simulation");
    return Entry::word_of(priority, sequence_++, slot);
  }
  void enter(Entry entry, int priority) {
    if (entry.time == now_ && priority == normal_priority)
      ring_.push({entry.word, nullptr});
    else
      enter_set(entry);
  }
  void enter_set(Entry entry) {
    if (hole_) [[likely]] {
      hole_ = false;
      set_.replace_top(entry);
    } else {
      set_.push(entry);
    }
    if (const EntryTree* const tree = set_.large_tree()) prefetch(*tree, entry.slot());
  }
  /// With thousands pending, slots and processes lie in the second cache or beyond. What the change
  /// at `slot` has brought near the top of the tree is fetched: a slot some events ahead of its
  /// turn, then, when nearer, the process it names.
  [[gnu::always_inline]] void prefetch(const EntryTree& tree, std::uint32_t slot) {
    __builtin_prefetch(&slots_[tree.contender(slot, 1).slot()]);
    const Entry& next = tree.contender(slot, 0);
    if (next.time == never) return;
    if (const Resumable* const process = slots_.process(next.slot())) {
      const char* const record = reinterpret_cast<const char*>(process);
      for (const std::size_t line : {std::size_t{0}, Resumable::record_bytes,
                                     Resumable::record_bytes + 64}) // the frame behind the record
        __builtin_prefetch(record + line);
    }
  }
  void count_dead() {
    if (++dead_ > 64 && dead_ > (set_.size() + ring_.size()) / 2) [[unlikely]]
      purge();
  }
  void skip_soon(); ///< the ring's first, which is dead
  void purge();

  std::uint64_t now_ = 0;
  std::uint64_t sequence_ = 1;
  std::size_t dead_ = 0;         ///< entries whose event was cancelled or moved
  bool hole_ = false;            ///< the top of the set has fired
  const Entry* first_ = nullptr; ///< in the set; none: the ring's first
  Ring<Soon> ring_;
  PendingSet set_;
  EventSlots slots_;
};

} // namespace windtunnel::engine
