// Store<T>: a queue of items between processes, bounded if wanted. put() waits for room, get() for
// an item; items leave in the order they came, getters are served in the order they came.
//
//   Store<int> queue(sim);
//   co_await queue.put(7);
//   int item = co_await queue.get();
#pragma once

#include <deque>
#include <limits>
#include <list>
#include <optional>
#include <utility>

#include "libsim/engine/process.hpp"

namespace windtunnel::engine {

template <class T> class Store {
public:
  explicit Store(Simulation& sim, std::size_t capacity = std::numeric_limits<std::size_t>::max())
      : sim_(sim), capacity_(capacity) {}
  Store(const Store&) = delete;
  Store& operator=(const Store&) = delete;

  std::size_t size() const { return items_.size(); }
  std::size_t capacity() const { return capacity_; }

  /// Puts at once when there is room; false when there is none. For plain events.
  bool try_put(T item) {
    if (items_.size() >= capacity_ || !putters_.empty()) return false;
    items_.push_back(std::move(item));
    serve();
    return true;
  }
  /// Takes at once; nullopt when empty or others wait.
  std::optional<T> try_get() {
    if (items_.empty() || !getters_.empty()) return std::nullopt;
    std::optional<T> item(std::move(items_.front()));
    items_.pop_front();
    serve();
    return item;
  }

  class Get;
  class Put;
  Get get() { return Get(*this); }
  Put put(T item) { return Put(*this, std::move(item)); }

private:
  /// A process in one of the two queues: `item` is what it brings, or what it was given.
  struct Waiter {
    ProcessState* process;
    std::optional<T>* item;
  };
  using Queue = std::list<Waiter>;

  void serve() {
    for (bool moved = true; moved;) {
      moved = false;
      if (!putters_.empty() && items_.size() < capacity_) {
        Waiter waiter = putters_.front();
        putters_.pop_front();
        items_.push_back(std::move(**waiter.item));
        waiter.item->reset();
        waiter.process->resume_soon();
        moved = true;
      }
      if (!getters_.empty() && !items_.empty()) {
        Waiter waiter = getters_.front();
        getters_.pop_front();
        waiter.item->emplace(std::move(items_.front()));
        items_.pop_front();
        waiter.process->resume_soon();
        moved = true;
      }
    }
  }

  Simulation& sim_;
  std::size_t capacity_;
  std::deque<T> items_;
  Queue putters_, getters_;
};

template <class T> class Store<T>::Get {
public:
  explicit Get(Store& store) : store_(store) {}

  class Awaiter {
  public:
    Awaiter(Store& store, ProcessState& process) : store_(store), process_(process) {}
    Awaiter(const Awaiter&) = delete;
    Awaiter& operator=(const Awaiter&) = delete;
    bool await_ready() const noexcept { return false; }
    void await_suspend(Process::Handle) {
      const auto position = store_.getters_.insert(store_.getters_.end(), {&process_, &item_});
      process_.stop_waiting = [this, position] {
        if (item_) { // given, but interrupted before it resumed: it goes back to the front
          store_.items_.push_front(std::move(*item_));
          item_.reset();
          store_.serve();
        } else {
          store_.getters_.erase(position);
        }
      };
      store_.serve();
    }
    T await_resume() {
      process_.throw_pending();
      return std::move(*item_);
    }

  private:
    Store& store_;
    ProcessState& process_;
    std::optional<T> item_;
  };
  Awaiter awaiter(ProcessState& process) { return Awaiter(store_, process); }

private:
  Store& store_;
};

template <class T> class Store<T>::Put {
public:
  Put(Store& store, T item) : store_(store), item_(std::move(item)) {}

  class Awaiter {
  public:
    Awaiter(Store& store, T item, ProcessState& process)
        : store_(store), process_(process), item_(std::move(item)) {}
    Awaiter(const Awaiter&) = delete;
    Awaiter& operator=(const Awaiter&) = delete;
    bool await_ready() const noexcept { return false; }
    void await_suspend(Process::Handle) {
      const auto position = store_.putters_.insert(store_.putters_.end(), {&process_, &item_});
      process_.stop_waiting = [this, position] {
        if (item_) store_.putters_.erase(position); // not taken yet
      };
      store_.serve();
    }
    void await_resume() { process_.throw_pending(); }

  private:
    Store& store_;
    ProcessState& process_;
    std::optional<T> item_;
  };
  Awaiter awaiter(ProcessState& process) { return Awaiter(store_, std::move(item_), process); }

private:
  Store& store_;
  T item_;
};

} // namespace windtunnel::engine
