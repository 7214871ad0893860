// Ring: a first-in, first-out queue in one array that doubles when full and never shrinks, so a
// queue in steady state allocates nothing.
#pragma once

#include <cstddef>
#include <memory>
#include <utility>

namespace windtunnel::engine {

template <class T> class Ring {
public:
  Ring() = default;
  Ring(const Ring&) = delete;
  Ring& operator=(const Ring&) = delete;
  ~Ring() {
    for (std::size_t i = 0; i < size_; ++i) std::destroy_at(place(i));
    if (items_) std::allocator<T>().deallocate(items_, capacity_);
  }

  bool empty() const { return size_ == 0; }
  std::size_t size() const { return size_; }
  T& front() { return *place(0); }
  T& operator[](std::size_t i) { return *place(i); }

  void push(T item) {
    if (size_ == capacity_) [[unlikely]]
      grow();
    std::construct_at(place(size_++), std::move(item));
  }
  void push_front(T item) {
    if (size_ == capacity_) [[unlikely]]
      grow();
    first_ = (first_ + capacity_ - 1) & (capacity_ - 1);
    ++size_;
    std::construct_at(place(0), std::move(item));
  }
  T pop() {
    T item = std::move(front());
    drop();
    return item;
  }
  /// The front goes, unread.
  void drop() {
    std::destroy_at(place(0));
    first_ = (first_ + 1) & (capacity_ - 1);
    --size_;
  }
  /// Removes the item at `i`, keeping the order of the others; O(n).
  T take(std::size_t i) {
    T item = std::move((*this)[i]);
    for (; i + 1 < size_; ++i) (*this)[i] = std::move((*this)[i + 1]);
    std::destroy_at(place(--size_));
    return item;
  }

private:
  T* place(std::size_t i) const { return items_ + ((first_ + i) & (capacity_ - 1)); }
  [[gnu::noinline]] void grow() {
    const std::size_t capacity = capacity_ == 0 ? 8 : capacity_ * 2;
    T* items = std::allocator<T>().allocate(capacity);
    for (std::size_t i = 0; i < size_; ++i) {
      std::construct_at(items + i, std::move(*place(i)));
      std::destroy_at(place(i));
    }
    if (items_) std::allocator<T>().deallocate(items_, capacity_);
    items_ = items;
    capacity_ = capacity;
    first_ = 0;
  }

  T* items_ = nullptr; // a power of two of them
  std::size_t capacity_ = 0, first_ = 0, size_ = 0;
};

} // namespace windtunnel::engine
