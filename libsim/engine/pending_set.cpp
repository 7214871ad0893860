#include "libsim/engine/pending_set.hpp"

namespace windtunnel::engine {

void EntryTree::grow(std::uint32_t slot) {
  std::uint32_t leaves = std::max(leaves_, std::uint32_t{16});
  while (leaves <= slot) leaves *= 4;
  std::size_t nodes = 0;
  for (std::uint32_t width = leaves; width > 1; width /= 4) nodes += width;
  std::unique_ptr<Entry[], Release> block(
      static_cast<Entry*>(::operator new[](nodes * sizeof(Entry), std::align_val_t{64})));
  std::fill(block.get(), block.get() + nodes, none);
  std::copy(levels_[0], levels_[0] + leaves_, block.get());
  depth_ = 0;
  Entry* next = block.get();
  for (std::uint32_t width = leaves; width > 1; width /= 4) {
    levels_[depth_++] = next;
    next += width;
  }
  block_ = std::move(block);
  leaves_ = leaves;
  for (std::uint32_t leaf = 0; leaf < leaves; leaf += 4) set(leaf, levels_[0][leaf]);
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
