#include "libsim/engine/frame_pool.hpp"

#include <array>
#include <new>

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
struct Lists {
  std::array<Free*, classes + 1> heads{};
  bool closed = false; // the thread is ending: later blocks go back at once
  ~Lists() {
    closed = true;
    for (Free* head : heads)
      while (head) {
        Free* const block = head;
        head = head->next;
        ::operator delete(block, alignment);
      }
  }
};
thread_local Lists lists;

} // namespace

void* take_block(std::size_t bytes) {
  const std::size_t size_class = (bytes + step - 1) / step;
  if (!WT_POOL_FRAMES || size_class > classes) return ::operator new(bytes, alignment);
  Free*& head = lists.heads[size_class];
  if (!head) return ::operator new(size_class* step, alignment);
  Free* const block = head;
  head = block->next;
  return block;
}

void give_block(void* block, std::size_t bytes) {
  const std::size_t size_class = (bytes + step - 1) / step;
  if (!WT_POOL_FRAMES || size_class > classes || lists.closed)
    return ::operator delete(block, alignment);
  Free* const free = static_cast<Free*>(block);
  free->next = lists.heads[size_class];
  lists.heads[size_class] = free;
}

} // namespace windtunnel::engine
