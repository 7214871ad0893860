#include "libsim/engine/pending_set.hpp"

#include <algorithm>
#include <bit>

namespace windtunnel::engine {

void EntryTree::grow(std::uint32_t slot) {
  std::uint32_t leaves = std::max(leaves_, std::uint32_t{4});
  while (leaves <= slot) leaves *= 4;
  const std::size_t nodes = 2 * std::size_t{leaves}; // half of the inner ones are never used
  std::unique_ptr<Entry[], Release> block(
      static_cast<Entry*>(::operator new[](nodes * sizeof(Entry), std::align_val_t{64})));
  std::fill(block.get(), block.get() + nodes, none);
  if (leaves_ > 0) std::copy_n(&nodes_[leaves_], leaves_, &block[leaves]);
  nodes_ = std::move(block);
  leaves_ = leaves;
  levels_ = std::countr_zero(leaves);
  for (std::uint32_t leaf = 0; leaf < leaves; leaf += 4) set(leaf, nodes_[leaves + leaf]);
}

void PendingSet::push_elsewhere(Entry entry) {
  if (few_) {
    if (entry.slot() < EntryTree::max_slots) {
      tree_.grow(entry.slot());
      tree_.push(entry);
      return;
    }
    few_ = false;
    tree_.drain([this](const Entry& moved) { push_elsewhere(moved); });
  }
  if (entry.time >= far_.horizon()) {
    far_.insert(entry);
    return;
  }
  near_.push(entry);
  if (near_.size() > largest_heap && far_.horizon() == FarBuckets::everything) {
    far_.start(near_.begin(), near_.end());
    near_.clear();
  }
}

void PendingSet::replace_top_elsewhere(Entry entry) {
  if (!few_ && entry.time < far_.horizon()) {
    near_.replace_top(entry);
  } else {
    pop();
    push(entry);
  }
}

} // namespace windtunnel::engine
