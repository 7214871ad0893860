// Event: a one-shot occurrence that processes and callbacks wait for; copies name the same one.
//
//   Event door_open(sim);
//   co_await door_open;                                   // in a process
//   const Event either = any_of(sim, {door_open, timeout_event(sim, seconds(5))});
//   co_await either;
//   door_open.succeed();                                  // from anywhere
//
// Waiters are served in the order they came, at the time of the trigger, behind what is scheduled
// for it already. Waiting for an event that has triggered goes on at once. An event that fails
// throws in those who wait. A condition (any_of, all_of) holds its events and lets go of them when
// it triggers or nobody holds it any more; a timeout nobody holds is cancelled: neither leaves
// anything behind or keeps a run going. No allocation beyond the thread's pool.
#pragma once

#include <exception>
#include <initializer_list>
#include <span>
#include <utility>

#include "libsim/base/units.hpp"
#include "libsim/engine/frame_pool.hpp"

namespace windtunnel::engine {

class EventState;
class Simulation;

/// One who is told when an event triggers. Leaves the event's list when it is destroyed.
class EventListener {
public:
  EventListener() = default;
  EventListener(const EventListener&) = delete;
  EventListener& operator=(const EventListener&) = delete;
  /// Called once; the listener has left the list by then.
  virtual void triggered() = 0;
  /// The event is gone and will never trigger; likewise called once, out of the list.
  virtual void abandoned() {}
  void leave();

protected:
  ~EventListener() { leave(); }

private:
  friend class EventState;
  EventState* state_ = nullptr;
  EventListener *previous_ = nullptr, *next_ = nullptr;
};

/// What the copies of an Event share; counted by them.
class EventState {
public:
  explicit EventState(Simulation& sim) : sim_(sim) {}
  EventState(const EventState&) = delete;
  EventState& operator=(const EventState&) = delete;
  virtual ~EventState();
  static void* operator new(std::size_t bytes) { return take_block(bytes); }
  static void operator delete(void* block, std::size_t bytes) { give_block(block, bytes); }

  Simulation& sim() const { return sim_; }
  bool has_triggered() const { return triggered_; }
  const std::exception_ptr& error() const { return error_; }
  /// Tells the listeners in order, once; further calls have no effect.
  void trigger(std::exception_ptr error);
  void add(EventListener& listener);
  void remove(EventListener& listener);
  void hold() { ++holders_; }
  void drop() {
    if (--holders_ == 0) delete this;
  }

private:
  Simulation& sim_;
  EventListener *first_ = nullptr, *last_ = nullptr;
  int holders_ = 0;
  bool triggered_ = false;
  std::exception_ptr error_;
};

inline void EventListener::leave() {
  if (state_) state_->remove(*this);
}

class Event {
public:
  explicit Event(Simulation& sim) : Event(*new EventState(sim)) {}
  explicit Event(EventState& state) noexcept : state_(&state) { state_->hold(); }
  Event(const Event& other) noexcept : Event(*other.state_) {}
  Event& operator=(const Event& other) {
    other.state_->hold();
    std::exchange(state_, other.state_)->drop();
    return *this;
  }
  ~Event() { state_->drop(); }

  void succeed() const { state_->trigger(nullptr); }
  void fail(std::exception_ptr error) const { state_->trigger(std::move(error)); }
  bool triggered() const { return state_->has_triggered(); }
  std::exception_ptr error() const { return state_->error(); }
  /// `then()` is called when the event triggers, at once when it has.
  template <class F> void subscribe(F then) const;
  friend bool operator==(const Event& a, const Event& b) { return a.state_ == b.state_; }
  EventState& state() const { return *state_; }

private:
  EventState* state_;
};

/// An event that succeeds after `delay`. Throws SimulationError for a negative delay.
Event timeout_event(Simulation& sim, Time delay);
/// Triggers with the first, or the last, of `events`; the first failure fails it. Of none: at once.
Event any_of(Simulation& sim, std::span<const Event> events);
Event all_of(Simulation& sim, std::span<const Event> events);
inline Event any_of(Simulation& sim, std::initializer_list<Event> events) {
  return any_of(sim, std::span(events.begin(), events.size()));
}
inline Event all_of(Simulation& sim, std::initializer_list<Event> events) {
  return all_of(sim, std::span(events.begin(), events.size()));
}

template <class F> void Event::subscribe(F then) const {
  if (triggered()) {
    then();
    return;
  }
  // Lives until the event triggers or is gone.
  class Subscriber final : public EventListener {
  public:
    explicit Subscriber(F then) : then_(std::move(then)) {}
    static void* operator new(std::size_t bytes) { return take_block(bytes); }
    static void operator delete(void* block, std::size_t bytes) { give_block(block, bytes); }
    void triggered() override {
      F local(std::move(then_));
      delete this;
      local();
    }
    void abandoned() override { delete this; }

  private:
    F then_;
  };
  state_->add(*new Subscriber(std::move(then)));
}

} // namespace windtunnel::engine
