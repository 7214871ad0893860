// Memory of coroutine frames and events: blocks of whole cache lines, free lists by size, one set a
// thread.
//
// Processes come and go by the million; malloc would be a third of their cost. A block is taken
// from and given to the list of the thread at hand, so a simulation may be destroyed on another
// thread than it ran on. Under AddressSanitizer every block is a malloc of its own, so that a
// stale frame is found.
#pragma once

#include <cstddef>

namespace windtunnel::engine {

void* take_block(std::size_t bytes);
void give_block(void* block, std::size_t bytes);

} // namespace windtunnel::engine
