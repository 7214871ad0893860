// WaitQueue: processes waiting for something, by priority (smaller first), then in the order they
// came. Its nodes are the awaiters in the processes' frames: waiting allocates nothing.
#pragma once

#include <cstddef>

#include "libsim/engine/process_state.hpp"

namespace windtunnel::engine {

/// What a process waits in when that is no more: for ever, unless interrupted or killed.
class WaitForNothing final : public Wait {
public:
  static void begin(ProcessState& process) {
    static WaitForNothing nothing;
    process.wait = &nothing;
  }
  void abandon() override {}
  std::string describe() const override { return "what is no more"; }
};

/// Base of an awaiter that stands in a WaitQueue.
struct WaitNode {
  WaitNode *previous = nullptr, *next = nullptr;
  int priority = 0;
  bool queued = false;
};

template <class Node> class WaitQueue {
public:
  WaitQueue() = default;
  WaitQueue(const WaitQueue&) = delete;
  WaitQueue& operator=(const WaitQueue&) = delete;
  /// Those who still wait are let go of.
  ~WaitQueue() {
    while (!empty()) {
      WaitForNothing::begin(front().process_);
      remove(front());
    }
  }

  bool empty() const { return first_ == nullptr; }
  std::size_t size() const { return size_; }
  Node& front() const { return static_cast<Node&>(*first_); }
  /// nullptr when empty.
  Node* first() const { return static_cast<Node*>(first_); }
  /// The node behind, nullptr at the end.
  static Node* after(const Node& node) { return static_cast<Node*>(node.next); }

  void insert(Node& node) {
    WaitNode* before = last_;
    while (before && before->priority > node.priority) before = before->previous;
    node.previous = before;
    node.next = before ? before->next : first_;
    (before ? before->next : first_) = &node;
    (node.next ? node.next->previous : last_) = &node;
    node.queued = true;
    ++size_;
  }
  void remove(Node& node) {
    (node.previous ? node.previous->next : first_) = node.next;
    (node.next ? node.next->previous : last_) = node.previous;
    node.queued = false;
    --size_;
  }

private:
  WaitNode *first_ = nullptr, *last_ = nullptr;
  std::size_t size_ = 0;
};

} // namespace windtunnel::engine
