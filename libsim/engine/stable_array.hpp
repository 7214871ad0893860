// StableArray: an array that grows without moving its elements, so references stay good.
//
// It grows in blocks, each as large as all before it: the address of an element needs one table of
// a few pointers, and an array of few elements stays small. Blocks of megabytes ask for huge pages:
// at a million elements the page table would otherwise cost more than the elements.
#pragma once

#include <sys/mman.h>

#include <algorithm>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <new>
#include <type_traits>

namespace windtunnel::engine {

template <class T, int first_bits> class StableArray {
public:
  StableArray() = default;
  StableArray(const StableArray&) = delete;
  StableArray& operator=(const StableArray&) = delete;
  ~StableArray() {
    for (int block = 0; block < blocks_used_; ++block)
      ::operator delete (blocks_[block], std::align_val_t{alignment_of(block)});
  }

  std::uint32_t size() const { return size_; }
  T& operator[](std::uint32_t i) const {
    if (i < first) return blocks_[0][i]; // a small array is one block
    // Block k holds the elements whose index + first has its top bit at first_bits + k.
    const std::uint32_t shifted = i + first;
    const int top = std::bit_width(shifted) - 1;
    return blocks_[top - first_bits][shifted ^ (1u << top)];
  }
  /// The index of a new element, value-initialised.
  std::uint32_t grow() {
    if (std::has_single_bit(size_ + first)) [[unlikely]]
      add_block();
    new (&(*this)[size_]) T();
    return size_++;
  }

private:
  static_assert(std::is_trivially_destructible_v<T>);
  static constexpr std::uint32_t first = 1u << first_bits;
  static constexpr std::size_t huge = std::size_t{2} << 20;
  static std::size_t bytes_of(int block) { return (sizeof(T) << first_bits) << block; }
  static std::size_t alignment_of(int block) {
    return bytes_of(block) >= 2 * huge ? huge : std::max<std::size_t>(64, alignof(T));
  }
  void add_block() {
    const std::size_t bytes = bytes_of(blocks_used_), alignment = alignment_of(blocks_used_);
    void* const memory = ::operator new (bytes, std::align_val_t{alignment});
    if (alignment == huge) madvise(memory, bytes, MADV_HUGEPAGE); // advice: may be refused
    blocks_[blocks_used_++] = static_cast<T*>(memory);
  }

  T* blocks_[32 - first_bits] = {};
  std::uint32_t size_ = 0;
  int blocks_used_ = 0;
};

} // namespace windtunnel::engine
