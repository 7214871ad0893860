#include "libsim/engine/event_queue.hpp"

#include <algorithm>

namespace windtunnel::engine {

std::uint64_t EventQueue::new_word(int priority, std::size_t slot) {
  WT_CHECK(sequence_ < (std::uint64_t{1} << sequence_bits), "2^36 events in one simulation");
  WT_CHECK(priority >= 0 && priority <= lowest_priority, "event priority outside [0, 15]");
  return (static_cast<std::uint64_t>(priority) << (slot_bits + sequence_bits)) |
         (sequence_++ << slot_bits) | slot;
}

EventHandle EventQueue::push(Time time, int priority, Callback callback) {
  if (free_.empty()) {
    WT_CHECK(slots_.size() < (std::size_t{1} << slot_bits), "2^24 events pending at once");
    free_.push_back(static_cast<std::uint32_t>(slots_.size()));
    slots_.emplace_back();
  }
  const std::size_t slot = free_.back();
  free_.pop_back();
  const std::uint64_t word = new_word(priority, slot);
  slots_[slot].word = word;
  slots_[slot].callback = std::move(callback);
  insert((Entry{static_cast<std::uint64_t>(time.ns())} << 64) | word);
  return EventHandle(word);
}

bool EventQueue::pending(EventHandle handle) const {
  const std::size_t slot = slot_of(handle.word_);
  return handle && slot < slots_.size() && slots_[slot].word == handle.word_;
}

bool EventQueue::cancel(EventHandle handle) {
  if (!pending(handle)) return false;
  Slot& slot = slots_[slot_of(handle.word_)];
  slot.word = 0;
  slot.callback.reset();
  free_.push_back(static_cast<std::uint32_t>(slot_of(handle.word_)));
  if (++dead_ > heap_.size() / 2 && heap_.size() > 64) purge();
  return true;
}

EventHandle EventQueue::reschedule(EventHandle handle, Time time, int priority) {
  if (!pending(handle)) return {};
  const std::size_t slot = slot_of(handle.word_);
  const std::uint64_t word = new_word(priority, slot);
  slots_[slot].word = word;
  insert((Entry{static_cast<std::uint64_t>(time.ns())} << 64) | word);
  ++dead_; // the old entry stays behind
  return EventHandle(word);
}

void EventQueue::insert(Entry entry) {
  std::size_t hole = heap_.size();
  heap_.push_back(entry);
  while (hole > 0) {
    const std::size_t parent = (hole - 1) / 4;
    if (heap_[parent] < entry) break;
    heap_[hole] = heap_[parent];
    hole = parent;
  }
  heap_[hole] = entry;
}

void EventQueue::remove_root() {
  const Entry last = heap_.back();
  heap_.pop_back();
  const std::size_t size = heap_.size();
  if (size == 0) return;
  std::size_t hole = 0;
  for (;;) {
    const std::size_t first = 4 * hole + 1;
    if (first >= size) break;
    std::size_t least = first;
    for (std::size_t child = first + 1; child < std::min(first + 4, size); ++child)
      if (heap_[child] < heap_[least]) least = child;
    if (last < heap_[least]) break;
    heap_[hole] = heap_[least];
    hole = least;
  }
  heap_[hole] = last;
}

void EventQueue::skip_dead() {
  while (!heap_.empty() && dead(heap_.front())) {
    remove_root();
    --dead_;
  }
}

void EventQueue::purge() {
  std::erase_if(heap_, [this](Entry entry) { return dead(entry); });
  dead_ = 0;
  // A sorted array is a heap of any arity.
  std::sort(heap_.begin(), heap_.end());
}

bool EventQueue::next_time(Time& time) {
  skip_dead();
  if (heap_.empty()) return false;
  time = nanoseconds(static_cast<std::int64_t>(heap_.front() >> 64));
  return true;
}

Callback EventQueue::pop(Time& time) {
  skip_dead();
  WT_CHECK(!heap_.empty(), "pop from an empty event queue");
  const Entry entry = heap_.front();
  remove_root();
  time = nanoseconds(static_cast<std::int64_t>(entry >> 64));
  Slot& slot = slots_[slot_of(word_of(entry))];
  Callback callback = std::move(slot.callback);
  slot.word = 0;
  free_.push_back(static_cast<std::uint32_t>(slot_of(word_of(entry))));
  return callback;
}

} // namespace windtunnel::engine
