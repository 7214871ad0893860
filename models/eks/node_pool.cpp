#include "models/eks/node_pool.hpp"

#include <algorithm>

namespace windtunnel::eks {

using engine::Event;
using usage::NodeUse;

NodePool::NodePool(engine::Simulation& sim, Config config)
    : sim_(sim), config_(std::move(config)), random_(sim.stream("pool/" + config_.name)),
      nodes_(trace::counter_of(config_.timeline, "NodePool " + config_.name, "nodes",
                               {"booting", "ready", "held", "spare"})) {
  for (int i = 0; i < config_.count + config_.spares; ++i) launch();
}

void NodePool::launch() {
  ++booting_;
  const Time up = sample_bring_up(config_.image, config_.image_pull, random_);
  sim_.after(up, [this] {
    if (shut_down_at_ != Time::max()) return;
    account();
    --booting_;
    ++ready_;
    serve();
  });
}

/// Books the node time since the last change.
void NodePool::account() {
  const Time span = sim_.now() - accounted_;
  accounted_ = sim_.now();
  unassigned_.add(NodeUse::bring_up, booting_, span);
  // Before the first job starts, ready nodes wait for the others of their gang.
  const int reserve = started_ ? std::min(ready_, config_.spares) : 0;
  unassigned_.add(NodeUse::spare, reserve, span);
  unassigned_.add(started_ ? NodeUse::idle : NodeUse::waiting, ready_ - reserve, span);
  if (span > Time{}) nodes_.set(sim_.now() - span, {booting_, ready_ - reserve, held_, reserve});
}

Event NodePool::acquire(int nodes) {
  if (nodes < 1 || nodes > config_.count)
    throw ModelError("node pool '" + config_.name + "' has " + std::to_string(config_.count) +
                     " nodes, a job asked for " + std::to_string(nodes));
  const Event granted(sim_);
  queue_.push_back({nodes, granted, false});
  account();
  serve();
  return granted;
}

Event NodePool::replace_one(bool* swapped) {
  account();
  --held_;
  launch();
  const Event granted(sim_);
  *swapped = ready_ > 0 && (queue_.empty() || !queue_.front().replacement);
  auto behind = queue_.begin();
  while (behind != queue_.end() && behind->replacement) ++behind;
  queue_.insert(behind, {1, granted, true});
  serve();
  return granted;
}

void NodePool::serve() {
  while (!queue_.empty()) {
    const Waiter& first = queue_.front();
    // Jobs share `count` nodes; the rest stay spares.
    if (ready_ < first.nodes) return;
    if (!first.replacement && held_ + first.nodes > config_.count) return;
    const Event granted = first.granted;
    ready_ -= first.nodes;
    held_ += first.nodes;
    started_ = true;
    queue_.pop_front();
    granted.succeed();
  }
}

void NodePool::release(int nodes) {
  account();
  held_ -= nodes;
  ready_ += nodes;
  serve();
}

void NodePool::shut_down() {
  account();
  shut_down_at_ = sim_.now();
  nodes_.set(shut_down_at_, {0, 0, 0, 0});
}

} // namespace windtunnel::eks
