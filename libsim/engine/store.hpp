// Store<T>: a queue of items between processes, bounded if wanted. put() waits for room, get() for
// an item; items leave in the order they came, or by `Before` (a priority store: the least first,
// equals in order). Getters are served in the order they came; one that asks for certain items
// (get_if) lets those behind it take what it does not want.
//
//   Store<int> queue(sim);
//   co_await queue.put(7);
//   int item = co_await queue.get();
//   const Store<int>::Wanted even = [](const int& i) { return i % 2 == 0; };
//   int two = co_await queue.get_if(even);
//
// An interrupted get leaves the queue; an item given to it meanwhile goes back to the front (of its
// equals), into a full store too. An interrupted put takes its item along; once the item is in, the
// put has happened: the co_await returns, and the interrupt is thrown by the next.
#pragma once

#include <functional>
#include <limits>
#include <optional>
#include <string>
#include <utility>

#include "libsim/engine/process.hpp"
#include "libsim/engine/ring.hpp"
#include "libsim/engine/wait_queue.hpp"

namespace windtunnel::engine {

/// Items leave in the order they came.
struct InOrder {
  template <class T> bool operator()(const T&, const T&) const { return false; }
};

template <class T, class Before = InOrder> class Store {
public:
  explicit Store(Simulation& sim, std::size_t capacity = std::numeric_limits<std::size_t>::max(),
                 std::string name = "store", Before before = {})
      : sim_(sim), capacity_(capacity), name_(std::move(name)), before_(std::move(before)) {}
  Store(const Store&) = delete;
  Store& operator=(const Store&) = delete;

  Simulation& sim() const { return sim_; }
  const std::string& name() const { return name_; }
  std::size_t size() const { return items_.size(); }
  std::size_t capacity() const { return capacity_; }

  /// Puts at once when there is room; false when there is none, or others wait. For plain events.
  bool try_put(T item) {
    if (items_.size() >= capacity_ || !putters_.empty()) return false;
    add(std::move(item));
    return true;
  }
  /// Takes at once; nullopt when empty. While there are items, nobody waits who wants one of them.
  std::optional<T> try_get() {
    if (items_.empty()) return std::nullopt;
    return take(0);
  }

  class Get;
  class GetIf;
  class Put;
  using Wanted = std::function<bool(const T&)>;
  Get get() { return Get(*this); }
  GetIf get_if(Wanted wanted) { return GetIf(*this, std::move(wanted)); }
  Put put(T item) { return Put(*this, std::move(item)); }

private:
  class GetAwaiter;
  class GetIfAwaiter;
  class PutAwaiter;

  /// Into its place, or into the hands of who waits for it.
  void add(T item) {
    if (items_.empty() && !getters_.empty() && !getters_.front().wanted_) {
      getters_.front().give(std::move(item)); // the usual hand-over
      return;
    }
    shelve(std::move(item));
    if (!getters_.empty()) serve();
  }
  void shelve(T item) {
    items_.push(std::move(item));
    for (std::size_t i = items_.size(); --i > 0 && before_(items_[i], items_[i - 1]);)
      std::swap(items_[i], items_[i - 1]);
  }
  void put_back(T item) {
    items_.push_front(std::move(item));
    for (std::size_t i = 1; i < items_.size() && before_(items_[i], items_[i - 1]); ++i)
      std::swap(items_[i], items_[i - 1]);
  }
  T remove(std::size_t i) { return i == 0 ? items_.pop() : items_.take(i); }
  T take(std::size_t i) {
    T item = remove(i);
    if (!putters_.empty()) serve();
    return item;
  }
  std::optional<std::size_t> find(const Wanted* wanted) {
    for (std::size_t i = 0; i < items_.size(); ++i)
      if (!wanted || (*wanted)(items_[i])) return i;
    return std::nullopt;
  }
  /// Putters move in while there is room; true when one did.
  bool admit() {
    bool moved = false;
    for (; !putters_.empty() && items_.size() < capacity_; moved = true) putters_.front().taken();
    return moved;
  }
  /// Whoever can be served now: getters in order, for each item that comes from the first again.
  void serve() {
    admit();
    for (GetAwaiter* getter = getters_.first(); getter;) {
      GetAwaiter* const next = getters_.after(*getter);
      const auto i = find(getter->wanted_);
      if (i) getter->give(remove(*i));
      getter = i && admit() ? getters_.first() : next;
    }
  }

  Simulation& sim_;
  std::size_t capacity_;
  std::string name_;
  Before before_;
  Ring<T> items_;
  WaitQueue<PutAwaiter> putters_;
  WaitQueue<GetAwaiter> getters_;
};

template <class T, class Before> class Store<T, Before>::GetAwaiter : public Wait, public WaitNode {
public:
  /// Gets any item, or with `wanted` what that accepts.
  GetAwaiter(Store& store, ProcessState& process, const Wanted* wanted)
      : store_(store), process_(process), wanted_(wanted) {}
  GetAwaiter(const GetAwaiter&) = delete;
  GetAwaiter& operator=(const GetAwaiter&) = delete;
  bool await_ready() {
    if (process_.interrupted()) return true;
    if (store_.items_.empty()) return false;
    const auto i = store_.find(wanted_);
    if (i) item_.emplace(store_.take(*i));
    return i.has_value();
  }
  void await_suspend(std::coroutine_handle<>) {
    process_.wait = this;
    store_.getters_.insert(*this);
  }
  T await_resume() {
    process_.throw_interrupt();
    return std::move(*item_);
  }
  void abandon() override {
    if (queued) store_.getters_.remove(*this);
    if (!item_) return;
    store_.put_back(std::move(*item_));
    item_.reset();
    if (!store_.getters_.empty()) store_.serve();
  }
  void forget() override {
    if (queued) store_.getters_.remove(*this);
  }
  std::string describe() const override { return "an item of '" + store_.name_ + "'"; }

private:
  friend class Store;
  friend class WaitQueue<GetAwaiter>;
  void give(T item) {
    store_.getters_.remove(*this);
    item_.emplace(std::move(item));
    process_.resume_soon();
  }
  Store& store_;
  ProcessState& process_;
  const Wanted* wanted_;
  std::optional<T> item_;
};

template <class T, class Before> class Store<T, Before>::GetIfAwaiter final : public GetAwaiter {
public:
  GetIfAwaiter(Store& store, ProcessState& process, Wanted wanted)
      : GetAwaiter(store, process, &held_), held_(std::move(wanted)) {}

private:
  Wanted held_;
};

template <class T, class Before> class Store<T, Before>::PutAwaiter final : public Wait,
                                                                            public WaitNode {
public:
  PutAwaiter(Store& store, T item, ProcessState& process)
      : store_(store), process_(process), item_(std::move(item)) {}
  PutAwaiter(const PutAwaiter&) = delete;
  PutAwaiter& operator=(const PutAwaiter&) = delete;
  bool await_ready() {
    if (process_.interrupted()) return true;
    if (store_.items_.size() >= store_.capacity_ || !store_.putters_.empty()) return false;
    store_.add(std::move(item_));
    return true;
  }
  void await_suspend(std::coroutine_handle<>) {
    process_.wait = this;
    store_.putters_.insert(*this);
  }
  void await_resume() {
    if (!taken_) process_.throw_interrupt();
  }
  void abandon() override {
    if (queued) store_.putters_.remove(*this); // else the item is in already, and stays
  }
  void forget() override {
    if (queued) store_.putters_.remove(*this);
  }
  std::string describe() const override { return "room in '" + store_.name_ + "'"; }

private:
  friend class Store;
  friend class WaitQueue<PutAwaiter>;
  void taken() {
    store_.putters_.remove(*this);
    store_.shelve(std::move(item_));
    taken_ = true;
    process_.resume_soon();
  }
  Store& store_;
  ProcessState& process_;
  T item_;
  bool taken_ = false; ///< after it has waited
};

template <class T, class Before> class Store<T, Before>::Get {
public:
  explicit Get(Store& store) : store_(store) {}
  GetAwaiter awaiter(ProcessState& process) { return GetAwaiter(store_, process, nullptr); }

private:
  Store& store_;
};

template <class T, class Before> class Store<T, Before>::GetIf {
public:
  GetIf(Store& store, Wanted wanted) : store_(store), wanted_(std::move(wanted)) {}
  GetIfAwaiter awaiter(ProcessState& process) {
    return GetIfAwaiter(store_, process, std::move(wanted_));
  }

private:
  Store& store_;
  Wanted wanted_;
};

template <class T, class Before> class Store<T, Before>::Put {
public:
  Put(Store& store, T item) : store_(store), item_(std::move(item)) {}
  PutAwaiter awaiter(ProcessState& process) {
    return PutAwaiter(store_, std::move(item_), process);
  }

private:
  Store& store_;
  T item_;
};

/// Items leave least first.
template <class T> using PriorityStore = Store<T, std::less<>>;

} // namespace windtunnel::engine
