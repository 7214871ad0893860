// Fluid: transfers in progress over links that they share max-min fairly, as a state that time is
// put forward in.
//
// Between two changes every flow moves at a constant rate (max_min.hpp): the level of the link that
// is its bottleneck. So flows of one bottleneck end in the order of their marks on one clock, that
// of the link, which runs at its level (virtual time, as engine/processor_sharing.hpp): a level
// that changes costs nothing for the flows. Transfers are fluid: no packets, no round trips, no
// slow start; a latency is waited for before the start.
//
// A batching window makes large runs cheap: rates are brought up to date a window after the first
// change that they do not know of, not at once. Until then a new flow stands still and what a
// finished one had lies idle, so each change costs at most a window.
//
// Contract. A value: a copy is what would happen from here on. Deterministic: flows that end at
// one time are told in the order of their starts. Time is whole nanoseconds: a flow ends at the
// first at which no more than a thousandth of a nanosecond's work is left (as
// engine/processor_sharing.hpp). A flow moves its size exactly: bytes are counted when it ends, or,
// whole ones, when it is cancelled.
//
//   Fluid fluid;
//   const auto nic = fluid.add_link(gigabytes_per_second(50));
//   fluid.start(std::array{LinkUse{nic}}, 1_GiB);
//   while (fluid.next() < Time::max())
//     for (const FlowId flow : fluid.advance(fluid.next())) ended(flow);
#pragma once

#include <compare>
#include <cstdint>
#include <span>
#include <vector>

#include "libsim/base/units.hpp"
#include "models/network/max_min.hpp"

namespace windtunnel::network {

/// Names one flow for ever; numbers are used again, generations are not.
struct FlowId {
  std::uint32_t number = 0, generation = 0;
  friend auto operator<=>(const FlowId&, const FlowId&) = default;
};

class Fluid {
public:
  explicit Fluid(Time window = {}, Time now = {}) : window_(window), now_(now) {}

  MaxMin::Link add_link(Bandwidth capacity);
  /// From now on; at zero what uses the link stands still.
  void set_capacity(MaxMin::Link link, Bandwidth capacity);

  /// A flow begins now. Throws ModelError for a negative size and as MaxMin::add_flow does.
  FlowId start(std::span<const LinkUse> route, Bytes size);
  /// Ends a flow before its time; what it has moved, in whole bytes.
  Bytes cancel(FlowId flow);

  Time now() const { return now_; }
  /// When something happens without our doing: a flow ends, or rates are brought up to date, which
  /// is at now() after a change (without a window). Time::max(): never.
  Time next() const;
  /// Moves to `time`, at most next(), and leaves what happens then to advance().
  void idle_until(Time time);
  /// Moves to `time`, at most next(), and returns the flows that end then; they are gone. When none
  /// ends, rates are brought up to date if it is time for that. So what is started for those that
  /// ended shares one update with their end. The answer lives until the next call.
  std::span<const FlowId> advance(Time time);

  bool active(FlowId flow) const;
  std::size_t active() const { return active_; }
  Bytes size(FlowId flow) const { return state(flow).size; }
  /// What is left now; fractions of bytes count.
  double left(FlowId flow) const;
  Bandwidth rate(FlowId flow) const;
  /// Of all flows that ended or were cancelled.
  Bytes moved() const { return moved_; }
  /// What the link has carried until now: share * bytes of each flow. Visits the flows on it.
  double carried(MaxMin::Link link) const;
  /// Rates, levels and loads as of the last update.
  const MaxMin& rates() const { return rates_; }
  std::uint64_t updates() const { return updates_; }

private:
  struct State {
    Bytes size{};
    double mark = 0;                  ///< of its link's clock when it ends; what is left before
    std::uint64_t order = 0;          ///< of its start
    MaxMin::Link link = MaxMin::none; ///< its bottleneck, whose clock it is on
    std::uint32_t generation = 0;     ///< odd: active
    std::uint32_t at = 0;             ///< among those of the clock
  };
  struct Mark {
    double value;
    std::uint32_t flow;
  };
  /// Of the flows of which a link is the bottleneck: bytes that one of them has moved.
  struct alignas(64) Clock { // one cache line
    double value = 0;        ///< at `since`
    double per_ns = 0;       ///< the link's level, bytes per nanosecond
    Time since{};
    std::vector<Mark> marks{}; ///< binary heap, the first to be reached on top
    double carried = 0;        ///< by the link, for flows that are gone
    bool end_changes = false;  ///< it is among end_changes_
  };
  const State& state(FlowId flow) const;
  double value(const Clock& clock) const;
  void changed();
  void update();
  void move(std::uint32_t flow);
  void end_changes(MaxMin::Link link);
  void take_off(std::uint32_t flow);
  void forget(std::uint32_t flow, double moved);
  void set_end(MaxMin::Link link);
  void end_flows_of(MaxMin::Link link);
  void place(Clock& clock, std::size_t at, Mark mark);
  void sift(Clock& clock, std::size_t at);
  void put_end(MaxMin::Link link, Time end);
  MaxMin::Link first_to_end() const;

  MaxMin rates_;
  Time window_, now_;
  Time update_at_ = Time::max();
  std::vector<State> flows_;
  std::vector<Clock> clocks_; ///< by links
  /// When clocks have their next end, as a tree: that of link l at [width + l], at [i] the earlier
  /// of [2 i] and [2 i + 1]; width is half its size.
  std::vector<Time> ends_;
  std::vector<MaxMin::Link> end_changes_;
  std::vector<FlowId> empty_; ///< without bytes: they end now
  std::vector<FlowId> ended_;
  std::size_t active_ = 0;
  std::uint64_t started_ = 0, updates_ = 0;
  Bytes moved_{};
};

} // namespace windtunnel::network
