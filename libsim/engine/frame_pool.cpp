#include "libsim/engine/frame_pool.hpp"

#include <new>
#include <utility>

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define WT_POOL_FRAMES 0
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define WT_POOL_FRAMES 0
#endif
#endif
#ifndef WT_POOL_FRAMES
#define WT_POOL_FRAMES 1
#endif

namespace windtunnel::engine {
namespace {

constexpr std::size_t step = 64, classes = 32; // whole cache lines, up to 2 KiB
constexpr std::align_val_t alignment{step};

struct Free {
  Free* next;
};
// Without a destructor of its own, so that an access tests nothing; a guard, made with the first
// block that the thread gets or is given, empties it.
constinit thread_local Free* heads[classes + 1] = {};
enum class Pool { unguarded, open, closed }; // closed: the thread is ending
constinit thread_local Pool pool = Pool::unguarded;
struct Guard {
  Guard() { pool = Pool::open; }
  ~Guard() {
    pool = Pool::closed;
    for (Free*& head : heads)
      while (head) ::operator delete(std::exchange(head, head->next), alignment);
  }
};
thread_local Guard guard;

[[gnu::noinline]] void* new_block(std::size_t bytes) {
  [[maybe_unused]] const Guard& made = guard;
  return ::operator new(bytes, alignment);
}

void keep(void* block, std::size_t size_class) {
  Free* const free = static_cast<Free*>(block);
  free->next = std::exchange(heads[size_class], free);
}

/// A block given by a thread whose pool is not open.
[[gnu::noinline]] void give_elsewhere(void* block, std::size_t size_class) {
  if (pool == Pool::closed) return ::operator delete(block, alignment);
  [[maybe_unused]] const Guard& made = guard;
  keep(block, size_class);
}

} // namespace

void* take_block(std::size_t bytes) {
  const std::size_t size_class = (bytes + step - 1) / step;
  if (!WT_POOL_FRAMES || size_class > classes) [[unlikely]]
    return ::operator new(bytes, alignment);
  Free*& head = heads[size_class];
  if (!head) [[unlikely]]
    return new_block(size_class * step);
  return std::exchange(head, head->next);
}

void give_block(void* block, std::size_t bytes) {
  const std::size_t size_class = (bytes + step - 1) / step;
  if (!WT_POOL_FRAMES || size_class > classes) [[unlikely]]
    return ::operator delete(block, alignment);
  if (pool != Pool::open) [[unlikely]]
    return give_elsewhere(block, size_class);
  keep(block, size_class);
}

} // namespace windtunnel::engine
