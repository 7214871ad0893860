#include "libsim/engine/event.hpp"

#include <memory>

#include "libsim/engine/simulation.hpp"

namespace windtunnel::engine {
namespace {

/// Succeeds by a pending event of the queue, which goes when the timeout does.
class Timeout final : public EventState {
public:
  Timeout(Simulation& sim, Time delay)
      : EventState(sim), pending_(sim.after(delay, Alarm(*this))) {}
  ~Timeout() override {
    if (pending_) sim().cancel(pending_);
  }

private:
  /// What the queue holds. When it goes, with the simulation perhaps, there is nothing to cancel.
  class Alarm {
  public:
    explicit Alarm(Timeout& owner) : owner_(&owner) {}
    Alarm(Alarm&& other) noexcept : owner_(std::exchange(other.owner_, nullptr)) {}
    Alarm& operator=(Alarm&&) = delete;
    ~Alarm() {
      if (owner_) owner_->pending_ = {};
    }
    void operator()() {
      Timeout& owner = *std::exchange(owner_, nullptr);
      owner.pending_ = {};
      owner.trigger(nullptr); // its end, perhaps
    }

  private:
    Timeout* owner_;
  };
  EventHandle pending_;
};

/// Waits for some of its events; listens to each of them.
class Combination final : public EventState {
public:
  Combination(Simulation& sim, std::span<const Event> events, std::size_t needed)
      : EventState(sim), needed_(needed), count_(events.size()) {
    parts_ = static_cast<Part*>(take_block(count_ * sizeof(Part)));
    for (std::size_t i = 0; i < count_; ++i) std::construct_at(parts_ + i, *this, events[i]);
  }
  ~Combination() override {
    std::destroy_n(parts_, count_);
    give_block(parts_, count_ * sizeof(Part));
  }
  void start() {
    const Event keep(*this); // triggering may drop what holds us
    for (std::size_t i = 0; i < count_ && !has_triggered(); ++i) parts_[i].listen();
    if (needed_ == 0) trigger(nullptr);
  }

private:
  class Part final : public EventListener {
  public:
    Part(Combination& owner, const Event& event) : owner_(owner), event_(event) {}
    void listen() {
      if (event_.triggered())
        triggered();
      else
        event_.state().add(*this);
    }
    void triggered() override { owner_.one_more(event_.error()); }

  private:
    Combination& owner_;
    Event event_;
  };

  void one_more(const std::exception_ptr& error) {
    if (has_triggered()) return;
    if (!error && --needed_ > 0) return;
    const Event keep(*this);
    for (std::size_t i = 0; i < count_; ++i) parts_[i].leave();
    trigger(error);
  }

  std::size_t needed_, count_;
  Part* parts_;
};

Event combination(Simulation& sim, std::span<const Event> events, std::size_t needed) {
  auto* const state = new Combination(sim, events, needed);
  const Event event(*state);
  state->start();
  return event;
}

} // namespace

EventState::~EventState() {
  while (first_) {
    EventListener& listener = *first_;
    remove(listener);
    listener.abandoned();
  }
}

void EventState::add(EventListener& listener) {
  listener.state_ = this;
  listener.next_ = nullptr;
  listener.previous_ = last_;
  (last_ ? last_->next_ : first_) = &listener;
  last_ = &listener;
}

void EventState::remove(EventListener& listener) {
  (listener.previous_ ? listener.previous_->next_ : first_) = listener.next_;
  (listener.next_ ? listener.next_->previous_ : last_) = listener.previous_;
  listener.state_ = nullptr;
}

void EventState::trigger(std::exception_ptr error) {
  if (triggered_) return;
  const Event keep(*this); // a listener may drop the last other copy
  triggered_ = true;
  error_ = std::move(error);
  std::exception_ptr thrown; // by the first listener that did; the others are told all the same
  while (first_) {
    EventListener& listener = *first_;
    remove(listener);
    try {
      listener.triggered();
    } catch (...) {
      if (!thrown) thrown = std::current_exception();
    }
  }
  if (thrown) std::rethrow_exception(thrown);
}

Event timeout_event(Simulation& sim, Time delay) { return Event(*new Timeout(sim, delay)); }

Event any_of(Simulation& sim, std::span<const Event> events) {
  return combination(sim, events, events.empty() ? 0 : 1);
}
Event all_of(Simulation& sim, std::span<const Event> events) {
  return combination(sim, events, events.size());
}

} // namespace windtunnel::engine
