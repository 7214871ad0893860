// EventQueue: pending events in order of (time, priority, insertion).
//
// An entry is 16 bytes and one unsigned 128-bit comparison gives the whole order: the time in the
// high half; in the low half 4 bits of priority, 36 of sequence number and 24 naming the slot that
// holds the callable. The low half is unique, so it is also the handle, and a slot that holds
// another one proves the handle stale: cancelling is O(1), the dead entry is skipped when met.
// Limits: 2^36 events in a run, 2^24 pending at once (both checked).
//
// The set is a 4-ary heap: four children share a cache line. Insert and pop are O(log n).
#pragma once

#include <cstddef>
#include <cstdint>
#include <new>
#include <type_traits>
#include <utility>
#include <vector>

#include "libsim/base/check.hpp"
#include "libsim/base/units.hpp"

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

/// A callable of at most 48 bytes, stored in place: no allocation per event.
class Callback {
public:
  static constexpr std::size_t capacity = 48;

  Callback() = default;
  template <class F>
  requires(!std::is_same_v<std::decay_t<F>, Callback>)
      Callback(F&& f) { // NOLINT: conversion is the point
    using Callable = std::decay_t<F>;
    static_assert(sizeof(Callable) <= capacity, "capture less: 48 bytes at most");
    static_assert(alignof(Callable) <= alignof(std::max_align_t));
    static_assert(std::is_nothrow_move_constructible_v<Callable>);
    new (storage_) Callable(std::forward<F>(f));
    operate_ = [](Operation operation, void* self, void* other) {
      auto* callable = static_cast<Callable*>(self);
      switch (operation) {
      case Operation::call:
        (*callable)();
        break;
      case Operation::move:
        new (other) Callable(std::move(*callable));
        [[fallthrough]];
      case Operation::destroy:
        callable->~Callable();
      }
    };
  }
  Callback(Callback&& other) noexcept { take(other); }
  Callback& operator=(Callback&& other) noexcept {
    if (this != &other) {
      reset();
      take(other);
    }
    return *this;
  }
  Callback(const Callback&) = delete;
  Callback& operator=(const Callback&) = delete;
  ~Callback() { reset(); }

  void operator()() { operate_(Operation::call, storage_, nullptr); }
  void reset() {
    if (operate_) operate_(Operation::destroy, storage_, nullptr);
    operate_ = nullptr;
  }

private:
  enum class Operation { call, move, destroy };

  void take(Callback& other) {
    operate_ = other.operate_;
    if (operate_) operate_(Operation::move, other.storage_, storage_);
    other.operate_ = nullptr;
  }

  alignas(std::max_align_t) std::byte storage_[capacity];
  void (*operate_)(Operation, void*, void*) = nullptr;
};

class EventQueue {
public:
  static constexpr int lowest_priority = 15; ///< 0 fires first among equal times

  /// `time` must not be negative; priority in [0, 15].
  EventHandle push(Time time, int priority, Callback callback);
  /// True when the event was pending; its callable is destroyed at once.
  bool cancel(EventHandle handle);
  /// Moves a pending event to `time`, behind what is there already; the new handle, none when the
  /// event is no longer pending.
  EventHandle reschedule(EventHandle handle, Time time, int priority);
  bool pending(EventHandle handle) const;
  std::size_t size() const { return heap_.size() - dead_; }
  /// Time of the earliest event; false when there is none.
  bool next_time(Time& time);
  /// Removes the earliest event; the queue must not be empty.
  Callback pop(Time& time);

private:
  __extension__ typedef unsigned __int128 Entry;
  struct Slot {
    std::uint64_t word = 0; // 0: free
    Callback callback;
  };
  static constexpr std::uint64_t slot_bits = 24, sequence_bits = 36;

  static std::uint64_t word_of(Entry entry) { return static_cast<std::uint64_t>(entry); }
  static std::size_t slot_of(std::uint64_t word) {
    return static_cast<std::size_t>(word & ((std::uint64_t{1} << slot_bits) - 1));
  }
  bool dead(Entry entry) const { return slots_[slot_of(word_of(entry))].word != word_of(entry); }
  std::uint64_t new_word(int priority, std::size_t slot);
  void insert(Entry entry);
  void remove_root();
  void skip_dead();
  void purge();

  std::vector<Entry> heap_;
  std::vector<Slot> slots_;
  std::vector<std::uint32_t> free_;
  std::uint64_t sequence_ = 1;
  std::size_t dead_ = 0;
};

} // namespace windtunnel::engine
